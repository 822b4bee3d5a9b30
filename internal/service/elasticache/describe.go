package elasticache

import (
	"fmt"
	"time"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
	"apex/internal/arn"
)

// describeGroup gives a replication group back as ElastiCache does.
func describeGroup(c Cache, now time.Time) *elasticacheapi.ReplicationGroup {
	c.Spec = c.Spec.at(now)
	spec := c.Spec
	out := &elasticacheapi.ReplicationGroup{
		ReplicationGroupId: api.Ptr(c.ID()), ARN: api.Ptr(c.ARN()), Description: api.Ptr(spec.Description), Status: api.Ptr(state(c)),
		ReplicationGroupCreateTime: api.Ptr(spec.CreatedAt), Engine: api.Ptr(spec.EngineName()), CacheNodeType: api.Ptr(spec.NodeType),
		ClusterEnabled: api.Ptr(false), ClusterMode: api.Ptr(elasticacheapi.ClusterModeDisabled), DataTiering: api.Ptr(elasticacheapi.DataTieringStatusDisabled),
		AutomaticFailover: api.Ptr(enabled(spec.AutoFailover)), MultiAZ: api.Ptr(enabled(spec.MultiAZ)),
		SnapshotRetentionLimit: api.Ptr(spec.SnapshotRetention), SnapshotWindow: api.Ptr(spec.SnapshotWindow),
		AuthTokenEnabled: api.Ptr(len(spec.Tokens) > 0), TransitEncryptionEnabled: api.Ptr(spec.TransitEncryption),
		AtRestEncryptionEnabled: api.Ptr(spec.AtRestEncryption), KmsKeyId: optional(spec.KMSKeyID), TransitEncryptionMode: transitMode(spec),
		AutoMinorVersionUpgrade: api.Ptr(spec.AutoMinorUpgrade), NetworkType: api.Ptr(spec.NetworkType), IpDiscovery: api.Ptr(spec.IPDiscovery),
		UserGroupIds: append([]string{}, spec.UserGroups...), LogDeliveryConfigurations: describeLogs(spec.Logs), SnapshottingClusterId: snapshotting(c),
		PendingModifiedValues: &elasticacheapi.ReplicationGroupPendingModifiedValues{},
	}
	if !spec.TokenChanged.IsZero() {
		out.AuthTokenLastModifiedDate = api.Ptr(spec.TokenChanged)
	}
	for n := range spec.Members {
		out.MemberClusters = append(out.MemberClusters, memberID(c.ID(), n+1))
	}
	if c.Status.Created {
		out.NodeGroups = []elasticacheapi.NodeGroup{nodeGroup(c)}
	}
	return out
}

// nodeGroupID is the name of a replication group's one shard.
const nodeGroupID = "0001"

// snapshotting is the member of which snapshots are made by themselves.
func snapshotting(c Cache) *string {
	if c.Spec.SnapshotRetention == 0 {
		return nil
	}
	if c.Spec.SnapshottingID != "" {
		return api.Ptr(c.Spec.SnapshottingID)
	}
	return api.Ptr(memberID(c.ID(), min(2, c.Spec.Members)))
}

func nodeGroup(c Cache) elasticacheapi.NodeGroup {
	names := namesOf(c)
	out := elasticacheapi.NodeGroup{
		NodeGroupId: api.Ptr(nodeGroupID), Status: api.Ptr(state(c)),
		PrimaryEndpoint: endpoint(names.primary, c), ReaderEndpoint: endpoint(names.reader, c),
	}
	for n := range c.Spec.Members {
		out.NodeGroupMembers = append(out.NodeGroupMembers, elasticacheapi.NodeGroupMember{
			CacheClusterId: api.Ptr(memberID(c.ID(), n+1)), CacheNodeId: api.Ptr("0001"), CurrentRole: api.Ptr(c.role(n + 1)),
			PreferredAvailabilityZone: api.Ptr(zoneOf(c, n+1)), ReadEndpoint: endpoint(names.node(n+1), c),
		})
	}
	return out
}

func endpoint(name string, c Cache) *elasticacheapi.Endpoint {
	return &elasticacheapi.Endpoint{Address: api.Ptr(name), Port: api.Ptr(c.Spec.Port)}
}

func zoneOf(c Cache, n int64) string { return c.Spec.Zones[(n-1)%int64(len(c.Spec.Zones))] }

// describeCluster gives a cluster back as ElastiCache does.
func describeCluster(m member, now time.Time) *elasticacheapi.CacheCluster {
	c := m.cache
	c.Spec = c.Spec.at(now)
	spec := c.Spec
	out := &elasticacheapi.CacheCluster{
		CacheClusterId: api.Ptr(m.id()), ARN: api.Ptr(clusterARN(m)), CacheClusterStatus: api.Ptr(state(c)), CacheClusterCreateTime: api.Ptr(spec.CreatedAt),
		Engine: api.Ptr(spec.EngineName()), EngineVersion: api.Ptr(spec.EngineVersion), CacheNodeType: api.Ptr(spec.NodeType), NumCacheNodes: api.Ptr(int64(1)),
		PreferredAvailabilityZone: api.Ptr(zoneOf(c, m.n)), PreferredMaintenanceWindow: api.Ptr(spec.MaintenanceWindow),
		CacheSubnetGroupName: api.Ptr(spec.SubnetGroup), AutoMinorVersionUpgrade: api.Ptr(spec.AutoMinorUpgrade),
		SnapshotRetentionLimit: api.Ptr(spec.SnapshotRetention), SnapshotWindow: api.Ptr(spec.SnapshotWindow),
		AuthTokenEnabled: api.Ptr(len(spec.Tokens) > 0), TransitEncryptionEnabled: api.Ptr(spec.TransitEncryption), TransitEncryptionMode: transitMode(spec),
		AtRestEncryptionEnabled: api.Ptr(spec.AtRestEncryption), NetworkType: api.Ptr(spec.NetworkType), IpDiscovery: api.Ptr(spec.IPDiscovery),
		ReplicationGroupLogDeliveryEnabled: api.Ptr(c.Kind() == kindGroup && len(spec.Logs) > 0), LogDeliveryConfigurations: describeLogs(spec.Logs),
		CacheParameterGroup: &elasticacheapi.CacheParameterGroupStatus{
			CacheParameterGroupName: api.Ptr(spec.ParameterGroup), ParameterApplyStatus: api.Ptr("in-sync"), CacheNodeIdsToReboot: []string{},
		},
		PendingModifiedValues: pendingValues(spec),
	}
	if c.Kind() == kindGroup {
		out.ReplicationGroupId = api.Ptr(c.ID())
	}
	if spec.TopicARN != "" {
		out.NotificationConfiguration = &elasticacheapi.NotificationConfiguration{TopicArn: api.Ptr(spec.TopicARN), TopicStatus: api.Ptr(topicStatus(spec))}
	}
	for _, id := range spec.GroupIDs {
		out.SecurityGroups = append(out.SecurityGroups, elasticacheapi.SecurityGroupMembership{SecurityGroupId: api.Ptr(id), Status: api.Ptr("active")})
	}
	node := elasticacheapi.CacheNode{
		CacheNodeId: api.Ptr("0001"), CacheNodeStatus: api.Ptr(state(c)), CacheNodeCreateTime: api.Ptr(spec.CreatedAt),
		ParameterGroupStatus: api.Ptr("in-sync"), CustomerAvailabilityZone: api.Ptr(zoneOf(c, m.n)),
	}
	if c.Status.Created {
		node.Endpoint = endpoint(namesOf(c).node(m.n), c)
	}
	out.CacheNodes = []elasticacheapi.CacheNode{node}
	return out
}

func topicStatus(spec CacheSpec) string {
	if spec.TopicStatus == "" {
		return "active"
	}
	return spec.TopicStatus
}

func clusterARN(m member) string {
	scope, _ := arn.SplitKey(m.cache.Key)
	return scope.ARN("elasticache", fmt.Sprintf("%s:%s", kindCluster, m.id()))
}

func pendingValues(spec CacheSpec) *elasticacheapi.PendingModifiedValues {
	out, next := &elasticacheapi.PendingModifiedValues{}, spec.wanted()
	if next.NodeType != spec.NodeType {
		out.CacheNodeType = api.Ptr(next.NodeType)
	}
	if next.EngineVersion != spec.EngineVersion {
		out.EngineVersion = api.Ptr(next.EngineVersion)
	}
	return out
}

func transitMode(spec CacheSpec) *string {
	if !spec.TransitEncryption {
		return nil
	}
	if spec.TransitMode == "" {
		return api.Ptr(elasticacheapi.TransitEncryptionModeRequired)
	}
	return api.Ptr(spec.TransitMode)
}

func enabled(on bool) string {
	if on {
		return "enabled"
	}
	return "disabled"
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
