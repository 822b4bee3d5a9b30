package elasticache

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

func (s *Service) addTags(ctx context.Context, call *api.Call, in *elasticacheapi.AddTagsToResourceMessage) (*elasticacheapi.TagListMessage, error) {
	more, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	return s.changeTags(ctx, call, *in.ResourceName, func(t tag.Tags) tag.Tags { return t.With(more) })
}

func (s *Service) removeTags(ctx context.Context, call *api.Call, in *elasticacheapi.RemoveTagsFromResourceMessage) (*elasticacheapi.TagListMessage, error) {
	return s.changeTags(ctx, call, *in.ResourceName, func(t tag.Tags) tag.Tags { return t.Without(in.TagKeys...) })
}

func (s *Service) listTags(_ context.Context, call *api.Call, in *elasticacheapi.ListTagsForResourceMessage) (*elasticacheapi.TagListMessage, error) {
	r, err := findTagged(s.env.Store.Snapshot(), call, *in.ResourceName)
	if err != nil {
		return nil, err
	}
	return &elasticacheapi.TagListMessage{TagList: tagList(r.tags)}, nil
}

func (s *Service) changeTags(ctx context.Context, call *api.Call, name string, change func(tag.Tags) tag.Tags) (*elasticacheapi.TagListMessage, error) {
	var tags tag.Tags
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		r, err := findTagged(tx, call, name)
		if err != nil {
			return err
		}
		tags = change(r.tags)
		if err := tags.Validate(); err != nil {
			return invalid("%v", err)
		}
		r.put(tx, tags)
		return nil
	})
	return &elasticacheapi.TagListMessage{TagList: tagList(tags)}, err
}

// A tagged is a resource with tags, of whatever kind.
type tagged struct {
	tags tag.Tags
	put  func(*store.Tx, tag.Tags)
}

// findTagged finds the resource of an ARN. A default parameter group has no row,
// and keeps no tags.
func findTagged(r store.Reader, call *api.Call, name string) (tagged, error) {
	a, err := arn.Parse(name)
	kind, id, ok := strings.Cut(a.Resource, ":")
	if err != nil || !ok || a.Service != "elasticache" || a.Scope() != scopeOf(call) {
		return tagged{}, elasticacheapi.NewInvalidARNFault("%s is not an ARN of this account's ElastiCache", name)
	}
	scope := scopeOf(call)
	switch kind {
	case kindGroup:
		c, err := findGroup(r, scope, id)
		return taggedCache(c), err
	case kindCluster:
		m, err := findCluster(r, scope, id)
		return taggedCache(m.cache), err
	case kindSubnetGroup:
		g, err := findSubnetGroup(r, scope, id)
		return tagged{g.Spec.Tags, func(tx *store.Tx, t tag.Tags) {
			SubnetGroups.Modify(tx, g.Key, func(g *SubnetGroup) { g.Spec.Tags = t })
		}}, err
	case kindParameterGroup:
		g, err := findParameterGroup(r, scope, id)
		return tagged{g.Spec.Tags, func(tx *store.Tx, t tag.Tags) {
			ParameterGroups.Modify(tx, g.Key, func(g *ParameterGroup) { g.Spec.Tags = t })
		}}, err
	case kindUser:
		u, err := findUser(r, scope, id)
		return tagged{u.Spec.Tags, func(tx *store.Tx, t tag.Tags) {
			Users.Modify(tx, u.Key, func(u *User) { u.Spec.Tags = t })
		}}, err
	case kindUserGroup:
		g, err := findUserGroup(r, scope, id)
		return tagged{g.Spec.Tags, func(tx *store.Tx, t tag.Tags) {
			UserGroups.Modify(tx, g.Key, func(g *UserGroup) { g.Spec.Tags = t })
		}}, err
	case kindSnapshot:
		s, err := findSnapshot(r, scope, id)
		return tagged{s.Spec.Tags, func(tx *store.Tx, t tag.Tags) {
			Snapshots.Modify(tx, s.Key, func(s *Snapshot) { s.Spec.Tags = t })
		}}, err
	}
	return tagged{}, elasticacheapi.NewInvalidARNFault("%s names no resource that can be tagged", name)
}

func taggedCache(c Cache) tagged {
	return tagged{c.Spec.Tags, func(tx *store.Tx, t tag.Tags) {
		Caches.Modify(tx, c.Key, func(c *Cache) { c.Spec.Tags = t })
	}}
}

func tagsOf(in []elasticacheapi.Tag) (tag.Tags, error) {
	tags := tag.Tags{}
	for _, t := range in {
		tags[api.Val(t.Key)] = api.Val(t.Value)
	}
	if err := tags.Validate(); err != nil {
		return nil, invalid("%v", err)
	}
	return tags, nil
}

func tagList(tags tag.Tags) []elasticacheapi.Tag {
	out := []elasticacheapi.Tag{}
	for k, v := range tags.All() {
		out = append(out, elasticacheapi.Tag{Key: api.Ptr(k), Value: api.Ptr(v)})
	}
	return out
}
