package elasticache

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func (s *Service) createCluster(ctx context.Context, call *api.Call, in *elasticacheapi.CreateCacheClusterMessage) (*elasticacheapi.CreateCacheClusterResult, error) {
	id, err := checkID("CacheClusterId", *in.CacheClusterId, 50)
	if err != nil {
		return nil, err
	}
	switch {
	case in.ReplicationGroupId != nil:
		return nil, invalid("ReplicationGroupId: adding a cluster to a group is not built; use IncreaseReplicaCount")
	case api.Or(in.NumCacheNodes, 1) != 1:
		return nil, invalid("NumCacheNodes should be 1 if engine is redis")
	case len(in.SnapshotArns) > 0:
		return nil, invalid("SnapshotArns: beginning with a file in S3 is not built; SnapshotName is")
	case api.Val(in.Engine) == "memcached":
		return nil, invalid("Engine memcached is not built; redis and valkey are")
	}
	r := clusterRequest(call, id, in)
	var c Cache
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, err := findCluster(tx, scopeOf(call), id); err == nil {
			return elasticacheapi.NewCacheClusterAlreadyExistsFault("Cache cluster %s already exists.", id)
		}
		c, err = s.create(tx, call, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &elasticacheapi.CreateCacheClusterResult{CacheCluster: describeCluster(member{c, 1}, call.Now)}, nil
}

func clusterRequest(call *api.Call, id string, in *elasticacheapi.CreateCacheClusterMessage) request {
	zones := in.PreferredAvailabilityZones
	if in.PreferredAvailabilityZone != nil {
		zones = []string{*in.PreferredAvailabilityZone}
	}
	return request{
		key: cacheKey(scopeOf(call), kindCluster, id), engine: api.Or(in.Engine, "redis"), version: api.Val(in.EngineVersion),
		nodeType: api.Or(in.CacheNodeType, "cache.t3.micro"), parameterGroup: api.Val(in.CacheParameterGroupName),
		subnetGroup: api.Val(in.CacheSubnetGroupName), groupIDs: in.SecurityGroupIds, port: in.Port, token: in.AuthToken,
		members: 1, zones: zones, tags: in.Tags, snapshot: in.SnapshotName,
		settings: Settings{
			MaintenanceWindow: windowOr(in.PreferredMaintenanceWindow), SnapshotWindow: api.Or(in.SnapshotWindow, "03:00-04:00"),
			SnapshotRetention: api.Val(in.SnapshotRetentionLimit), AutoMinorUpgrade: api.Or(in.AutoMinorVersionUpgrade, true),
			TransitEncryption: api.Val(in.TransitEncryptionEnabled), NetworkType: api.Or(in.NetworkType, elasticacheapi.NetworkTypeIpv4),
			IPDiscovery: api.Or(in.IpDiscovery, elasticacheapi.IpDiscoveryIpv4), TopicARN: api.Val(in.NotificationTopicArn), Logs: withLogs(nil, in.LogDeliveryConfigurations),
		},
	}
}

// A member is a cluster as the API lists it: one that stands alone, or the n-th
// of a replication group.
type member struct {
	cache Cache
	n     int64
}

func (m member) id() string {
	if m.cache.Kind() == kindCluster {
		return m.cache.ID()
	}
	return memberID(m.cache.ID(), m.n)
}

// members lists all clusters of a scope, in order of their names.
func members(r store.Reader, scope arn.Scope) (all []member) {
	for _, c := range Caches.Prefix(r, scope.Prefix()) {
		for n := range c.Spec.Members {
			all = append(all, member{c, n + 1})
		}
	}
	slices.SortFunc(all, func(a, b member) int { return strings.Compare(a.id(), b.id()) })
	return all
}

func findCluster(r store.Reader, scope arn.Scope, given string) (member, error) {
	for _, m := range members(r, scope) {
		if m.id() == strings.ToLower(given) {
			return m, nil
		}
	}
	return member{}, elasticacheapi.NewCacheClusterNotFoundFault("CacheCluster not found: %s", given)
}

func (s *Service) describeClusters(_ context.Context, call *api.Call, in *elasticacheapi.DescribeCacheClustersMessage) (*elasticacheapi.CacheClusterMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	all := members(snap, scope)
	if in.CacheClusterId != nil {
		m, err := findCluster(snap, scope, *in.CacheClusterId)
		if err != nil {
			return nil, err
		}
		all = []member{m}
	}
	if api.Val(in.ShowCacheClustersNotInReplicationGroups) {
		all = slices.DeleteFunc(all, func(m member) bool { return m.cache.Kind() == kindGroup })
	}
	some, marker, err := page(all, member.id, in.MaxRecords, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &elasticacheapi.CacheClusterMessage{Marker: marker, CacheClusters: []elasticacheapi.CacheCluster{}}
	for _, m := range some {
		d := describeCluster(m, call.Now)
		if !api.Val(in.ShowCacheNodeInfo) {
			d.CacheNodes = nil
		}
		out.CacheClusters = append(out.CacheClusters, *d)
	}
	return out, nil
}

func (s *Service) modifyCluster(ctx context.Context, call *api.Call, in *elasticacheapi.ModifyCacheClusterMessage) (*elasticacheapi.ModifyCacheClusterResult, error) {
	if api.Or(in.NumCacheNodes, 1) != 1 {
		return nil, invalid("NumCacheNodes should be 1 if engine is redis")
	}
	c, err := s.changeCluster(ctx, call, *in.CacheClusterId, func(tx *store.Tx, m member) (Cache, error) {
		if m.cache.Kind() == kindGroup {
			return m.cache, invalid("Cluster %s belongs to replication group %s: use ModifyReplicationGroup", m.id(), m.cache.ID())
		}
		c := m.cache
		return c, s.modify(tx, call, &c, modification{
			nodeType: in.CacheNodeType, version: in.EngineVersion, immediately: api.Val(in.ApplyImmediately),
			token: in.AuthToken, strategy: api.Or(in.AuthTokenUpdateStrategy, elasticacheapi.AuthTokenUpdateStrategyTypeRotate),
			parameterGroup: in.CacheParameterGroupName, groupIDs: in.SecurityGroupIds,
			maintenance: in.PreferredMaintenanceWindow, snapshot: in.SnapshotWindow, retention: in.SnapshotRetentionLimit,
			minorUpgrade: in.AutoMinorVersionUpgrade, topic: in.NotificationTopicArn, topicStatus: in.NotificationTopicStatus,
			engine: in.Engine, logs: in.LogDeliveryConfigurations,
		})
	})
	return &elasticacheapi.ModifyCacheClusterResult{CacheCluster: c}, err
}

func (s *Service) rebootCluster(ctx context.Context, call *api.Call, in *elasticacheapi.RebootCacheClusterMessage) (*elasticacheapi.RebootCacheClusterResult, error) {
	c, err := s.changeCluster(ctx, call, *in.CacheClusterId, func(_ *store.Tx, m member) (Cache, error) {
		if m.n == m.cache.primary() { // the others are listed only
			m.cache.Spec.Reboots++
		}
		return m.cache, nil
	})
	return &elasticacheapi.RebootCacheClusterResult{CacheCluster: c}, err
}

func (s *Service) deleteCluster(ctx context.Context, call *api.Call, in *elasticacheapi.DeleteCacheClusterMessage) (*elasticacheapi.DeleteCacheClusterResult, error) {
	c, err := s.changeCluster(ctx, call, *in.CacheClusterId, func(tx *store.Tx, m member) (Cache, error) {
		if m.cache.Kind() == kindGroup {
			return m.cache, elasticacheapi.NewInvalidCacheClusterStateFault("Cluster %s belongs to replication group %s: use DecreaseReplicaCount or DeleteReplicationGroup", m.id(), m.cache.ID())
		}
		m.cache.Spec.Deleted = true
		return m.cache, m.cache.finally(tx, in.FinalSnapshotIdentifier, call.Now)
	})
	return &elasticacheapi.DeleteCacheClusterResult{CacheCluster: c}, err
}

// changeCluster rewrites the spec of the cache that a cluster is of, and
// describes the cluster.
func (s *Service) changeCluster(ctx context.Context, call *api.Call, id string, fn func(*store.Tx, member) (Cache, error)) (*elasticacheapi.CacheCluster, error) {
	var out *elasticacheapi.CacheCluster
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		m, err := findCluster(tx, scopeOf(call), id)
		if err != nil {
			return err
		}
		if m.cache.Spec.Deleted {
			return elasticacheapi.NewInvalidCacheClusterStateFault("Cluster %s is being deleted already", m.id())
		}
		m.cache.Spec = m.cache.Spec.at(call.Now)
		c, err := fn(tx, m)
		if err != nil {
			return err
		}
		Caches.Put(tx, c)
		out = describeCluster(member{c, m.n}, call.Now)
		return nil
	})
	return out, err
}
