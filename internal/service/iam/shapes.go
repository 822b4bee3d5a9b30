package iam

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/tag"
)

// encoded returns a policy document as IAM gives it back: percent-encoded.
func encoded(document string) *string {
	return api.Ptr(strings.ReplaceAll(url.QueryEscape(document), "+", "%20"))
}

func tagsOf(list []iamapi.Tag) tag.Tags {
	t := make(tag.Tags, len(list))
	for _, item := range list {
		t[api.Val(item.Key)] = api.Val(item.Value)
	}
	return t
}

func tagList(t tag.Tags) []iamapi.Tag {
	list := make([]iamapi.Tag, 0, len(t))
	for k, v := range t.All() {
		list = append(list, iamapi.Tag{Key: &k, Value: &v})
	}
	return list
}

// retag adds and removes tags.
func retag(t *tag.Tags, add []iamapi.Tag, remove []string) error {
	next := t.With(tagsOf(add)).Without(remove...)
	if err := next.Validate(); err != nil {
		return iamapi.NewInvalidInputException("%v", err)
	}
	*t = next
	return nil
}

func boundaryShape(name string) *iamapi.AttachedPermissionsBoundary {
	if name == "" {
		return nil
	}
	return &iamapi.AttachedPermissionsBoundary{
		PermissionsBoundaryType: api.Ptr("Policy"), PermissionsBoundaryArn: &name,
	}
}

// attachedShapes lists attached policies, those below a path only.
func attachedShapes(id Identity, pathPrefix *string) []iamapi.AttachedPolicy {
	list := make([]iamapi.AttachedPolicy, 0, len(id.Attached))
	for _, name := range slices.Sorted(slices.Values(id.Attached)) {
		_, resource, _ := strings.Cut(name, ":policy")
		i := strings.LastIndex(resource, "/")
		if strings.HasPrefix(resource[:i+1], api.Val(pathPrefix)) {
			list = append(list, iamapi.AttachedPolicy{PolicyName: api.Ptr(resource[i+1:]), PolicyArn: &name})
		}
	}
	return list
}

func inlineNames(id Identity) []string { return slices.Sorted(maps.Keys(id.Inline)) }

func userShape(u User) *iamapi.User {
	id := u.Spec.Identity
	return &iamapi.User{
		Path: &id.Path, UserName: &id.Name, UserId: &id.ID, Arn: &id.ARN, CreateDate: &id.Created,
		PermissionsBoundary: boundaryShape(id.Boundary), Tags: tagList(id.Tags),
	}
}

func groupShape(g Group) *iamapi.Group {
	return &iamapi.Group{Path: &g.Spec.Path, GroupName: &g.Spec.Name, GroupId: &g.Spec.ID, Arn: &g.Spec.ARN, CreateDate: &g.Spec.Created}
}

func roleShape(r Role) *iamapi.Role {
	id, spec := r.Spec.Identity, r.Spec
	shape := &iamapi.Role{
		Path: &id.Path, RoleName: &id.Name, RoleId: &id.ID, Arn: &id.ARN, CreateDate: &id.Created,
		AssumeRolePolicyDocument: encoded(spec.Trust), MaxSessionDuration: &spec.MaxSession,
		PermissionsBoundary: boundaryShape(id.Boundary), Tags: tagList(id.Tags), RoleLastUsed: &iamapi.RoleLastUsed{},
	}
	if spec.Description != "" {
		shape.Description = &spec.Description
	}
	return shape
}
