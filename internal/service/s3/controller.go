package s3

import (
	"context"
	"errors"
	"time"

	"apex/internal/controller"
	"apex/internal/dataplane/objects"
	"apex/internal/store"
)

// sweepEvery is how often a bucket with lifecycle rules is looked through.
const sweepEvery = time.Hour

// Controllers returns the one that removes what lifecycle rules say.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{controller.New(controller.Spec[Bucket, BucketStatus]{
		Name: "s3/bucket", Table: Buckets, Status: func(b *Bucket) *BucketStatus { return &b.Status }, Reconcile: s.reconcile,
	})}
}

func (s *Service) reconcile(_ context.Context, snap store.Snapshot, name string) (BucketStatus, error) {
	b, ok := Buckets.Get(snap, name)
	text := b.Spec.Documents["lifecycle"]
	if !ok || text == "" {
		return b.Status, nil
	}
	l, err := parseLifecycle(text)
	if err != nil {
		return b.Status, err
	}
	now := s.now().UTC().Round(0)
	todo := sweeper{s.objects, &b.Spec, l, now}
	if err := todo.sweep(); err != nil && !errors.Is(err, objects.ErrNoBucket) {
		return b.Status, err
	}
	return b.Status, controller.Again(sweepEvery)
}

// errReplaced says that an object is not any more the one that expired.
var errReplaced = errors.New("the object was replaced")

// same lets just this object be deleted.
func same(o objects.Object) objects.Condition {
	return func(now *objects.Object) error {
		if now != nil && !now.Modified.Equal(o.Modified) {
			return errReplaced
		}
		return nil
	}
}
