package elasticache

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
	"apex/internal/arn"
	"apex/internal/store"
)

func (s *Service) createGroup(ctx context.Context, call *api.Call, in *elasticacheapi.CreateReplicationGroupMessage) (*elasticacheapi.CreateReplicationGroupResult, error) {
	id, err := checkID("ReplicationGroupId", *in.ReplicationGroupId, 40)
	if err != nil {
		return nil, err
	}
	if err := refuseUnbuilt(in); err != nil {
		return nil, err
	}
	r := groupRequest(call, id, in)
	if r.settings.AutoFailover && r.members < 2 {
		return nil, combination("When using automatic failover, there must be at least 2 cache clusters in the replication group.")
	}
	if r.members < 1 || r.members > 6 {
		return nil, invalid("Invalid number of cache clusters: %d; want 1 to 6", r.members)
	}
	var c Cache
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := Caches.Get(tx, r.key); ok {
			return elasticacheapi.NewReplicationGroupAlreadyExistsFault("Replication group %s already exists.", id)
		}
		c, err = s.create(tx, call, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &elasticacheapi.CreateReplicationGroupResult{ReplicationGroup: describeGroup(c, call.Now)}, nil
}

// refuseUnbuilt refuses what would be a different thing, were it ignored.
func refuseUnbuilt(in *elasticacheapi.CreateReplicationGroupMessage) error {
	switch {
	case api.Or(in.NumNodeGroups, 1) > 1 || len(in.NodeGroupConfiguration) > 1 || api.Or(in.ClusterMode, "disabled") != elasticacheapi.ClusterModeDisabled:
		return invalid("Cluster mode with several shards is not built")
	case in.PrimaryClusterId != nil || in.GlobalReplicationGroupId != nil:
		return invalid("A replication group of an existing cluster or group is not built")
	case len(in.SnapshotArns) > 0:
		return invalid("SnapshotArns: beginning with a file in S3 is not built; SnapshotName is")
	case api.Val(in.DataTieringEnabled):
		return invalid("DataTieringEnabled: data tiering is not built")
	case in.ServerlessCacheSnapshotName != nil:
		return invalid("ServerlessCacheSnapshotName: serverless caches are not built")
	case len(in.CacheSecurityGroupNames) > 0:
		return combination("Use of cache security groups is not permitted in this API version for your account.")
	case api.Val(in.MultiAZEnabled) && !api.Val(in.AutomaticFailoverEnabled):
		return combination("Multi-AZ can be enabled only with automatic failover.")
	}
	return nil
}

func groupRequest(call *api.Call, id string, in *elasticacheapi.CreateReplicationGroupMessage) request {
	members := api.Or(in.NumCacheClusters, api.Val(in.ReplicasPerNodeGroup)+1)
	zones := in.PreferredCacheClusterAZs
	if len(in.NodeGroupConfiguration) == 1 {
		shard := in.NodeGroupConfiguration[0]
		members = api.Or(shard.ReplicaCount, members-1) + 1
		if shard.PrimaryAvailabilityZone != nil {
			zones = append([]string{*shard.PrimaryAvailabilityZone}, shard.ReplicaAvailabilityZones...)
		}
	}
	return request{
		key: cacheKey(scopeOf(call), kindGroup, id), description: *in.ReplicationGroupDescription,
		engine: api.Or(in.Engine, "redis"), version: api.Val(in.EngineVersion), nodeType: api.Or(in.CacheNodeType, "cache.t3.micro"),
		parameterGroup: api.Val(in.CacheParameterGroupName), subnetGroup: api.Val(in.CacheSubnetGroupName), groupIDs: in.SecurityGroupIds,
		port: in.Port, token: in.AuthToken, members: members, zones: zones, tags: in.Tags, userGroups: lower(in.UserGroupIds), snapshot: in.SnapshotName,
		settings: Settings{
			AutoFailover: api.Val(in.AutomaticFailoverEnabled), MultiAZ: api.Val(in.MultiAZEnabled),
			MaintenanceWindow: windowOr(in.PreferredMaintenanceWindow), SnapshotWindow: api.Or(in.SnapshotWindow, "03:00-04:00"),
			SnapshotRetention: api.Val(in.SnapshotRetentionLimit), AutoMinorUpgrade: api.Or(in.AutoMinorVersionUpgrade, true),
			TransitEncryption: api.Val(in.TransitEncryptionEnabled), TransitMode: api.Val(in.TransitEncryptionMode),
			AtRestEncryption: api.Val(in.AtRestEncryptionEnabled), KMSKeyID: api.Val(in.KmsKeyId),
			NetworkType: api.Or(in.NetworkType, elasticacheapi.NetworkTypeIpv4), IPDiscovery: api.Or(in.IpDiscovery, elasticacheapi.IpDiscoveryIpv4),
			TopicARN: api.Val(in.NotificationTopicArn), Logs: withLogs(nil, in.LogDeliveryConfigurations),
		},
	}
}

func (s *Service) describeGroups(_ context.Context, call *api.Call, in *elasticacheapi.DescribeReplicationGroupsMessage) (*elasticacheapi.ReplicationGroupMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	var all []Cache
	if in.ReplicationGroupId != nil {
		c, err := findGroup(snap, scope, *in.ReplicationGroupId)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	} else {
		for _, c := range Caches.Prefix(snap, scope.Key(kindGroup+":")) {
			all = append(all, c)
		}
	}
	some, marker, err := page(all, Cache.ID, in.MaxRecords, in.Marker)
	if err != nil {
		return nil, err
	}
	out := &elasticacheapi.ReplicationGroupMessage{Marker: marker, ReplicationGroups: []elasticacheapi.ReplicationGroup{}}
	for _, c := range some {
		out.ReplicationGroups = append(out.ReplicationGroups, *describeGroup(c, call.Now))
	}
	return out, nil
}

func findGroup(r store.Reader, scope arn.Scope, given string) (Cache, error) {
	if c, ok := Caches.Get(r, cacheKey(scope, kindGroup, given)); ok {
		return c, nil
	}
	return Cache{}, elasticacheapi.NewReplicationGroupNotFoundFault("ReplicationGroup %s not found.", given)
}

func (s *Service) modifyGroup(ctx context.Context, call *api.Call, in *elasticacheapi.ModifyReplicationGroupMessage) (*elasticacheapi.ModifyReplicationGroupResult, error) {
	c, err := s.changeGroup(ctx, call, *in.ReplicationGroupId, func(tx *store.Tx, c *Cache) error {
		set(&c.Spec.Description, in.ReplicationGroupDescription)
		set(&c.Spec.AutoFailover, in.AutomaticFailoverEnabled)
		set(&c.Spec.MultiAZ, in.MultiAZEnabled)
		if c.Spec.AutoFailover && c.Spec.Members < 2 {
			return combination("Automatic failover needs at least 2 cache clusters in the replication group")
		}
		if in.PrimaryClusterId != nil {
			if err := c.promote(*in.PrimaryClusterId); err != nil {
				return err
			}
		}
		if api.Or(in.ClusterMode, elasticacheapi.ClusterModeDisabled) != elasticacheapi.ClusterModeDisabled {
			return invalid("ClusterMode: cluster mode is not built")
		}
		set(&c.Spec.SnapshottingID, in.SnapshottingClusterId)
		set(&c.Spec.IPDiscovery, in.IpDiscovery)
		if err := c.changeUserGroups(in); err != nil {
			return err
		}
		set(&c.Spec.TransitMode, in.TransitEncryptionMode)
		if in.TransitEncryptionEnabled != nil && *in.TransitEncryptionEnabled != c.Spec.TransitEncryption {
			deleteNames(tx, *c)
			c.Spec.TransitEncryption = *in.TransitEncryptionEnabled
			putNames(tx, *c)
		}
		return s.modify(tx, call, c, modification{
			nodeType: in.CacheNodeType, version: in.EngineVersion, immediately: api.Val(in.ApplyImmediately),
			token: in.AuthToken, strategy: api.Or(in.AuthTokenUpdateStrategy, elasticacheapi.AuthTokenUpdateStrategyTypeRotate),
			parameterGroup: in.CacheParameterGroupName, groupIDs: in.SecurityGroupIds,
			maintenance: in.PreferredMaintenanceWindow, snapshot: in.SnapshotWindow, retention: in.SnapshotRetentionLimit,
			minorUpgrade: in.AutoMinorVersionUpgrade, topic: in.NotificationTopicArn, topicStatus: in.NotificationTopicStatus,
			engine: in.Engine, logs: in.LogDeliveryConfigurations,
		})
	})
	return &elasticacheapi.ModifyReplicationGroupResult{ReplicationGroup: c}, err
}

// changeGroup rewrites one group's spec in a transaction, and describes it.
func (s *Service) changeGroup(ctx context.Context, call *api.Call, id string, fn func(*store.Tx, *Cache) error) (*elasticacheapi.ReplicationGroup, error) {
	var out *elasticacheapi.ReplicationGroup
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		c, err := findGroup(tx, scopeOf(call), id)
		if err != nil {
			return err
		}
		if is := state(c); is == stateDeleting || is == stateCreating {
			return elasticacheapi.NewInvalidReplicationGroupStateFault("Replication group %s is in state %s", c.ID(), is)
		}
		c.Spec = c.Spec.at(call.Now)
		if err := fn(tx, &c); err != nil {
			return err
		}
		Caches.Put(tx, c)
		out = describeGroup(c, call.Now)
		return nil
	})
	return out, err
}

func (s *Service) deleteGroup(ctx context.Context, call *api.Call, in *elasticacheapi.DeleteReplicationGroupMessage) (*elasticacheapi.DeleteReplicationGroupResult, error) {
	if api.Val(in.RetainPrimaryCluster) {
		return nil, invalid("RetainPrimaryCluster: keeping the primary is not built; nothing was deleted")
	}
	var out *elasticacheapi.ReplicationGroup
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		c, err := findGroup(tx, scopeOf(call), *in.ReplicationGroupId)
		if err != nil {
			return err
		}
		if c.Spec.Deleted {
			return elasticacheapi.NewInvalidReplicationGroupStateFault("Replication group %s is being deleted already", c.ID())
		}
		if err := c.finally(tx, in.FinalSnapshotIdentifier, call.Now); err != nil {
			return err
		}
		c.Spec.Deleted = true
		Caches.Put(tx, c)
		out = describeGroup(c, call.Now)
		return nil
	})
	return &elasticacheapi.DeleteReplicationGroupResult{ReplicationGroup: out}, err
}
