package secretsmanager

import (
	"context"

	"apex/internal/controller"
	"apex/internal/store"
)

// Controllers returns what keeps the service's resources true.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{controller.New(controller.Spec[Secret, struct{}]{
		Name: "secretsmanager/secret", Table: Secrets,
		Status:    func(o *Secret) *struct{} { return &o.Status },
		Reconcile: s.purge,
	})}
}

// purge deletes a secret when its recovery window is over.
func (s *Service) purge(_ context.Context, snap store.Snapshot, key string) (struct{}, error) {
	secret, ok := Secrets.Get(snap, key)
	if !ok || secret.Spec.Deleted.IsZero() {
		return struct{}{}, nil
	}
	if left := secret.Spec.Purge.Sub(s.now()); left > 0 {
		return struct{}{}, controller.Again(left)
	}
	return struct{}{}, controller.Remove
}
