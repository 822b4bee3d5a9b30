package iam

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func (s *Service) userRoutes() []api.Route {
	return []api.Route{
		iamapi.CreateUser.Handle(s.createUser),
		iamapi.GetUser.Handle(s.getUser),
		iamapi.ListUsers.Handle(s.listUsers),
		iamapi.UpdateUser.Handle(s.updateUser),
		iamapi.DeleteUser.Handle(s.deleteUser),
		iamapi.PutUserPolicy.Handle(s.putUserPolicy),
		iamapi.GetUserPolicy.Handle(s.getUserPolicy),
		iamapi.DeleteUserPolicy.Handle(s.deleteUserPolicy),
		iamapi.ListUserPolicies.Handle(s.listUserPolicies),
		iamapi.AttachUserPolicy.Handle(s.attachUserPolicy),
		iamapi.DetachUserPolicy.Handle(s.detachUserPolicy),
		iamapi.ListAttachedUserPolicies.Handle(s.listAttachedUserPolicies),
		iamapi.TagUser.Handle(s.tagUser),
		iamapi.UntagUser.Handle(s.untagUser),
		iamapi.ListUserTags.Handle(s.listUserTags),
		iamapi.CreateAccessKey.Handle(s.createAccessKey),
		iamapi.ListAccessKeys.Handle(s.listAccessKeys),
		iamapi.GetAccessKeyLastUsed.Handle(s.getAccessKeyLastUsed).Limited("uses are not kept: as of a key that nobody used"),
		iamapi.UpdateAccessKey.Handle(s.updateAccessKey),
		iamapi.DeleteAccessKey.Handle(s.deleteAccessKey),
	}
}

func (s *Service) createUser(ctx context.Context, call *api.Call, in *iamapi.CreateUserRequest) (*iamapi.CreateUserResponse, error) {
	out := &iamapi.CreateUserResponse{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		u, err := users.create(tx, call, in.UserName, in.Path, in.Tags, in.PermissionsBoundary, func(key string, id Identity) (User, error) {
			return User{Key: key, Spec: UserSpec{Identity: id}}, nil
		})
		out.User = userShape(u)
		return err
	})
}

// getUser answers for the caller when no name is given; the administrator is the
// account's root.
func (s *Service) getUser(_ context.Context, call *api.Call, in *iamapi.GetUserRequest) (*iamapi.GetUserResponse, error) {
	name := api.Val(in.UserName)
	if in.UserName == nil {
		if call.Principal.Root {
			return &iamapi.GetUserResponse{User: &iamapi.User{
				UserId: &call.Account, Arn: &call.Principal.ARN, Path: api.Ptr("/"), CreateDate: &call.Now,
			}}, nil
		}
		name = userName(call.Principal.ARN)
	}
	u, err := users.find(s.store.Snapshot(), call, name)
	return &iamapi.GetUserResponse{User: userShape(u)}, err
}

// userName returns the name in a user's ARN, or what stands for none.
func userName(userARN string) string {
	a, err := arn.Parse(userARN)
	if err != nil || !strings.HasPrefix(a.Resource, "user/") {
		return ""
	}
	return a.Resource[strings.LastIndex(a.Resource, "/")+1:]
}

func (s *Service) listUsers(_ context.Context, call *api.Call, in *iamapi.ListUsersRequest) (*iamapi.ListUsersResponse, error) {
	out := &iamapi.ListUsersResponse{Users: []iamapi.User{}}
	p, err := page(Users.Prefix(s.store.Snapshot(), key(call.Account, "")), in.Marker, in.MaxItems, func(u User) bool {
		return strings.HasPrefix(u.Spec.Path, api.Val(in.PathPrefix))
	})
	for _, u := range p.items {
		out.Users = append(out.Users, *userShape(u))
	}
	out.IsTruncated, out.Marker = &p.truncated, p.marker
	return out, err
}

// updateUser gives a user another path. Another name would need new ARNs in every
// policy, so it is refused.
func (s *Service) updateUser(ctx context.Context, call *api.Call, in *iamapi.UpdateUserRequest) (*iamapi.UpdateUserOutput, error) {
	if in.NewUserName != nil && *in.NewUserName != *in.UserName {
		return nil, iamapi.NewEntityTemporarilyUnmodifiableException("Renaming a user is not built in this region: create %s and delete %s.", *in.NewUserName, *in.UserName)
	}
	return nil, users.change(ctx, s.store, call, *in.UserName, func(_ *store.Tx, u *User) error {
		u.Spec.Path = api.Or(in.NewPath, u.Spec.Path)
		u.Spec.ARN = arnOf(call.Account, "user", u.Spec.Path, u.Spec.Name)
		return checkName(u.Spec.Name, u.Spec.Path, nil)
	})
}

func (s *Service) deleteUser(ctx context.Context, call *api.Call, in *iamapi.DeleteUserRequest) (*iamapi.DeleteUserOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		u, err := users.find(tx, call, *in.UserName)
		if err != nil {
			return err
		}
		if err := checkDeletable(u.Spec.Identity); err != nil {
			return err
		}
		if len(u.Spec.Groups) > 0 {
			return iamapi.NewDeleteConflictException("Cannot delete entity, must remove users from group first.")
		}
		if len(keysOf(tx, call.Account, u.Spec.Name)) > 0 {
			return iamapi.NewDeleteConflictException("Cannot delete entity, must delete access keys first.")
		}
		if u.Spec.Login != nil {
			return iamapi.NewDeleteConflictException("Cannot delete entity, must delete login profile first.")
		}
		Users.Delete(tx, u.Key)
		return nil
	})
}

// keysOf returns a user's keys, oldest first.
func keysOf(r store.Reader, account, user string) []AccessKey {
	var list []AccessKey
	for _, k := range AccessKeys.All(r) {
		if k.Spec.Account == account && strings.EqualFold(k.Spec.User, user) {
			list = append(list, k)
		}
	}
	slices.SortFunc(list, func(a, b AccessKey) int { return a.Spec.Created.Compare(b.Spec.Created) })
	return list
}
