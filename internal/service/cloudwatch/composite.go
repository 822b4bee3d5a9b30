package cloudwatch

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"apex/internal/controller"
	"apex/internal/service/cloudwatch/rule"
	"apex/internal/store"
)

// reconcileComposite gives a composite alarm the state that its rule says, and
// carries out its actions unless they are suppressed.
func (s *Service) reconcileComposite(ctx context.Context, snap store.Snapshot, alarm Alarm, now time.Time) (AlarmStatus, error) {
	next := s.composed(snap, alarm, now)
	changed := next.State != alarm.state().State
	if alarm.Status.State == "" && next.State == StateInsufficient {
		return alarm.Status, nil
	}
	plan := suppress(suppression{
		rule: alarm.Spec.Composite, before: alarm.Status.Suppressed, changed: changed, now: now,
		suppressing: s.suppressing(snap, alarm), shorten: s.profile.Period,
	})
	next.Suppressed = plan.next
	if !changed && !plan.act && sameSuppression(plan.next, alarm.Status.Suppressed) {
		return alarm.Status, plan.again()
	}
	hold := !plan.act
	status, err := s.transition(ctx, alarm, next, now, &hold)
	if err != nil {
		return status, err
	}
	return status, plan.again()
}

func sameSuppression(a, b *Suppression) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// suppressing tells whether an alarm's suppressor is on.
func (s *Service) suppressing(r store.Reader, alarm Alarm) bool {
	scope := scopeOfKey(alarm.Key)
	state, _ := StateOf(r, scope, nameOf(scope, alarm.Spec.Composite.Suppressor))
	return state == StateAlarm
}

// composed works out a composite alarm's state from those of its children.
func (s *Service) composed(r store.Reader, alarm Alarm, now time.Time) AlarmStatus {
	scope, status := scopeOfKey(alarm.Key), alarm.state()
	parsed, err := rule.Parse(alarm.Spec.Composite.Rule)
	if err != nil {
		return status // the API lets none in that does not read
	}
	state := StateOK
	if parsed.Eval(func(child string) string {
		own, _ := StateOf(r, scope, nameOf(scope, child))
		return own
	}) {
		state = StateAlarm
	}
	if state == status.State || s.heldByHand(r, alarm, parsed.Alarms()) {
		return status
	}
	var newest Alarm
	type trigger struct {
		ARN   string         `json:"arn"`
		State map[string]any `json:"state"`
	}
	triggers := []trigger{}
	for _, child := range parsed.Alarms() {
		one, ok := Alarms.Get(r, scope.Key(nameOf(scope, child)))
		if !ok {
			continue
		}
		at := one.state()
		triggers = append(triggers, trigger{AlarmARN(scope, one.Spec.Name), map[string]any{"value": at.State, "timestamp": javaTime(at.Transitioned)}})
		if newest.Key == "" || at.Transitioned.After(newest.state().Transitioned) {
			newest = one
		}
	}
	status.State, status.Updated, status.Transitioned = state, now, now
	status.Reason = "The rule " + alarm.Spec.Composite.Rule + " holds no alarm"
	if newest.Key != "" {
		at := newest.state()
		status.Reason = fmt.Sprintf("%s transitioned to %s at %s", AlarmARN(scope, newest.Spec.Name), at.State, at.Transitioned.UTC().Format("Monday 02 January, 2006 15:04:05 MST"))
	}
	if data, err := json.Marshal(map[string]any{"triggeringAlarms": triggers}); err == nil {
		status.Data = string(data)
	}
	return status
}

// heldByHand tells whether a person set the state after everything that it is made
// of: then it holds until one of the children changes, or the rule.
func (s *Service) heldByHand(r store.Reader, alarm Alarm, children []string) bool {
	set, scope := alarm.Status.Forced, scopeOfKey(alarm.Key)
	if set.IsZero() || alarm.Spec.Updated.After(set) {
		return false
	}
	for _, child := range children {
		if one, ok := Alarms.Get(r, scope.Key(nameOf(scope, child))); ok && one.state().Transitioned.After(set) {
			return false
		}
	}
	return true
}

// A suppression is what is known when an alarm's actions are decided upon.
type suppression struct {
	rule        *CompositeRule
	before      *Suppression
	changed     bool // the alarm's state has just changed
	suppressing bool // the suppressor is on
	now         time.Time
	shorten     func(time.Duration) time.Duration
}

// An outcome says whether to act, and what holds it back.
type outcome struct {
	act  bool
	next *Suppression
	in   time.Duration // until the next look; 0 for none
}

func (o outcome) again() error {
	if o.in > 0 {
		return controller.Again(o.in)
	}
	return nil
}

// suppress decides about the actions of a composite alarm (CloudWatch: composite
// alarm action suppression). Without a suppressor they are carried out at a
// change. While it is on they are held back, and for a while after; before it is
// on they wait for it for a while. What was held back is carried out then, once,
// for the state that the alarm has.
func suppress(q suppression) outcome {
	if q.rule.Suppressor == "" {
		return outcome{act: q.changed}
	}
	pending := q.changed || q.before != nil && q.before.Pending
	hold := func(by, reason string, length time.Duration) outcome {
		next := &Suppression{By: by, Reason: reason, Since: q.now, Pending: pending}
		if q.before != nil && q.before.By == by && (by != "WaitPeriod" || !q.changed) {
			next.Since = q.before.Since
		}
		out := outcome{next: next}
		if by != "Alarm" {
			out.in = max(time.Millisecond, length-q.now.Sub(next.Since))
		}
		return out
	}
	wait, extension := q.length(q.rule.Wait), q.length(q.rule.Extension)
	switch before := q.before; {
	case q.suppressing && (pending || before != nil):
		return hold("Alarm", "Suppressor alarm is in ALARM", 0)
	case before != nil && before.By == "Alarm" && extension > 0,
		before != nil && before.By == "ExtensionPeriod" && q.now.Sub(before.Since) < extension:
		return hold("ExtensionPeriod", "Waiting for the extension period to end", extension)
	case q.changed && wait > 0 && before == nil,
		before != nil && before.By == "WaitPeriod" && q.now.Sub(before.Since) < wait:
		return hold("WaitPeriod", "Waiting for the suppressor alarm", wait)
	}
	return outcome{act: pending}
}

func (q suppression) length(seconds int) time.Duration {
	return q.shorten(time.Duration(seconds) * time.Second)
}
