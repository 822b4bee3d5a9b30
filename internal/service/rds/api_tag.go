package rds

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

func (s *Service) addTags(ctx context.Context, call *api.Call, in *rdsapi.AddTagsToResourceMessage) (*rdsapi.AddTagsToResourceOutput, error) {
	more, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	return nil, s.changeTags(ctx, call, *in.ResourceName, func(t tag.Tags) tag.Tags { return t.With(more) })
}

func (s *Service) removeTags(ctx context.Context, call *api.Call, in *rdsapi.RemoveTagsFromResourceMessage) (*rdsapi.RemoveTagsFromResourceOutput, error) {
	return nil, s.changeTags(ctx, call, *in.ResourceName, func(t tag.Tags) tag.Tags { return t.Without(in.TagKeys...) })
}

func (s *Service) listTags(_ context.Context, call *api.Call, in *rdsapi.ListTagsForResourceMessage) (*rdsapi.TagListMessage, error) {
	tags, err := findTags(s.env.Store.Snapshot(), call, *in.ResourceName)
	if err != nil {
		return nil, err
	}
	return &rdsapi.TagListMessage{TagList: tagList(tags)}, nil
}

func (s *Service) changeTags(ctx context.Context, call *api.Call, name string, change func(tag.Tags) tag.Tags) error {
	return s.env.Store.Update(ctx, func(tx *store.Tx) error {
		have, err := findTags(tx, call, name)
		if err != nil {
			return err
		}
		tags := change(have)
		if err := tags.Validate(); err != nil {
			return invalid("%v", err)
		}
		putTags(tx, name, tags)
		return nil
	})
}

// resource splits "arn:aws:rds:region:account:db:name".
func resource(name string) (kind, key string, ok bool) {
	a, err := arn.Parse(name)
	if err != nil || a.Service != "rds" {
		return "", "", false
	}
	kind, id, ok := strings.Cut(a.Resource, ":")
	return kind, a.Scope().Key(id), ok
}

func findTags(r store.Reader, call *api.Call, name string) (tag.Tags, error) {
	kind, key, ok := resource(name)
	if !ok || !strings.HasPrefix(key, scopeOf(call).Prefix()) {
		return nil, invalid("Invalid resource name: %s", name)
	}
	switch kind {
	case kindInstance:
		if i, ok := Instances.Get(r, key); ok {
			return i.Spec.Tags, nil
		}
		return nil, rdsapi.NewDBInstanceNotFoundFault("DBInstance %s not found.", idOf(key))
	case kindSubnetGroup:
		if g, ok := SubnetGroups.Get(r, key); ok {
			return g.Spec.Tags, nil
		}
		return nil, rdsapi.NewDBSubnetGroupNotFoundFault("DB Subnet group %s not found", idOf(key))
	case kindParameterGroup:
		if g, ok := ParameterGroups.Get(r, key); ok || isDefaultGroup(idOf(key)) {
			return g.Spec.Tags, nil
		}
		return nil, rdsapi.NewDBParameterGroupNotFoundFault("DBParameterGroup not found: %s", idOf(key))
	case kindOptionGroup:
		if g, ok := OptionGroups.Get(r, key); ok || isDefaultOptions(idOf(key)) {
			return g.Spec.Tags, nil
		}
		return nil, rdsapi.NewOptionGroupNotFoundFault("Specified OptionGroupName: %s not found.", idOf(key))
	}
	return nil, invalid("Invalid resource name: %s", name)
}

// putTags changes the tags of a row that findTags has found. A default group has
// no row, and keeps none.
func putTags(tx *store.Tx, name string, tags tag.Tags) {
	switch kind, key, _ := resource(name); kind {
	case kindInstance:
		Instances.Modify(tx, key, func(i *Instance) { i.Spec.Tags = tags })
	case kindSubnetGroup:
		SubnetGroups.Modify(tx, key, func(g *SubnetGroup) { g.Spec.Tags = tags })
	case kindParameterGroup:
		ParameterGroups.Modify(tx, key, func(g *ParameterGroup) { g.Spec.Tags = tags })
	case kindOptionGroup:
		OptionGroups.Modify(tx, key, func(g *OptionGroup) { g.Spec.Tags = tags })
	}
}

func tagsOf(in []rdsapi.Tag) (tag.Tags, error) {
	tags := tag.Tags{}
	for _, t := range in {
		tags[api.Val(t.Key)] = api.Val(t.Value)
	}
	if err := tags.Validate(); err != nil {
		return nil, invalid("%v", err)
	}
	return tags, nil
}

func tagList(tags tag.Tags) []rdsapi.Tag {
	out := []rdsapi.Tag{}
	for k, v := range tags.All() {
		out = append(out, rdsapi.Tag{Key: api.Ptr(k), Value: api.Ptr(v)})
	}
	return out
}
