package cloudwatch

import (
	"context"
	"time"

	"apex/internal/controller"
	"apex/internal/store"
)

// Controllers returns what keeps the service's resources true.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{
		controller.New(controller.Spec[Alarm, AlarmStatus]{
			Name: "cloudwatch/alarm", Table: Alarms, Workers: 2,
			Status:    func(a *Alarm) *AlarmStatus { return &a.Status },
			Reconcile: s.reconcileAlarm,
			Watch:     []controller.Trigger{controller.On(Alarms, parentKeys)},
		}),
	}
}

// parentKeys are the composite alarms that an alarm's change concerns.
func parentKeys(snap store.Snapshot, key string) []string {
	scope := scopeOfKey(key)
	var keys []string
	for _, parent := range parentsOf(snap, scope, key[len(scope.Prefix()):]) {
		keys = append(keys, scope.Key(parent))
	}
	return keys
}

// reconcileAlarm gives an alarm the state that it ought to have, and looks again
// when its next period has ended.
func (s *Service) reconcileAlarm(ctx context.Context, snap store.Snapshot, key string) (AlarmStatus, error) {
	alarm, ok := Alarms.Get(snap, key)
	if !ok {
		return AlarmStatus{}, nil
	}
	now := s.now().UTC()
	if f := alarm.Spec.Forced; f != nil && f.At.After(alarm.Status.Forced) {
		return s.force(ctx, alarm, now)
	}
	if alarm.Spec.Composite != nil {
		return s.reconcileComposite(ctx, snap, alarm, now)
	}
	period := s.period(alarm.Spec.Metric)
	end := now.Add(-settle).Truncate(period)
	again := controller.Again(end.Add(period + settle).Sub(now))
	if !end.After(alarm.Status.Forced) {
		return alarm.Status, again // a person's word holds until a period has ended after it
	}
	_, next := s.evaluate(alarm, now)
	if next.State == alarm.Status.State {
		return alarm.Status, again
	}
	status, err := s.transition(ctx, alarm, next, now, nil)
	if err != nil {
		return status, err
	}
	return status, again
}

// force takes over the state that a person set, and carries out its actions. The
// next evaluation is that of the next period.
func (s *Service) force(ctx context.Context, alarm Alarm, now time.Time) (AlarmStatus, error) {
	next := alarm.state()
	next.Forced = alarm.Spec.Forced.At
	status, err := s.transition(ctx, alarm, next, now, nil)
	if err != nil {
		return status, err
	}
	if alarm.Spec.Composite != nil {
		return status, controller.Again(s.profile.Period(time.Minute))
	}
	return status, controller.Again(s.period(alarm.Spec.Metric) + settle)
}

// transition writes a new status, its history and its notices in one transaction.
// The status is left alone if the alarm was changed meanwhile: then it is looked
// at again anyway. Unless hold is nil, it decides about the actions.
func (s *Service) transition(ctx context.Context, seen Alarm, next AlarmStatus, now time.Time, hold *bool) (AlarmStatus, error) {
	status := seen.Status
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		alarm, ok := Alarms.Get(tx, seen.Key)
		if !ok || !alarm.Spec.Updated.Equal(seen.Spec.Updated) {
			status = alarm.Status
			return nil
		}
		from := alarm.Status
		if from.State == "" {
			from.State, from.Reason = StateInsufficient, "Unchecked: Initial alarm creation"
		}
		alarm.Status = next
		Alarms.Put(tx, alarm)
		status = next
		if from.State != next.State {
			recordState(tx, alarm, from, next, now)
		}
		if hold != nil && *hold || hold == nil && from.State == next.State {
			return nil
		}
		act(tx, alarm, from.State, now)
		return nil
	})
	return status, err
}
