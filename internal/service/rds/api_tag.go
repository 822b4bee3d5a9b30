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
	t, err := findTagged(s.env.Store.Snapshot(), call, *in.ResourceName)
	if err != nil {
		return nil, err
	}
	return &rdsapi.TagListMessage{TagList: tagList(t.tags)}, nil
}

func (s *Service) changeTags(ctx context.Context, call *api.Call, name string, change func(tag.Tags) tag.Tags) error {
	return s.env.Store.Update(ctx, func(tx *store.Tx) error {
		t, err := findTagged(tx, call, name)
		if err != nil {
			return err
		}
		tags := change(t.tags)
		if err := tags.Validate(); err != nil {
			return invalid("%v", err)
		}
		t.put(tx, tags)
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

// A tagged is a resource with tags, of whatever kind.
type tagged struct {
	tags tag.Tags
	put  func(*store.Tx, tag.Tags)
}

// findTagged finds the resource of an ARN.
func findTagged(r store.Reader, call *api.Call, name string) (tagged, error) {
	kind, key, ok := resource(name)
	if !ok || !strings.HasPrefix(key, scopeOf(call).Prefix()) {
		return tagged{}, invalid("Invalid resource name: %s", name)
	}
	id := idOf(key)
	switch kind {
	case kindInstance:
		return taggedRow(r, Instances, key, false, func(i *Instance) *tag.Tags { return &i.Spec.Tags }, rdsapi.NewDBInstanceNotFoundFault("DBInstance %s not found.", id))
	case kindSubnetGroup:
		return taggedRow(r, SubnetGroups, key, false, func(g *SubnetGroup) *tag.Tags { return &g.Spec.Tags }, rdsapi.NewDBSubnetGroupNotFoundFault("DB Subnet group %s not found", id))
	case kindParameterGroup:
		return taggedRow(r, ParameterGroups, key, isDefaultGroup(id), func(g *ParameterGroup) *tag.Tags { return &g.Spec.Tags }, rdsapi.NewDBParameterGroupNotFoundFault("DBParameterGroup not found: %s", id))
	case kindClusterGroup:
		return taggedRow(r, ClusterParameterGroups, key, isDefaultGroup(id), func(g *ParameterGroup) *tag.Tags { return &g.Spec.Tags }, rdsapi.NewDBParameterGroupNotFoundFault("DBClusterParameterGroup not found: %s", id))
	case kindOptionGroup:
		return taggedRow(r, OptionGroups, key, isDefaultOptions(id), func(g *OptionGroup) *tag.Tags { return &g.Spec.Tags }, rdsapi.NewOptionGroupNotFoundFault("Specified OptionGroupName: %s not found.", id))
	case kindSnapshot:
		return taggedRow(r, Snapshots, key, false, func(s *Snapshot) *tag.Tags { return &s.Spec.Tags }, rdsapi.NewDBSnapshotNotFoundFault("DBSnapshot %s not found.", id))
	case kindSubscription:
		return taggedRow(r, Subscriptions, key, false, func(s *Subscription) *tag.Tags { return &s.Spec.Tags }, rdsapi.NewSubscriptionNotFoundFault("Event Subscription %s does not exist.", id))
	case kindCluster:
		return taggedRow(r, Clusters, key, false, func(c *Cluster) *tag.Tags { return &c.Spec.Tags }, rdsapi.NewDBClusterNotFoundFault("DBCluster %s not found.", id))
	case kindClusterSnapshot:
		return taggedRow(r, ClusterSnapshots, key, false, func(s *ClusterSnapshot) *tag.Tags { return &s.Spec.Tags }, rdsapi.NewDBClusterSnapshotNotFoundFault("DBClusterSnapshot %s not found.", id))
	case kindClusterEndpoint:
		return taggedRow(r, ClusterEndpoints, key, false, func(e *ClusterEndpoint) *tag.Tags { return &e.Spec.Tags }, rdsapi.NewDBClusterEndpointNotFoundFault("DBClusterEndpoint %s not found.", id))
	}
	return tagged{}, invalid("Invalid resource name: %s", name)
}

// taggedRow is the resource of a row. A preset has no row, and keeps no tags.
func taggedRow[T any](r store.Reader, table *store.Table[T], key string, preset bool, tags func(*T) *tag.Tags, missing error) (tagged, error) {
	row, ok := table.Get(r, key)
	if !ok && !preset {
		return tagged{}, missing
	}
	return tagged{*tags(&row), func(tx *store.Tx, t tag.Tags) {
		table.Modify(tx, key, func(row *T) { *tags(row) = t })
	}}, nil
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
