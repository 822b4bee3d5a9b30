package autoscaling

import (
	"context"
	"errors"
	"strings"
	"time"

	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/service/cloudwatch"
	"apex/internal/service/ecs"
	"apex/internal/store"
)

// openLook is how often a change that is not fulfilled yet is looked at.
const openLook = time.Second

// Controllers returns the one that scales the targets.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{controller.New(controller.Spec[Target, TargetStatus]{
		Name: "autoscaling/target", Table: Targets, Status: func(t *Target) *TargetStatus { return &t.Status },
		Reconcile: s.reconcile,
		Watch: []controller.Trigger{
			controller.On(cloudwatch.Alarms, alarmTargets),
			controller.On(ecs.Services, func(_ store.Snapshot, key string) []string { return []string{serviceTarget(key)} }),
			controller.On(Policies, func(_ store.Snapshot, key string) []string { return []string{targetKey(key)} }),
			controller.On(Actions, func(_ store.Snapshot, key string) []string { return []string{targetKey(key)} }),
		},
	})}
}

// targetKey takes the target's key from that of a policy or an action.
func targetKey(key string) string {
	return strings.Join(strings.SplitN(key, "|", 4)[:3], "|")
}

// serviceTarget is the key of the target that an ECS service may be.
func serviceTarget(key string) string {
	scope, id := arn.SplitKey(key)
	return scope.Key(owner{ecsNamespace, "service/" + id, ecsDimension}.id())
}

// alarmTargets are the targets whose policies an alarm calls.
func alarmTargets(snap store.Snapshot, key string) []string {
	a, _ := cloudwatch.Alarms.Get(snap, key)
	scope, _ := arn.SplitKey(key)
	var keys []string
	for _, action := range a.Spec.AlarmActions {
		_, rest, _ := strings.Cut(action, ":resource/"+ecsNamespace+"/")
		resource, _, ok := strings.Cut(rest, ":policyName/")
		if ok {
			keys = append(keys, scope.Key(owner{ecsNamespace, resource, ecsDimension}.id()))
		}
	}
	return keys
}

// errMoved says that the world changed between the decision and its transaction.
var errMoved = errors.New("the target changed meanwhile")

// reconcile looks at one target: what is due, what was fulfilled, and what the
// plan wants. All of it is written in one transaction.
func (s *Service) reconcile(ctx context.Context, snap store.Snapshot, key string) (TargetStatus, error) {
	t, ok := Targets.Get(snap, key)
	if !ok {
		return TargetStatus{}, nil
	}
	now := s.now().UTC().Round(0) // as it comes back from the disk
	turn := s.turn(snap, t, now)
	if err := turn.commit(ctx, s.store, snap, t); errors.Is(err, errMoved) {
		return t.Status, controller.Again(openLook)
	} else if err != nil {
		return t.Status, err
	}
	if turn.look.IsZero() {
		return turn.target.Status, nil
	}
	return turn.target.Status, controller.Again(max(turn.look.Sub(s.now()), 10*time.Millisecond))
}

// serviceOf is the store key of the ECS service that a target is.
func serviceOf(t Target) string {
	scope, _ := arn.SplitKey(t.Key)
	return scope.Key(strings.TrimPrefix(t.Spec.Owner.Resource, "service/"))
}

// commit writes a turn's outcome, unless what it was decided on has changed.
func (u *turn) commit(ctx context.Context, s *store.Store, snap store.Snapshot, before Target) error {
	if !u.changed {
		return nil
	}
	return s.Update(ctx, func(tx *store.Tx) error {
		desired, _, _ := ecs.Counts(tx, serviceOf(before))
		if Targets.Revision(tx, before.Key) != Targets.Revision(snap, before.Key) || desired != u.desired {
			return errMoved
		}
		if u.wanted != u.desired {
			if err := ecs.SetDesired(tx, serviceOf(before), u.wanted); err != nil {
				return err
			}
		}
		for _, key := range u.seen {
			Actions.Modify(tx, key, func(a *Action) { a.Status.Seen = u.now })
		}
		for _, a := range u.activities {
			Activities.Put(tx, a)
		}
		forget(tx, before.Key, u.now)
		Targets.Modify(tx, before.Key, func(t *Target) { t.Status = u.target.Status })
		return nil
	})
}

// kept is how long activities are told of (Application Auto Scaling API,
// DescribeScalingActivities: six weeks).
const kept = 6 * 7 * 24 * time.Hour

// forget removes activities that are too old.
func forget(tx *store.Tx, target string, now time.Time) {
	for key, a := range Activities.Prefix(tx, target+"|") {
		if now.Sub(a.Spec.Start) < kept {
			return
		}
		Activities.Delete(tx, key)
	}
}
