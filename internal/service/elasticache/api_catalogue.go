package elasticache

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
)

func (s *Service) describeEngineVersions(_ context.Context, _ *api.Call, in *elasticacheapi.DescribeCacheEngineVersionsMessage) (*elasticacheapi.CacheEngineVersionMessage, error) {
	out := &elasticacheapi.CacheEngineVersionMessage{CacheEngineVersions: []elasticacheapi.CacheEngineVersion{}}
	seen := map[string]bool{}
	for _, v := range versions {
		asked, isDefault := api.Or(in.EngineVersion, v.full), !seen[v.engine]
		seen[v.engine] = true
		if seen[v.full] || asked != v.full && asked != v.short || !isDefault && api.Val(in.DefaultOnly) ||
			api.Or(in.CacheParameterGroupFamily, v.family) != v.family || api.Or(in.Engine, v.engine) != v.engine {
			continue
		}
		seen[v.full] = true
		out.CacheEngineVersions = append(out.CacheEngineVersions, s.describeVersion(v))
	}
	return out, nil
}

// describeVersion says in its description which server is behind the version.
func (s *Service) describeVersion(v version) elasticacheapi.CacheEngineVersion {
	description := v.engine + " version " + v.full
	if e := s.engine.Load(); e != nil {
		description += ", served by " + e.String()
	}
	return elasticacheapi.CacheEngineVersion{
		Engine: api.Ptr(v.engine), EngineVersion: api.Ptr(v.full), CacheParameterGroupFamily: api.Ptr(v.family),
		CacheEngineDescription: api.Ptr(v.engine), CacheEngineVersionDescription: api.Ptr(description),
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

func (s *Service) describeEvents(context.Context, *api.Call, *elasticacheapi.DescribeEventsMessage) (*elasticacheapi.EventsMessage, error) {
	return &elasticacheapi.EventsMessage{Events: []elasticacheapi.Event{}}, nil
}

func (s *Service) describeUpdates(context.Context, *api.Call, *elasticacheapi.DescribeServiceUpdatesMessage) (*elasticacheapi.ServiceUpdatesMessage, error) {
	return &elasticacheapi.ServiceUpdatesMessage{ServiceUpdates: []elasticacheapi.ServiceUpdate{}}, nil
}

func (s *Service) describeUpdateActions(context.Context, *api.Call, *elasticacheapi.DescribeUpdateActionsMessage) (*elasticacheapi.UpdateActionsMessage, error) {
	return &elasticacheapi.UpdateActionsMessage{UpdateActions: []elasticacheapi.UpdateAction{}}, nil
}

func (s *Service) describeSecurityGroups(_ context.Context, _ *api.Call, in *elasticacheapi.DescribeCacheSecurityGroupsMessage) (*elasticacheapi.CacheSecurityGroupMessage, error) {
	if in.CacheSecurityGroupName != nil {
		return nil, elasticacheapi.NewCacheSecurityGroupNotFoundFault("CacheSecurityGroup %s not found.", *in.CacheSecurityGroupName)
	}
	return &elasticacheapi.CacheSecurityGroupMessage{CacheSecurityGroups: []elasticacheapi.CacheSecurityGroup{}}, nil
}

func (s *Service) describeReserved(_ context.Context, _ *api.Call, in *elasticacheapi.DescribeReservedCacheNodesMessage) (*elasticacheapi.ReservedCacheNodeMessage, error) {
	if in.ReservedCacheNodeId != nil {
		return nil, elasticacheapi.NewReservedCacheNodeNotFoundFault("Reserved cache node %s not found.", *in.ReservedCacheNodeId)
	}
	return &elasticacheapi.ReservedCacheNodeMessage{ReservedCacheNodes: []elasticacheapi.ReservedCacheNode{}}, nil
}

func (s *Service) describeGlobals(_ context.Context, _ *api.Call, in *elasticacheapi.DescribeGlobalReplicationGroupsMessage) (*elasticacheapi.DescribeGlobalReplicationGroupsResult, error) {
	if in.GlobalReplicationGroupId != nil {
		return nil, elasticacheapi.NewGlobalReplicationGroupNotFoundFault("Global replication group %s not found.", *in.GlobalReplicationGroupId)
	}
	return &elasticacheapi.DescribeGlobalReplicationGroupsResult{GlobalReplicationGroups: []elasticacheapi.GlobalReplicationGroup{}}, nil
}

func (s *Service) createServerless(context.Context, *api.Call, *elasticacheapi.CreateServerlessCacheRequest) (*elasticacheapi.CreateServerlessCacheResponse, error) {
	return nil, invalid("Serverless caches are not built; replication groups are")
}

func (s *Service) describeServerless(_ context.Context, _ *api.Call, in *elasticacheapi.DescribeServerlessCachesRequest) (*elasticacheapi.DescribeServerlessCachesResponse, error) {
	if in.ServerlessCacheName != nil {
		return nil, elasticacheapi.NewServerlessCacheNotFoundFault("Serverless cache %s not found.", *in.ServerlessCacheName)
	}
	return &elasticacheapi.DescribeServerlessCachesResponse{ServerlessCaches: []elasticacheapi.ServerlessCache{}}, nil
}

func (s *Service) modifyShards(_ context.Context, call *api.Call, in *elasticacheapi.ModifyReplicationGroupShardConfigurationMessage) (*elasticacheapi.ModifyReplicationGroupShardConfigurationResult, error) {
	if _, err := findGroup(s.env.Store.Snapshot(), scopeOf(call), *in.ReplicationGroupId); err != nil {
		return nil, err
	}
	return nil, invalid("Replication groups with several shards are not built")
}
