package events

import (
	"context"
	"encoding/json"
	"time"

	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/service/timetable"
	"apex/internal/store"
)

// longest is how long the controller sleeps at most: a clock that is set forward
// must not keep a rule waiting.
const longest = time.Hour

// Controllers returns what looks when rules are due, and what tells of changes.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{
		controller.New(controller.Spec[Rule, RuleStatus]{
			Name: "events/rule", Table: Rules,
			Status:    func(r *Rule) *RuleStatus { return &r.Status },
			Reconcile: s.reconcile,
		}),
		controller.Loop("events/changes", s.watch),
	}
}

// due returns the last time at which a rule was due and the next. A schedule counts
// from when it was set.
func (r Rule) due(now time.Time) (last, next time.Time) {
	when, err := timetable.Parse(r.Spec.Schedule, time.UTC)
	if r.Spec.Schedule == "" || r.Spec.Disabled || err != nil {
		return last, next
	}
	after := r.Spec.Scheduled
	if r.Status.Looked.After(after) {
		after = r.Status.Looked
	}
	// A rate's first time is a period after its beginning, not the beginning.
	return when.Due(after, now, r.Spec.Scheduled, nil, nil)
}

// reconcile sends what is due, notes it in the same transaction, and waits for the
// next time.
func (s *Service) reconcile(ctx context.Context, snap store.Snapshot, key string) (RuleStatus, error) {
	seen, ok := Rules.Get(snap, key)
	if !ok {
		return RuleStatus{}, nil
	}
	now := s.now().UTC()
	last, next := seen.due(now)
	status := seen.Status
	if !last.IsZero() {
		err := s.store.Update(ctx, func(tx *store.Tx) error {
			rule, ok := Rules.Get(tx, key)
			if !ok || !rule.Spec.Scheduled.Equal(seen.Spec.Scheduled) {
				status = rule.Status
				return nil // changed meanwhile: it is looked at again anyway
			}
			rule.Status.Looked, status.Looked = now, now
			Rules.Put(tx, rule)
			rule.send(tx, last.Format(time.RFC3339), rule.tick(last).text(), now)
			return nil
		})
		if err != nil {
			return seen.Status, err
		}
	}
	if next.IsZero() {
		return status, nil
	}
	return status, controller.Again(min(next.Sub(now), longest))
}

// tick is the event that a schedule makes.
func (r Rule) tick(at time.Time) Event {
	scope, _ := arn.SplitKey(r.Key)
	return newEvent(Event{
		DetailType: "Scheduled Event", Source: "aws.events", Account: scope.Account, Region: scope.Region,
		Resources: []string{ruleARN(r.Key)}, Detail: json.RawMessage("{}"),
	}, at)
}
