package cloudfront

import (
	"context"

	"apex/internal/controller"
	"apex/internal/store"
)

// Controllers returns what says that a distribution is deployed and that an
// invalidation is done: there are no edge locations to wait for.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{
		settling("cloudfront/distribution", Distributions),
		settling("cloudfront/invalidation", Invalidations),
	}
}

func settling[C any](name string, table *store.Table[Item[C]]) controller.Controller {
	return controller.New(controller.Spec[Item[C], Status]{
		Name: name, Table: table, Status: func(i *Item[C]) *Status { return &i.Status },
		Reconcile: func(_ context.Context, snap store.Snapshot, key string) (Status, error) {
			i, ok := table.Get(snap, key)
			if !ok {
				return Status{}, nil
			}
			return Status{Deployed: i.Spec.ETag}, nil
		},
	})
}
