package iam

import (
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/store"
)

// An attachment is an identity that a managed policy is attached to.
type attachment struct{ noun, name, id string }

// attachedTo finds the identities of an account that a policy is attached to.
func attachedTo(r store.Reader, account, policyARN string) []attachment {
	return slices.Concat(
		users.attached(r, account, policyARN),
		groups.attached(r, account, policyARN),
		roles.attached(r, account, policyARN),
	)
}

func (k kind[T]) attached(r store.Reader, account, policyARN string) (list []attachment) {
	for _, v := range k.table.Prefix(r, key(account, "")) {
		if id := k.identity(&v); slices.Contains(id.Attached, policyARN) {
			list = append(list, attachment{k.noun, id.Name, id.ID})
		}
	}
	return list
}

func (s *Service) listEntitiesForPolicy(_ context.Context, call *api.Call, in *iamapi.ListEntitiesForPolicyRequest) (*iamapi.ListEntitiesForPolicyResponse, error) {
	snap := s.store.Snapshot()
	if _, err := managed(snap, call.Account, *in.PolicyArn); err != nil {
		return nil, err
	}
	out := &iamapi.ListEntitiesForPolicyResponse{
		PolicyUsers: []iamapi.PolicyUser{}, PolicyGroups: []iamapi.PolicyGroup{}, PolicyRoles: []iamapi.PolicyRole{},
		IsTruncated: api.Ptr(false),
	}
	for _, a := range attachedTo(snap, call.Account, *in.PolicyArn) {
		switch a.noun {
		case users.noun:
			out.PolicyUsers = append(out.PolicyUsers, iamapi.PolicyUser{UserName: &a.name, UserId: &a.id})
		case groups.noun:
			out.PolicyGroups = append(out.PolicyGroups, iamapi.PolicyGroup{GroupName: &a.name, GroupId: &a.id})
		case roles.noun:
			out.PolicyRoles = append(out.PolicyRoles, iamapi.PolicyRole{RoleName: &a.name, RoleId: &a.id})
		}
	}
	return out, nil
}

func policyShape(r store.Reader, account string, p Policy) *iamapi.Policy {
	spec := p.Spec
	bounds := int64(0)
	for _, u := range Users.Prefix(r, key(account, "")) {
		if u.Spec.Boundary == spec.ARN {
			bounds++
		}
	}
	for _, role := range Roles.Prefix(r, key(account, "")) {
		if role.Spec.Boundary == spec.ARN {
			bounds++
		}
	}
	shape := &iamapi.Policy{
		PolicyName: &spec.Name, PolicyId: &spec.ID, Arn: &spec.ARN, Path: &spec.Path, DefaultVersionId: &spec.Default,
		AttachmentCount: api.Ptr(int64(len(attachedTo(r, account, spec.ARN)))), PermissionsBoundaryUsageCount: &bounds,
		IsAttachable: api.Ptr(true), CreateDate: &spec.Created, UpdateDate: &spec.Updated,
	}
	if spec.Description != "" {
		shape.Description = &spec.Description
	}
	return shape
}

func versionShape(p Policy, v PolicyVersion) *iamapi.PolicyVersion {
	return &iamapi.PolicyVersion{
		Document: encoded(v.Document), VersionId: &v.ID, IsDefaultVersion: api.Ptr(v.ID == p.Spec.Default), CreateDate: &v.Created,
	}
}
