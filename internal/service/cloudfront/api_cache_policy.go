package cloudfront

import (
	"context"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
)

// typeOf says whose a policy is: AWS's own have no account.
func typeOf[C any](i *Item[C]) *string {
	if i.ID() == i.Key {
		return api.Ptr(cf.CachePolicyTypeManaged)
	}
	return api.Ptr(cf.CachePolicyTypeCustom)
}

func ofType[C any](wanted *string) func(*Item[C]) bool {
	return func(i *Item[C]) bool { return wanted == nil || *wanted == *typeOf(i) }
}

func describeCachePolicy(i *Item[cf.CachePolicyConfig]) *cf.CachePolicy {
	return &cf.CachePolicy{Id: api.Ptr(i.ID()), LastModifiedTime: &i.Spec.ModifiedAt, CachePolicyConfig: &i.Spec.Config}
}

func (s *Service) createCachePolicy(ctx context.Context, call *api.Call, in *cf.CreateCachePolicyRequest) (*cf.CreateCachePolicyResult, error) {
	i, err := s.cachePolicies.create(ctx, s.store, call, *in.CachePolicyConfig, nil)
	if err != nil {
		return nil, err
	}
	return &cf.CreateCachePolicyResult{CachePolicy: describeCachePolicy(&i), ETag: &i.Spec.ETag, Location: location("cache-policy", i.ID())}, nil
}

func (s *Service) getCachePolicy(_ context.Context, call *api.Call, in *cf.GetCachePolicyRequest) (*cf.GetCachePolicyResult, error) {
	i, err := s.cachePolicies.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetCachePolicyResult{CachePolicy: describeCachePolicy(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) getCachePolicyConfig(_ context.Context, call *api.Call, in *cf.GetCachePolicyConfigRequest) (*cf.GetCachePolicyConfigResult, error) {
	i, err := s.cachePolicies.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetCachePolicyConfigResult{CachePolicyConfig: &i.Spec.Config, ETag: &i.Spec.ETag}, nil
}

func (s *Service) updateCachePolicy(ctx context.Context, call *api.Call, in *cf.UpdateCachePolicyRequest) (*cf.UpdateCachePolicyResult, error) {
	i, err := s.cachePolicies.update(ctx, s.store, call, in.Id, in.IfMatch, *in.CachePolicyConfig)
	if err != nil {
		return nil, err
	}
	return &cf.UpdateCachePolicyResult{CachePolicy: describeCachePolicy(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) deleteCachePolicy(ctx context.Context, call *api.Call, in *cf.DeleteCachePolicyRequest) (*cf.DeleteCachePolicyOutput, error) {
	return nil, s.cachePolicies.remove(ctx, s.store, call, in.Id, in.IfMatch)
}

func (s *Service) listCachePolicies(_ context.Context, call *api.Call, in *cf.ListCachePoliciesRequest) (*cf.ListCachePoliciesResult, error) {
	page, err := s.cachePolicies.list(s.store.Snapshot(), call, in.Marker, in.MaxItems, ofType[cf.CachePolicyConfig](in.Type))
	if err != nil {
		return nil, err
	}
	list := &cf.CachePolicyList{NextMarker: page.next, MaxItems: &page.limit, Quantity: page.quantity()}
	for _, i := range page.items {
		list.Items = append(list.Items, cf.CachePolicySummary{Type: typeOf(&i), CachePolicy: describeCachePolicy(&i)})
	}
	return &cf.ListCachePoliciesResult{CachePolicyList: list}, nil
}
