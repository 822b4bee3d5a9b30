package iam

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/store"
)

func (s *Service) putRolePolicy(ctx context.Context, call *api.Call, in *iamapi.PutRolePolicyRequest) (*iamapi.PutRolePolicyOutput, error) {
	return nil, roles.change(ctx, s.store, call, *in.RoleName, func(_ *store.Tx, v *Role) error {
		return putInline(roles.identity(v), *in.PolicyName, *in.PolicyDocument)
	})
}

func (s *Service) getRolePolicy(_ context.Context, call *api.Call, in *iamapi.GetRolePolicyRequest) (*iamapi.GetRolePolicyResponse, error) {
	v, err := roles.find(s.store.Snapshot(), call, *in.RoleName)
	if err != nil {
		return nil, err
	}
	document, err := getInline(*roles.identity(&v), roles.noun, *in.PolicyName)
	return &iamapi.GetRolePolicyResponse{RoleName: in.RoleName, PolicyName: in.PolicyName, PolicyDocument: encoded(document)}, err
}

func (s *Service) deleteRolePolicy(ctx context.Context, call *api.Call, in *iamapi.DeleteRolePolicyRequest) (*iamapi.DeleteRolePolicyOutput, error) {
	return nil, roles.change(ctx, s.store, call, *in.RoleName, func(_ *store.Tx, v *Role) error {
		return deleteInline(roles.identity(v), roles.noun, *in.PolicyName)
	})
}

func (s *Service) listRolePolicies(_ context.Context, call *api.Call, in *iamapi.ListRolePoliciesRequest) (*iamapi.ListRolePoliciesResponse, error) {
	v, err := roles.find(s.store.Snapshot(), call, *in.RoleName)
	return &iamapi.ListRolePoliciesResponse{PolicyNames: inlineNames(*roles.identity(&v)), IsTruncated: api.Ptr(false)}, err
}

func (s *Service) attachRolePolicy(ctx context.Context, call *api.Call, in *iamapi.AttachRolePolicyRequest) (*iamapi.AttachRolePolicyOutput, error) {
	return nil, roles.change(ctx, s.store, call, *in.RoleName, func(tx *store.Tx, v *Role) error {
		return attach(tx, call.Account, roles.identity(v), *in.PolicyArn)
	})
}

func (s *Service) detachRolePolicy(ctx context.Context, call *api.Call, in *iamapi.DetachRolePolicyRequest) (*iamapi.DetachRolePolicyOutput, error) {
	return nil, roles.change(ctx, s.store, call, *in.RoleName, func(_ *store.Tx, v *Role) error {
		return detach(roles.identity(v), roles.noun, *in.PolicyArn)
	})
}

func (s *Service) listAttachedRolePolicies(_ context.Context, call *api.Call, in *iamapi.ListAttachedRolePoliciesRequest) (*iamapi.ListAttachedRolePoliciesResponse, error) {
	v, err := roles.find(s.store.Snapshot(), call, *in.RoleName)
	return &iamapi.ListAttachedRolePoliciesResponse{
		AttachedPolicies: attachedShapes(*roles.identity(&v), in.PathPrefix), IsTruncated: api.Ptr(false),
	}, err
}

func (s *Service) tagRole(ctx context.Context, call *api.Call, in *iamapi.TagRoleRequest) (*iamapi.TagRoleOutput, error) {
	return nil, roles.change(ctx, s.store, call, *in.RoleName, func(_ *store.Tx, v *Role) error {
		return retag(&roles.identity(v).Tags, in.Tags, nil)
	})
}

func (s *Service) untagRole(ctx context.Context, call *api.Call, in *iamapi.UntagRoleRequest) (*iamapi.UntagRoleOutput, error) {
	return nil, roles.change(ctx, s.store, call, *in.RoleName, func(_ *store.Tx, v *Role) error {
		return retag(&roles.identity(v).Tags, nil, in.TagKeys)
	})
}

func (s *Service) listRoleTags(_ context.Context, call *api.Call, in *iamapi.ListRoleTagsRequest) (*iamapi.ListRoleTagsResponse, error) {
	v, err := roles.find(s.store.Snapshot(), call, *in.RoleName)
	return &iamapi.ListRoleTagsResponse{Tags: tagList(roles.identity(&v).Tags), IsTruncated: api.Ptr(false)}, err
}
