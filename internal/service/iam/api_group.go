package iam

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/iamapi"
	"apex/internal/store"
)

func (s *Service) groupRoutes() []api.Route {
	return []api.Route{
		iamapi.CreateGroup.Handle(s.createGroup),
		iamapi.GetGroup.Handle(s.getGroup),
		iamapi.ListGroups.Handle(s.listGroups),
		iamapi.UpdateGroup.Handle(s.updateGroup).Limited("no renaming"),
		iamapi.DeleteGroup.Handle(s.deleteGroup),
		iamapi.AddUserToGroup.Handle(s.addUserToGroup),
		iamapi.RemoveUserFromGroup.Handle(s.removeUserFromGroup),
		iamapi.ListGroupsForUser.Handle(s.listGroupsForUser),
		iamapi.PutGroupPolicy.Handle(s.putGroupPolicy),
		iamapi.GetGroupPolicy.Handle(s.getGroupPolicy),
		iamapi.DeleteGroupPolicy.Handle(s.deleteGroupPolicy),
		iamapi.ListGroupPolicies.Handle(s.listGroupPolicies),
		iamapi.AttachGroupPolicy.Handle(s.attachGroupPolicy),
		iamapi.DetachGroupPolicy.Handle(s.detachGroupPolicy),
		iamapi.ListAttachedGroupPolicies.Handle(s.listAttachedGroupPolicies),
	}
}

func (s *Service) createGroup(ctx context.Context, call *api.Call, in *iamapi.CreateGroupRequest) (*iamapi.CreateGroupResponse, error) {
	out := &iamapi.CreateGroupResponse{}
	return out, s.store.Update(ctx, func(tx *store.Tx) error {
		g, err := groups.create(tx, call, in.GroupName, in.Path, nil, nil, func(key string, id Identity) (Group, error) {
			return Group{Key: key, Spec: id}, nil
		})
		out.Group = groupShape(g)
		return err
	})
}

func (s *Service) getGroup(_ context.Context, call *api.Call, in *iamapi.GetGroupRequest) (*iamapi.GetGroupResponse, error) {
	snap := s.store.Snapshot()
	g, err := groups.find(snap, call, *in.GroupName)
	if err != nil {
		return nil, err
	}
	out := &iamapi.GetGroupResponse{Group: groupShape(g), Users: []iamapi.User{}}
	p, err := page(Users.Prefix(snap, key(call.Account, "")), in.Marker, in.MaxItems, func(u User) bool {
		return slices.Contains(u.Spec.Groups, g.Spec.Name)
	})
	for _, u := range p.items {
		out.Users = append(out.Users, *userShape(u))
	}
	out.IsTruncated, out.Marker = &p.truncated, p.marker
	return out, err
}

func (s *Service) listGroups(_ context.Context, call *api.Call, in *iamapi.ListGroupsRequest) (*iamapi.ListGroupsResponse, error) {
	out := &iamapi.ListGroupsResponse{Groups: []iamapi.Group{}}
	p, err := page(Groups.Prefix(s.store.Snapshot(), key(call.Account, "")), in.Marker, in.MaxItems, func(g Group) bool {
		return strings.HasPrefix(g.Spec.Path, api.Val(in.PathPrefix))
	})
	for _, g := range p.items {
		out.Groups = append(out.Groups, *groupShape(g))
	}
	out.IsTruncated, out.Marker = &p.truncated, p.marker
	return out, err
}

// updateGroup gives a group another path; see updateUser for its name.
func (s *Service) updateGroup(ctx context.Context, call *api.Call, in *iamapi.UpdateGroupRequest) (*iamapi.UpdateGroupOutput, error) {
	if in.NewGroupName != nil && *in.NewGroupName != *in.GroupName {
		return nil, invalid("Renaming a group is not built in this region: create %s and delete %s.", *in.NewGroupName, *in.GroupName)
	}
	return nil, groups.change(ctx, s.store, call, *in.GroupName, func(_ *store.Tx, g *Group) error {
		g.Spec.Path = api.Or(in.NewPath, g.Spec.Path)
		g.Spec.ARN = arnOf(call.Account, "group", g.Spec.Path, g.Spec.Name)
		return checkName(g.Spec.Name, g.Spec.Path, nil)
	})
}

func (s *Service) deleteGroup(ctx context.Context, call *api.Call, in *iamapi.DeleteGroupRequest) (*iamapi.DeleteGroupOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		g, err := groups.find(tx, call, *in.GroupName)
		if err != nil {
			return err
		}
		for _, u := range Users.Prefix(tx, key(call.Account, "")) {
			if slices.Contains(u.Spec.Groups, g.Spec.Name) {
				return iamapi.NewDeleteConflictException("Cannot delete entity, must remove users from group first.")
			}
		}
		Groups.Delete(tx, g.Key)
		return checkDeletable(g.Spec)
	})
}

func (s *Service) addUserToGroup(ctx context.Context, call *api.Call, in *iamapi.AddUserToGroupRequest) (*iamapi.AddUserToGroupOutput, error) {
	return nil, s.changeMembership(ctx, call, *in.UserName, *in.GroupName, func(names []string, name string) []string {
		if slices.Contains(names, name) {
			return names
		}
		return append(names, name)
	})
}

func (s *Service) removeUserFromGroup(ctx context.Context, call *api.Call, in *iamapi.RemoveUserFromGroupRequest) (*iamapi.RemoveUserFromGroupOutput, error) {
	return nil, s.changeMembership(ctx, call, *in.UserName, *in.GroupName, func(names []string, name string) []string {
		return slices.DeleteFunc(names, func(n string) bool { return n == name })
	})
}

func (s *Service) changeMembership(ctx context.Context, call *api.Call, user, group string, edit func(names []string, name string) []string) error {
	return users.change(ctx, s.store, call, user, func(tx *store.Tx, u *User) error {
		g, err := groups.find(tx, call, group)
		if err == nil {
			u.Spec.Groups = edit(u.Spec.Groups, g.Spec.Name)
		}
		return err
	})
}

func (s *Service) listGroupsForUser(_ context.Context, call *api.Call, in *iamapi.ListGroupsForUserRequest) (*iamapi.ListGroupsForUserResponse, error) {
	snap := s.store.Snapshot()
	u, err := users.find(snap, call, *in.UserName)
	out := &iamapi.ListGroupsForUserResponse{Groups: []iamapi.Group{}, IsTruncated: api.Ptr(false)}
	for _, name := range u.Spec.Groups {
		if g, ok := groups.get(snap, call, name); ok {
			out.Groups = append(out.Groups, *groupShape(g))
		}
	}
	return out, err
}
