package cloudfront

import (
	"context"
	"reflect"
	"strings"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
	"apex/internal/store"
)

// The invalidations of a distribution; their keys lie below its own.
func invalidationsOf(distribution string) kind[cf.InvalidationBatch] {
	return kind[cf.InvalidationBatch]{table: Invalidations, newID: func() string { return distribution + "/" + newID("I")() }, missing: cf.NewNoSuchInvalidation}
}

func describeInvalidation(i *Item[cf.InvalidationBatch]) *cf.Invalidation {
	status := "InProgress"
	if i.Status.Deployed != "" {
		status = "Completed"
	}
	id := i.ID()
	return &cf.Invalidation{Id: api.Ptr(id[strings.LastIndexByte(id, '/')+1:]), Status: &status, CreateTime: &i.Spec.CreatedAt, InvalidationBatch: &i.Spec.Config}
}

func (s *Service) createInvalidation(ctx context.Context, call *api.Call, in *cf.CreateInvalidationRequest) (*cf.CreateInvalidationResult, error) {
	if err := checkQuantities(reflect.ValueOf(in.InvalidationBatch).Elem()); err != nil {
		return nil, err
	}
	for _, p := range in.InvalidationBatch.Paths.Items {
		if !strings.HasPrefix(p, "/") {
			return nil, cf.NewInvalidArgument("Your request contains one or more invalid invalidation paths: %s", p)
		}
	}
	var made Item[cf.InvalidationBatch]
	k := invalidationsOf(*in.DistributionId)
	k.check = func(r store.Reader, call *api.Call, _ string, _ *cf.InvalidationBatch) error {
		_, err := s.distributions.get(r, call, in.DistributionId)
		return err
	}
	snap := s.store.Snapshot()
	for _, i := range Invalidations.Prefix(snap, scopeOf(call).Key(*in.DistributionId+"/")) {
		if *i.Spec.Config.CallerReference == *in.InvalidationBatch.CallerReference {
			made = i
		}
	}
	if made.Key == "" {
		var err error
		if made, err = k.create(ctx, s.store, call, *in.InvalidationBatch, nil); err != nil {
			return nil, err
		}
	}
	out := describeInvalidation(&made)
	return &cf.CreateInvalidationResult{Invalidation: out, Location: location("distribution/"+*in.DistributionId+"/invalidation", *out.Id)}, nil
}

func (s *Service) getInvalidation(_ context.Context, call *api.Call, in *cf.GetInvalidationRequest) (*cf.GetInvalidationResult, error) {
	snap := s.store.Snapshot()
	if _, err := s.distributions.get(snap, call, in.DistributionId); err != nil {
		return nil, err
	}
	k := invalidationsOf(*in.DistributionId)
	i, err := k.get(snap, call, api.Ptr(*in.DistributionId+"/"+*in.Id))
	if err != nil {
		return nil, err
	}
	return &cf.GetInvalidationResult{Invalidation: describeInvalidation(&i)}, nil
}

func (s *Service) listInvalidations(_ context.Context, call *api.Call, in *cf.ListInvalidationsRequest) (*cf.ListInvalidationsResult, error) {
	snap := s.store.Snapshot()
	if _, err := s.distributions.get(snap, call, in.DistributionId); err != nil {
		return nil, err
	}
	k := invalidationsOf(*in.DistributionId)
	page, err := k.list(snap, call, in.Marker, in.MaxItems, func(i *Item[cf.InvalidationBatch]) bool { return strings.HasPrefix(i.ID(), *in.DistributionId+"/") })
	if err != nil {
		return nil, err
	}
	list := &cf.InvalidationList{Marker: api.Ptr(api.Val(in.Marker)), IsTruncated: api.Ptr(page.next != nil), NextMarker: page.next, MaxItems: &page.limit, Quantity: page.quantity()}
	for _, i := range page.items {
		d := describeInvalidation(&i)
		list.Items = append(list.Items, cf.InvalidationSummary{Id: d.Id, CreateTime: d.CreateTime, Status: d.Status})
	}
	return &cf.ListInvalidationsResult{InvalidationList: list}, nil
}
