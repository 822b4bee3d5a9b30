package elasticache

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
	"apex/internal/arn"
	"apex/internal/dataplane/redis"
	"apex/internal/service"
	"apex/internal/store"
	"apex/internal/tag"
)

// A UserGroup is the users of the caches that name it.
type UserGroup struct {
	Key  string
	Spec UserGroupSpec
}

// ID returns the caller's id of the group.
func (g UserGroup) ID() string { return idOf(g.Key) }

// UserGroupSpec is what the caller asked for.
type UserGroupSpec struct {
	Engine  string
	UserIDs []string
	Tags    tag.Tags
}

func findUserGroup(r store.Reader, scope arn.Scope, given string) (UserGroup, error) {
	if g, ok := UserGroups.Get(r, scope.Key(strings.ToLower(given))); ok {
		return g, nil
	}
	return UserGroup{}, elasticacheapi.NewUserGroupNotFoundFault("User Group %s not found.", given)
}

func (s *Service) createUserGroup(ctx context.Context, call *api.Call, in *elasticacheapi.CreateUserGroupMessage) (*elasticacheapi.UserGroup, error) {
	id, err := checkID("UserGroupId", *in.UserGroupId, 40)
	if err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	engine := strings.ToLower(*in.Engine)
	if _, err := findVersion(engine, ""); err != nil {
		return nil, err
	}
	g := UserGroup{Key: scopeOf(call).Key(id), Spec: UserGroupSpec{Engine: engine, UserIDs: lower(in.UserIds), Tags: tags}}
	var out *elasticacheapi.UserGroup
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := UserGroups.Get(tx, g.Key); ok {
			return elasticacheapi.NewUserGroupAlreadyExistsFault("User Group %s already exists.", id)
		}
		UserGroups.Put(tx, g)
		out = describeUserGroup(tx, g)
		return checkUserGroup(tx, g)
	})
	return out, err
}

func lower(ids []string) (out []string) {
	for _, id := range ids {
		out = append(out, strings.ToLower(id))
	}
	return out
}

// checkUserGroup checks that the users are there, that no two have one name, and
// for Redis that one is the default.
func checkUserGroup(r store.Reader, g UserGroup) error {
	scope, _ := arn.SplitKey(g.Key)
	seen := map[string]bool{}
	for _, id := range g.Spec.UserIDs {
		u, err := findUser(r, scope, id)
		if err != nil {
			return err
		}
		if seen[u.Spec.Name] {
			return elasticacheapi.NewDuplicateUserNameFault("More than one user of the group has the name %s.", u.Spec.Name)
		}
		seen[u.Spec.Name] = true
	}
	if !seen["default"] && g.Spec.Engine == "redis" {
		return elasticacheapi.NewDefaultUserRequired("User group %s needs a user with the name default.", g.ID())
	}
	return nil
}

func (s *Service) modifyUserGroup(ctx context.Context, call *api.Call, in *elasticacheapi.ModifyUserGroupMessage) (*elasticacheapi.UserGroup, error) {
	var out *elasticacheapi.UserGroup
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		g, err := findUserGroup(tx, scopeOf(call), *in.UserGroupId)
		if err != nil {
			return err
		}
		remove := lower(in.UserIdsToRemove)
		g.Spec.UserIDs = slices.DeleteFunc(slices.Clone(g.Spec.UserIDs), func(id string) bool { return slices.Contains(remove, id) })
		for _, id := range lower(in.UserIdsToAdd) {
			if slices.Contains(g.Spec.UserIDs, id) {
				return invalid("User %s is a member of user group %s already", id, g.ID())
			}
			g.Spec.UserIDs = append(g.Spec.UserIDs, id)
		}
		set(&g.Spec.Engine, in.Engine)
		UserGroups.Put(tx, g)
		out = describeUserGroup(tx, g)
		return checkUserGroup(tx, g)
	})
	return out, err
}

func (s *Service) deleteUserGroup(ctx context.Context, call *api.Call, in *elasticacheapi.DeleteUserGroupMessage) (*elasticacheapi.UserGroup, error) {
	var out *elasticacheapi.UserGroup
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		g, err := findUserGroup(tx, scopeOf(call), *in.UserGroupId)
		if err != nil {
			return err
		}
		out = describeUserGroup(tx, g)
		if len(out.ReplicationGroups) > 0 {
			return elasticacheapi.NewInvalidUserGroupStateFault("User group %s is associated with replication group %s.", g.ID(), out.ReplicationGroups[0])
		}
		UserGroups.Delete(tx, g.Key)
		out.Status = api.Ptr(stateDeleting)
		return nil
	})
	return out, err
}

func describeUserGroup(r store.Reader, g UserGroup) *elasticacheapi.UserGroup {
	scope, id := arn.SplitKey(g.Key)
	out := &elasticacheapi.UserGroup{
		UserGroupId: &id, Status: api.Ptr("active"), Engine: api.Ptr(g.Spec.Engine), UserIds: append([]string{}, g.Spec.UserIDs...), MinimumEngineVersion: api.Ptr("6.0"),
		ReplicationGroups: []string{}, ServerlessCaches: []string{}, ARN: api.Ptr(scope.ARN("elasticache", kindUserGroup+":"+id)),
	}
	for _, c := range Caches.Prefix(r, scope.Prefix()) {
		if slices.Contains(c.Spec.UserGroups, id) {
			out.ReplicationGroups = append(out.ReplicationGroups, c.ID())
		}
	}
	return out
}

func (s *Service) describeUserGroups(_ context.Context, call *api.Call, in *elasticacheapi.DescribeUserGroupsMessage) (*elasticacheapi.DescribeUserGroupsResult, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	find := func(id string) (UserGroup, error) { return findUserGroup(snap, scope, id) }
	all, err := service.OneOrAll(in.UserGroupId, find, UserGroups.Prefix(snap, scope.Prefix()))
	if err != nil {
		return nil, err
	}
	some, marker, err := page(all, UserGroup.ID, in.MaxRecords, in.Marker)
	out := &elasticacheapi.DescribeUserGroupsResult{Marker: marker, UserGroups: []elasticacheapi.UserGroup{}}
	for _, g := range some {
		out.UserGroups = append(out.UserGroups, *describeUserGroup(snap, g))
	}
	return out, err
}

// checkUserGroups checks the user groups that a cache names.
func checkUserGroups(r store.Reader, scope arn.Scope, spec CacheSpec) error {
	switch {
	case len(spec.UserGroups) > 1:
		return invalid("A replication group has at most one user group")
	case len(spec.UserGroups) > 0 && !spec.TransitEncryption:
		return combination("User groups can only be used with encryption in transit.")
	case len(spec.UserGroups) > 0 && len(spec.Tokens) > 0:
		return combination("An AUTH token and a user group cannot be used together.")
	}
	for _, id := range spec.UserGroups {
		if _, err := findUserGroup(r, scope, id); err != nil {
			return err
		}
	}
	return nil
}

// usersOf are the users of a cache, as its server knows them. One that
// authenticates by IAM has no password, and so cannot.
func usersOf(r store.Reader, scope arn.Scope, spec CacheSpec) (all []redis.User) {
	for _, id := range spec.UserGroups {
		g, err := findUserGroup(r, scope, id)
		if err != nil {
			continue // one in use cannot be deleted
		}
		for _, id := range g.Spec.UserIDs {
			if u, err := findUser(r, scope, id); err == nil {
				all = append(all, redis.User{Name: u.Spec.Name, Rules: u.Spec.Access, Passwords: u.Spec.Passwords, Open: u.Spec.Type == authOpen})
			}
		}
	}
	return all
}
