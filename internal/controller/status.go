package controller

import (
	"context"
	"errors"
	"reflect"

	"apex/internal/store"
)

// reconcile runs Reconcile once and writes back what it found.
func (spec Spec[T, S]) reconcile(ctx context.Context, s *store.Store, key string) error {
	status, err := spec.Reconcile(ctx, s.Snapshot(), key)
	if errors.Is(err, Remove) {
		return s.Update(ctx, func(tx *store.Tx) error {
			spec.Table.Delete(tx, key)
			return nil
		})
	}
	if werr := spec.write(ctx, s, key, status); werr != nil {
		return errors.Join(err, werr)
	}
	return err
}

// write stores the status if the object is there and its status differs.
func (spec Spec[T, S]) write(ctx context.Context, s *store.Store, key string, status S) error {
	now, ok := spec.Table.Get(s.Snapshot(), key)
	if !ok || reflect.DeepEqual(*spec.Status(&now), status) {
		return nil
	}
	return s.Update(ctx, func(tx *store.Tx) error {
		spec.Table.Modify(tx, key, func(o *T) { *spec.Status(o) = status })
		return nil
	})
}
