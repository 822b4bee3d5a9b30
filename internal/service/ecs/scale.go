package ecs

import (
	"fmt"

	"apex/internal/arn"
	"apex/internal/store"
)

// SetDesired changes how many tasks a service keeps. It is an error if there is
// no such service, if it is being deleted, or if n is negative.
func SetDesired(tx *store.Tx, key string, n int64) error {
	row, ok := Services.Get(tx, key)
	switch {
	case !ok || !row.Status.Gone.IsZero():
		return fmt.Errorf("desired count of %s: there is no such service", key)
	case row.Spec.Deleted:
		return fmt.Errorf("desired count of %s: the service is being deleted", key)
	case n < 0:
		return fmt.Errorf("desired count of %s: %d is less than 0", key, n)
	case row.Spec.Desired == n:
		return nil
	}
	row.Spec.Desired = n
	Services.Put(tx, row)
	return nil
}

// Deploying reports whether a deployment of the service is in progress: its
// scaling then only goes out. A service that is gone is not deploying.
func Deploying(r store.Reader, key string) bool {
	row, ok := Services.Get(r, key)
	if !ok || row.Spec.Deleted || len(row.Spec.Deployments) == 0 {
		return false
	}
	return !final(row.Status.deployment(row.Spec.Deployments[0].ID).State)
}

// Exists reports whether there is a service that may be scaled.
func Exists(r store.Reader, key string) bool {
	row, ok := Services.Get(r, key)
	return ok && row.Status.Gone.IsZero() && !row.Spec.Deleted
}

// Counts returns how many tasks a service shall keep and how many of its tasks
// run; false if there is no such service.
func Counts(r store.Reader, key string) (desired, running int64, ok bool) {
	if !Exists(r, key) {
		return 0, 0, false
	}
	row, _ := Services.Get(r, key)
	scope, _ := arn.SplitKey(key)
	return row.Spec.Desired, tallyOf(tasksOf(r, scope, row.Spec), "").running, true
}
