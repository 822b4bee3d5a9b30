package elasticache

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
)

func (s *Service) describeEngineVersions(_ context.Context, _ *api.Call, in *elasticacheapi.DescribeCacheEngineVersionsMessage) (*elasticacheapi.CacheEngineVersionMessage, error) {
	out := &elasticacheapi.CacheEngineVersionMessage{CacheEngineVersions: []elasticacheapi.CacheEngineVersion{}}
	if api.Or(in.Engine, "redis") != "redis" {
		return out, nil
	}
	seen := map[string]bool{}
	for n, v := range versions {
		asked := api.Or(in.EngineVersion, v.full)
		if seen[v.full] || asked != v.full && asked != v.short || n > 0 && api.Val(in.DefaultOnly) ||
			api.Or(in.CacheParameterGroupFamily, v.family) != v.family {
			continue
		}
		seen[v.full] = true
		out.CacheEngineVersions = append(out.CacheEngineVersions, s.describeVersion(v))
	}
	return out, nil
}

// describeVersion says in its description which server is behind the version.
func (s *Service) describeVersion(v version) elasticacheapi.CacheEngineVersion {
	description := "redis version " + v.full
	if e := s.engine.Load(); e != nil {
		description += ", served by " + e.String()
	}
	return elasticacheapi.CacheEngineVersion{
		Engine: api.Ptr("redis"), EngineVersion: api.Ptr(v.full), CacheParameterGroupFamily: api.Ptr(v.family),
		CacheEngineDescription: api.Ptr("Redis"), CacheEngineVersionDescription: api.Ptr(description),
	}
}

func (s *Service) listNodeTypes(_ context.Context, call *api.Call, in *elasticacheapi.ListAllowedNodeTypeModificationsMessage) (*elasticacheapi.AllowedNodeTypeModificationsMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	var now string
	if in.ReplicationGroupId != nil {
		c, err := findGroup(snap, scope, *in.ReplicationGroupId)
		if err != nil {
			return nil, err
		}
		now = c.Spec.NodeType
	} else {
		m, err := findCluster(snap, scope, api.Val(in.CacheClusterId))
		if err != nil {
			return nil, err
		}
		now = m.cache.Spec.NodeType
	}
	from, err := findNodeType(now)
	if err != nil {
		return nil, err
	}
	out := &elasticacheapi.AllowedNodeTypeModificationsMessage{ScaleUpModifications: []string{}, ScaleDownModifications: []string{}}
	for _, to := range nodeTypes {
		switch {
		case to.memory > from.memory:
			out.ScaleUpModifications = append(out.ScaleUpModifications, to.name)
		case to.memory < from.memory:
			out.ScaleDownModifications = append(out.ScaleDownModifications, to.name)
		}
	}
	return out, nil
}

func (s *Service) describeSnapshots(_ context.Context, _ *api.Call, in *elasticacheapi.DescribeSnapshotsMessage) (*elasticacheapi.DescribeSnapshotsListMessage, error) {
	if in.SnapshotName != nil {
		return nil, elasticacheapi.NewSnapshotNotFoundFault("Snapshot not found: %s", *in.SnapshotName)
	}
	return &elasticacheapi.DescribeSnapshotsListMessage{Snapshots: []elasticacheapi.Snapshot{}}, nil
}

func (s *Service) describeEvents(context.Context, *api.Call, *elasticacheapi.DescribeEventsMessage) (*elasticacheapi.EventsMessage, error) {
	return &elasticacheapi.EventsMessage{Events: []elasticacheapi.Event{}}, nil
}

func (s *Service) describeUpdates(context.Context, *api.Call, *elasticacheapi.DescribeServiceUpdatesMessage) (*elasticacheapi.ServiceUpdatesMessage, error) {
	return &elasticacheapi.ServiceUpdatesMessage{ServiceUpdates: []elasticacheapi.ServiceUpdate{}}, nil
}

func (s *Service) describeUpdateActions(context.Context, *api.Call, *elasticacheapi.DescribeUpdateActionsMessage) (*elasticacheapi.UpdateActionsMessage, error) {
	return &elasticacheapi.UpdateActionsMessage{UpdateActions: []elasticacheapi.UpdateAction{}}, nil
}
