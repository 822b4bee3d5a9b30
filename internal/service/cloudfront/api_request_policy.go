package cloudfront

import (
	"context"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
)

func describeRequestPolicy(i *Item[cf.OriginRequestPolicyConfig]) *cf.OriginRequestPolicy {
	return &cf.OriginRequestPolicy{Id: api.Ptr(i.ID()), LastModifiedTime: &i.Spec.ModifiedAt, OriginRequestPolicyConfig: &i.Spec.Config}
}

func (s *Service) createRequestPolicy(ctx context.Context, call *api.Call, in *cf.CreateOriginRequestPolicyRequest) (*cf.CreateOriginRequestPolicyResult, error) {
	i, err := s.requestPolicies.create(ctx, s.store, call, *in.OriginRequestPolicyConfig, nil)
	if err != nil {
		return nil, err
	}
	return &cf.CreateOriginRequestPolicyResult{OriginRequestPolicy: describeRequestPolicy(&i), ETag: &i.Spec.ETag, Location: location("origin-request-policy", i.ID())}, nil
}

func (s *Service) getRequestPolicy(_ context.Context, call *api.Call, in *cf.GetOriginRequestPolicyRequest) (*cf.GetOriginRequestPolicyResult, error) {
	i, err := s.requestPolicies.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetOriginRequestPolicyResult{OriginRequestPolicy: describeRequestPolicy(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) getRequestPolicyConfig(_ context.Context, call *api.Call, in *cf.GetOriginRequestPolicyConfigRequest) (*cf.GetOriginRequestPolicyConfigResult, error) {
	i, err := s.requestPolicies.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetOriginRequestPolicyConfigResult{OriginRequestPolicyConfig: &i.Spec.Config, ETag: &i.Spec.ETag}, nil
}

func (s *Service) updateRequestPolicy(ctx context.Context, call *api.Call, in *cf.UpdateOriginRequestPolicyRequest) (*cf.UpdateOriginRequestPolicyResult, error) {
	i, err := s.requestPolicies.update(ctx, s.store, call, in.Id, in.IfMatch, *in.OriginRequestPolicyConfig)
	if err != nil {
		return nil, err
	}
	return &cf.UpdateOriginRequestPolicyResult{OriginRequestPolicy: describeRequestPolicy(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) deleteRequestPolicy(ctx context.Context, call *api.Call, in *cf.DeleteOriginRequestPolicyRequest) (*cf.DeleteOriginRequestPolicyOutput, error) {
	return nil, s.requestPolicies.remove(ctx, s.store, call, in.Id, in.IfMatch)
}

func (s *Service) listRequestPolicies(_ context.Context, call *api.Call, in *cf.ListOriginRequestPoliciesRequest) (*cf.ListOriginRequestPoliciesResult, error) {
	page, err := s.requestPolicies.list(s.store.Snapshot(), call, in.Marker, in.MaxItems, ofType[cf.OriginRequestPolicyConfig](in.Type))
	if err != nil {
		return nil, err
	}
	list := &cf.OriginRequestPolicyList{NextMarker: page.next, MaxItems: &page.limit, Quantity: page.quantity()}
	for _, i := range page.items {
		list.Items = append(list.Items, cf.OriginRequestPolicySummary{Type: typeOf(&i), OriginRequestPolicy: describeRequestPolicy(&i)})
	}
	return &cf.ListOriginRequestPoliciesResult{OriginRequestPolicyList: list}, nil
}
