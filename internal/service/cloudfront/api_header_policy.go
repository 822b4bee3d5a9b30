package cloudfront

import (
	"context"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
)

func describeHeaderPolicy(i *Item[cf.ResponseHeadersPolicyConfig]) *cf.ResponseHeadersPolicy {
	return &cf.ResponseHeadersPolicy{Id: api.Ptr(i.ID()), LastModifiedTime: &i.Spec.ModifiedAt, ResponseHeadersPolicyConfig: &i.Spec.Config}
}

func (s *Service) createHeaderPolicy(ctx context.Context, call *api.Call, in *cf.CreateResponseHeadersPolicyRequest) (*cf.CreateResponseHeadersPolicyResult, error) {
	i, err := s.headerPolicies.create(ctx, s.store, call, *in.ResponseHeadersPolicyConfig, nil)
	if err != nil {
		return nil, err
	}
	return &cf.CreateResponseHeadersPolicyResult{ResponseHeadersPolicy: describeHeaderPolicy(&i), ETag: &i.Spec.ETag, Location: location("response-headers-policy", i.ID())}, nil
}

func (s *Service) getHeaderPolicy(_ context.Context, call *api.Call, in *cf.GetResponseHeadersPolicyRequest) (*cf.GetResponseHeadersPolicyResult, error) {
	i, err := s.headerPolicies.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetResponseHeadersPolicyResult{ResponseHeadersPolicy: describeHeaderPolicy(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) getHeaderPolicyConfig(_ context.Context, call *api.Call, in *cf.GetResponseHeadersPolicyConfigRequest) (*cf.GetResponseHeadersPolicyConfigResult, error) {
	i, err := s.headerPolicies.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetResponseHeadersPolicyConfigResult{ResponseHeadersPolicyConfig: &i.Spec.Config, ETag: &i.Spec.ETag}, nil
}

func (s *Service) updateHeaderPolicy(ctx context.Context, call *api.Call, in *cf.UpdateResponseHeadersPolicyRequest) (*cf.UpdateResponseHeadersPolicyResult, error) {
	i, err := s.headerPolicies.update(ctx, s.store, call, in.Id, in.IfMatch, *in.ResponseHeadersPolicyConfig)
	if err != nil {
		return nil, err
	}
	return &cf.UpdateResponseHeadersPolicyResult{ResponseHeadersPolicy: describeHeaderPolicy(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) deleteHeaderPolicy(ctx context.Context, call *api.Call, in *cf.DeleteResponseHeadersPolicyRequest) (*cf.DeleteResponseHeadersPolicyOutput, error) {
	return nil, s.headerPolicies.remove(ctx, s.store, call, in.Id, in.IfMatch)
}

func (s *Service) listHeaderPolicies(_ context.Context, call *api.Call, in *cf.ListResponseHeadersPoliciesRequest) (*cf.ListResponseHeadersPoliciesResult, error) {
	page, err := s.headerPolicies.list(s.store.Snapshot(), call, in.Marker, in.MaxItems, ofType[cf.ResponseHeadersPolicyConfig](in.Type))
	if err != nil {
		return nil, err
	}
	list := &cf.ResponseHeadersPolicyList{NextMarker: page.next, MaxItems: &page.limit, Quantity: page.quantity()}
	for _, i := range page.items {
		list.Items = append(list.Items, cf.ResponseHeadersPolicySummary{Type: typeOf(&i), ResponseHeadersPolicy: describeHeaderPolicy(&i)})
	}
	return &cf.ListResponseHeadersPoliciesResult{ResponseHeadersPolicyList: list}, nil
}
