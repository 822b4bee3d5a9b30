package kms

import (
	"context"
	"strings"
	"time"

	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/service/kms/material"
	"apex/internal/store"
)

// Controllers returns what rotates and deletes keys, and what clears away that
// which was a deleted key's.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{
		controller.New(controller.Spec[Key, KeyStatus]{
			Name: "kms/key", Table: Keys,
			Status:    func(k *Key) *KeyStatus { return &k.Status },
			Reconcile: s.reconcile,
		}),
		controller.New(controller.Spec[Alias, struct{}]{
			Name: "kms/alias", Table: Aliases,
			Status: func(a *Alias) *struct{} { return &a.Status },
			Reconcile: func(_ context.Context, snap store.Snapshot, key string) (struct{}, error) {
				a, ok := Aliases.Get(snap, key)
				return struct{}{}, whileKept(snap, key, a.Spec.Target, ok)
			},
			Watch: []controller.Trigger{controller.On(Keys, aliasesOfGone)},
		}),
		controller.New(controller.Spec[Grant, struct{}]{
			Name: "kms/grant", Table: Grants,
			Status: func(g *Grant) *struct{} { return &g.Status },
			Reconcile: func(_ context.Context, snap store.Snapshot, key string) (struct{}, error) {
				g, ok := Grants.Get(snap, key)
				return struct{}{}, whileKept(snap, key, g.Spec.KeyID, ok)
			},
			Watch: []controller.Trigger{controller.On(Keys, grantsOfGone)},
		}),
	}
}

// reconcile deletes a key when its waiting time is over, and rotates it when it
// is due.
func (s *Service) reconcile(_ context.Context, snap store.Snapshot, key string) (KeyStatus, error) {
	k, ok := Keys.Get(snap, key)
	if !ok {
		return KeyStatus{}, nil
	}
	now := s.now()
	if !k.Spec.Deletion.IsZero() {
		if left := k.Spec.Deletion.Sub(now); left > 0 {
			return k.Status, controller.Again(left)
		}
		return k.Status, controller.Remove
	}
	due := nextRotation(&k)
	if due.IsZero() || k.Spec.Disabled {
		return k.Status, nil
	}
	if now.Before(due) {
		return k.Status, controller.Again(due.Sub(now))
	}
	status := KeyStatus{Rotations: append(k.Status.Rotations[:len(k.Status.Rotations):len(k.Status.Rotations)], Rotation{Material: material.NewID(), Date: now})}
	return status, controller.Again(time.Second)
}

// nextRotation returns when a key is to be rotated; zero for never. The days
// count from the last automatic rotation, or from when it was enabled.
func nextRotation(k *Key) time.Time {
	if k.Spec.RotatesSince.IsZero() {
		return time.Time{}
	}
	since := k.Spec.RotatesSince
	for _, r := range k.Status.Rotations {
		if r.Date.After(since) {
			since = r.Date
		}
	}
	return since.AddDate(0, 0, k.Spec.Period)
}

// whileKept removes what belongs to a key that is gone.
func whileKept(r store.Reader, key, target string, there bool) error {
	scope, _ := arn.SplitKey(key)
	if _, ok := Keys.Get(r, scope.Key(target)); there && !ok {
		return controller.Remove
	}
	return nil
}

// aliasesOfGone names the aliases of a key that is not there any more.
func aliasesOfGone(snap store.Snapshot, key string) (keys []string) {
	if _, ok := Keys.Get(snap, key); ok {
		return nil
	}
	scope, id := arn.SplitKey(key)
	for name, a := range Aliases.Prefix(snap, scope.Prefix()) {
		if a.Spec.Target == id {
			keys = append(keys, name)
		}
	}
	return keys
}

func grantsOfGone(snap store.Snapshot, key string) (keys []string) {
	if _, ok := Keys.Get(snap, key); ok {
		return nil
	}
	for name := range Grants.Prefix(snap, strings.TrimSuffix(key, "/")+"/") {
		keys = append(keys, name)
	}
	return keys
}
