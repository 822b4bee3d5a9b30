package iam

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/store"
)

func (s *Service) putUserPolicy(ctx context.Context, call *api.Call, in *iamapi.PutUserPolicyRequest) (*iamapi.PutUserPolicyOutput, error) {
	return nil, users.change(ctx, s.store, call, *in.UserName, func(_ *store.Tx, v *User) error {
		return putInline(users.identity(v), *in.PolicyName, *in.PolicyDocument)
	})
}

func (s *Service) getUserPolicy(_ context.Context, call *api.Call, in *iamapi.GetUserPolicyRequest) (*iamapi.GetUserPolicyResponse, error) {
	v, err := users.find(s.store.Snapshot(), call, *in.UserName)
	if err != nil {
		return nil, err
	}
	document, err := getInline(*users.identity(&v), users.noun, *in.PolicyName)
	return &iamapi.GetUserPolicyResponse{UserName: in.UserName, PolicyName: in.PolicyName, PolicyDocument: encoded(document)}, err
}

func (s *Service) deleteUserPolicy(ctx context.Context, call *api.Call, in *iamapi.DeleteUserPolicyRequest) (*iamapi.DeleteUserPolicyOutput, error) {
	return nil, users.change(ctx, s.store, call, *in.UserName, func(_ *store.Tx, v *User) error {
		return deleteInline(users.identity(v), users.noun, *in.PolicyName)
	})
}

func (s *Service) listUserPolicies(_ context.Context, call *api.Call, in *iamapi.ListUserPoliciesRequest) (*iamapi.ListUserPoliciesResponse, error) {
	v, err := users.find(s.store.Snapshot(), call, *in.UserName)
	return &iamapi.ListUserPoliciesResponse{PolicyNames: inlineNames(*users.identity(&v)), IsTruncated: api.Ptr(false)}, err
}

func (s *Service) attachUserPolicy(ctx context.Context, call *api.Call, in *iamapi.AttachUserPolicyRequest) (*iamapi.AttachUserPolicyOutput, error) {
	return nil, users.change(ctx, s.store, call, *in.UserName, func(tx *store.Tx, v *User) error {
		return attach(tx, call.Account, users.identity(v), *in.PolicyArn)
	})
}

func (s *Service) detachUserPolicy(ctx context.Context, call *api.Call, in *iamapi.DetachUserPolicyRequest) (*iamapi.DetachUserPolicyOutput, error) {
	return nil, users.change(ctx, s.store, call, *in.UserName, func(_ *store.Tx, v *User) error {
		return detach(users.identity(v), users.noun, *in.PolicyArn)
	})
}

func (s *Service) listAttachedUserPolicies(_ context.Context, call *api.Call, in *iamapi.ListAttachedUserPoliciesRequest) (*iamapi.ListAttachedUserPoliciesResponse, error) {
	v, err := users.find(s.store.Snapshot(), call, *in.UserName)
	return &iamapi.ListAttachedUserPoliciesResponse{
		AttachedPolicies: attachedShapes(*users.identity(&v), in.PathPrefix), IsTruncated: api.Ptr(false),
	}, err
}

func (s *Service) tagUser(ctx context.Context, call *api.Call, in *iamapi.TagUserRequest) (*iamapi.TagUserOutput, error) {
	return nil, users.change(ctx, s.store, call, *in.UserName, func(_ *store.Tx, v *User) error {
		return retag(&users.identity(v).Tags, in.Tags, nil)
	})
}

func (s *Service) untagUser(ctx context.Context, call *api.Call, in *iamapi.UntagUserRequest) (*iamapi.UntagUserOutput, error) {
	return nil, users.change(ctx, s.store, call, *in.UserName, func(_ *store.Tx, v *User) error {
		return retag(&users.identity(v).Tags, nil, in.TagKeys)
	})
}

func (s *Service) listUserTags(_ context.Context, call *api.Call, in *iamapi.ListUserTagsRequest) (*iamapi.ListUserTagsResponse, error) {
	v, err := users.find(s.store.Snapshot(), call, *in.UserName)
	return &iamapi.ListUserTagsResponse{Tags: tagList(users.identity(&v).Tags), IsTruncated: api.Ptr(false)}, err
}
