package iam

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/store"
)

func (s *Service) putGroupPolicy(ctx context.Context, call *api.Call, in *iamapi.PutGroupPolicyRequest) (*iamapi.PutGroupPolicyOutput, error) {
	return nil, groups.change(ctx, s.store, call, *in.GroupName, func(_ *store.Tx, v *Group) error {
		return putInline(groups.identity(v), *in.PolicyName, *in.PolicyDocument)
	})
}

func (s *Service) getGroupPolicy(_ context.Context, call *api.Call, in *iamapi.GetGroupPolicyRequest) (*iamapi.GetGroupPolicyResponse, error) {
	v, err := groups.find(s.store.Snapshot(), call, *in.GroupName)
	if err != nil {
		return nil, err
	}
	document, err := getInline(*groups.identity(&v), groups.noun, *in.PolicyName)
	return &iamapi.GetGroupPolicyResponse{GroupName: in.GroupName, PolicyName: in.PolicyName, PolicyDocument: encoded(document)}, err
}

func (s *Service) deleteGroupPolicy(ctx context.Context, call *api.Call, in *iamapi.DeleteGroupPolicyRequest) (*iamapi.DeleteGroupPolicyOutput, error) {
	return nil, groups.change(ctx, s.store, call, *in.GroupName, func(_ *store.Tx, v *Group) error {
		return deleteInline(groups.identity(v), groups.noun, *in.PolicyName)
	})
}

func (s *Service) listGroupPolicies(_ context.Context, call *api.Call, in *iamapi.ListGroupPoliciesRequest) (*iamapi.ListGroupPoliciesResponse, error) {
	v, err := groups.find(s.store.Snapshot(), call, *in.GroupName)
	return &iamapi.ListGroupPoliciesResponse{PolicyNames: inlineNames(*groups.identity(&v)), IsTruncated: api.Ptr(false)}, err
}

func (s *Service) attachGroupPolicy(ctx context.Context, call *api.Call, in *iamapi.AttachGroupPolicyRequest) (*iamapi.AttachGroupPolicyOutput, error) {
	return nil, groups.change(ctx, s.store, call, *in.GroupName, func(tx *store.Tx, v *Group) error {
		return attach(tx, call.Account, groups.identity(v), *in.PolicyArn)
	})
}

func (s *Service) detachGroupPolicy(ctx context.Context, call *api.Call, in *iamapi.DetachGroupPolicyRequest) (*iamapi.DetachGroupPolicyOutput, error) {
	return nil, groups.change(ctx, s.store, call, *in.GroupName, func(_ *store.Tx, v *Group) error {
		return detach(groups.identity(v), groups.noun, *in.PolicyArn)
	})
}

func (s *Service) listAttachedGroupPolicies(_ context.Context, call *api.Call, in *iamapi.ListAttachedGroupPoliciesRequest) (*iamapi.ListAttachedGroupPoliciesResponse, error) {
	v, err := groups.find(s.store.Snapshot(), call, *in.GroupName)
	return &iamapi.ListAttachedGroupPoliciesResponse{
		AttachedPolicies: attachedShapes(*groups.identity(&v), in.PathPrefix), IsTruncated: api.Ptr(false),
	}, err
}
