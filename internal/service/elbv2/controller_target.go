package elbv2

import (
	"context"
	"time"

	"apex/internal/controller"
	"apex/internal/store"
)

// registrationController copies what balancers see to each target's row, and
// removes the rows of targets that have drained.
func (s *Service) registrationController() controller.Controller {
	ofGroup := func(snap store.Snapshot, key string) (keys []string) {
		for _, reg := range registrationsOf(snap, key) {
			keys = append(keys, reg.Key)
		}
		return keys
	}
	ofBalancer := func(snap store.Snapshot, key string) (keys []string) {
		for _, group := range groupsUsedBy(snap, key) {
			keys = append(keys, ofGroup(snap, group)...)
		}
		return keys
	}
	// A listener that let go of a group can no longer say which one it was.
	all := func(snap store.Snapshot, _ string) (keys []string) {
		for key := range Registrations.All(snap) {
			keys = append(keys, key)
		}
		return keys
	}
	return controller.New(controller.Spec[Registration, RegistrationStatus]{
		Name: "elbv2/target", Table: Registrations,
		Status:    func(r *Registration) *RegistrationStatus { return &r.Status },
		Reconcile: s.reconcileTarget,
		Workers:   16, // so that many rows that change at once are committed together
		Watch: []controller.Trigger{
			controller.On(LoadBalancers, ofBalancer), controller.On(TargetGroups, ofGroup),
			controller.On(Listeners, all), controller.On(Rules, all),
		},
	})
}

func (s *Service) reconcileTarget(ctx context.Context, snap store.Snapshot, key string) (RegistrationStatus, error) {
	reg, ok := Registrations.Get(snap, key)
	if !ok {
		return RegistrationStatus{}, nil
	}
	group, ok := TargetGroups.Get(snap, reg.Spec.Group)
	if !ok {
		return RegistrationStatus{}, controller.Remove
	}
	balancer, used := LoadBalancers.Get(snap, balancerOf(snap, group.Key))
	if !reg.Spec.Deregistered {
		if !used {
			return unused(), nil
		}
		return statusOf(balancer.Status.Targets[key]), nil
	}
	now := s.env.Now()
	until := reg.Status.DrainUntil
	if until.IsZero() {
		until = now.Add(newPlanner(s.env).drainFor(&group)).UTC().Round(0)
	}
	if !used || balancer.Status.Targets[key].Drained || now.After(until.Add(cutGrace)) {
		return draining(until), s.forget(ctx, key)
	}
	return draining(until), controller.Again(max(time.Until(until.Add(cutGrace)), cutGrace))
}

// forget removes a row, unless its target was registered again meanwhile.
func (s *Service) forget(ctx context.Context, key string) error {
	return s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if reg, ok := Registrations.Get(tx, key); ok && reg.Spec.Deregistered {
			Registrations.Delete(tx, key)
		}
		return nil
	})
}

// cutGrace is how long after its delay a draining target waits for the balancer
// to say that its requests were cut.
const cutGrace = time.Second
