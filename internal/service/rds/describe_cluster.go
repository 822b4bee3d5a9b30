package rds

import (
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

func (s *Service) describeClusters(_ context.Context, call *api.Call, in *rdsapi.DescribeDBClustersMessage) (*rdsapi.DBClusterMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	find := func(id string) (Cluster, error) { return findCluster(snap, scope, id) }
	all, err := service.OneOrAll(in.DBClusterIdentifier, find, Clusters.Prefix(snap, scope.Prefix()))
	if err != nil {
		return nil, err
	}
	all, err = filtered(all, in.Filters, func(c Cluster, name string) ([]string, bool) {
		switch name {
		case "db-cluster-id":
			return []string{c.ID(), arnOf(scope, kindCluster, c.ID())}, true
		case "db-cluster-resource-id":
			return []string{c.Spec.ResourceID}, true
		case "engine":
			return []string{c.Spec.Engine}, true
		case "clone-group-id", "domain": // nothing has either
			return nil, true
		}
		return nil, false
	})
	if err != nil {
		return nil, err
	}
	some, marker, err := page(all, Cluster.ID, in.MaxRecords, in.Marker)
	out := &rdsapi.DBClusterMessage{Marker: marker, DBClusters: []rdsapi.DBCluster{}}
	for _, c := range some {
		out.DBClusters = append(out.DBClusters, *describeCluster(snap, c))
	}
	return out, err
}

// describeCluster gives a cluster back as RDS does.
func describeCluster(r store.Reader, c Cluster) *rdsapi.DBCluster {
	scope, id := arn.SplitKey(c.Key)
	spec := c.Spec
	out := &rdsapi.DBCluster{
		DBClusterIdentifier: &id, DBClusterArn: api.Ptr(arnOf(scope, kindCluster, id)), DbClusterResourceId: api.Ptr(spec.ResourceID), Status: api.Ptr(clusterState(c)),
		Engine: api.Ptr(spec.Engine), EngineVersion: api.Ptr(spec.Version), EngineMode: api.Ptr(spec.Mode), MasterUsername: api.Ptr(spec.MasterUser),
		DatabaseName: optional(spec.Database), Port: api.Ptr(spec.Port), Endpoint: api.Ptr(clusterName(scope, id, "cluster")), ReaderEndpoint: api.Ptr(clusterName(scope, id, "cluster-ro")),
		HostedZoneId: api.Ptr(hostedZone), AvailabilityZones: spec.Zones, DBSubnetGroup: api.Ptr(spec.SubnetGroup), DBClusterParameterGroup: api.Ptr(spec.ParameterGroup),
		ClusterCreateTime: api.Ptr(spec.CreatedAt), EarliestRestorableTime: api.Ptr(spec.CreatedAt), LatestRestorableTime: api.Ptr(spec.CreatedAt), AllocatedStorage: api.Ptr(int64(1)),
		MultiAZ: api.Ptr(len(c.members(r)) > 1), TagList: tagList(spec.Tags), ReadReplicaIdentifiers: []string{}, DomainMemberships: []rdsapi.DomainMembership{},
		AssociatedRoles: []rdsapi.DBClusterRole{}, CustomEndpoints: customNames(r, c), CrossAccountClone: api.Ptr(false),
		ActivityStreamStatus: api.Ptr(rdsapi.ActivityStreamStatusStopped),
	}
	describeClusterSettings(out, spec.ClusterSettings)
	for _, i := range c.members(r) {
		out.DBClusterMembers = append(out.DBClusterMembers, rdsapi.DBClusterMember{
			DBInstanceIdentifier: api.Ptr(i.ID()), IsClusterWriter: api.Ptr(i.ID() == spec.Writer), DBClusterParameterGroupStatus: api.Ptr("in-sync"), PromotionTier: api.Ptr(i.Spec.PromotionTier),
		})
	}
	for _, id := range spec.GroupIDs {
		out.VpcSecurityGroups = append(out.VpcSecurityGroups, rdsapi.VpcSecurityGroupMembership{VpcSecurityGroupId: api.Ptr(id), Status: api.Ptr("active")})
	}
	for _, role := range spec.Roles {
		out.AssociatedRoles = append(out.AssociatedRoles, rdsapi.DBClusterRole{RoleArn: api.Ptr(role.ARN), FeatureName: optional(role.Feature), Status: api.Ptr("ACTIVE")})
	}
	if spec.Secret.Name != "" {
		out.MasterUserSecret = &rdsapi.MasterUserSecret{SecretArn: api.Ptr(spec.Secret.ARN), SecretStatus: api.Ptr("active"), KmsKeyId: optional(spec.SecretKey)}
	}
	return out
}

func describeClusterSettings(out *rdsapi.DBCluster, s ClusterSettings) {
	out.BackupRetentionPeriod, out.PreferredBackupWindow, out.PreferredMaintenanceWindow = api.Ptr(s.BackupRetention), api.Ptr(s.BackupWindow), api.Ptr(s.MaintenanceWindow)
	out.StorageEncrypted, out.KmsKeyId, out.IAMDatabaseAuthenticationEnabled = api.Ptr(s.Encrypted), optional(s.KMSKeyID), api.Ptr(s.IAMAuth)
	out.BacktrackWindow, out.EnabledCloudwatchLogsExports, out.DeletionProtection = positive(s.Backtrack), s.LogExports, api.Ptr(s.DeletionProtection)
	out.HttpEndpointEnabled, out.CopyTagsToSnapshot, out.Iops = api.Ptr(s.HTTPEndpoint), api.Ptr(s.CopyTags), positive(s.IOPS)
	if s.StorageType != "aurora" { // RDS leaves the usual one out
		out.StorageType = api.Ptr(s.StorageType)
	}
	out.NetworkType, out.EngineLifecycleSupport, out.DatabaseInsightsMode = api.Ptr(s.NetworkType), api.Ptr(s.Lifecycle), api.Ptr(s.InsightsMode)
	out.PerformanceInsightsEnabled, out.PerformanceInsightsKMSKeyId = api.Ptr(s.Insights), optional(s.InsightsKey)
	out.PerformanceInsightsRetentionPeriod, out.MonitoringInterval, out.MonitoringRoleArn = positive(s.InsightsRetention), positive(s.MonitoringInterval), optional(s.MonitoringRole)
	if s.MaxCapacity != nil {
		out.ServerlessV2ScalingConfiguration = &rdsapi.ServerlessV2ScalingConfigurationInfo{MinCapacity: s.MinCapacity, MaxCapacity: s.MaxCapacity, SecondsUntilAutoPause: s.AutoPause}
	}
	if s.LocalForwarding {
		out.LocalWriteForwardingStatus = api.Ptr("enabled")
	}
	out.CertificateDetails = &rdsapi.CertificateDetails{CAIdentifier: api.Ptr(s.CACertificate), ValidTill: api.Ptr(certificateEnd)}
}

// customNames are the cluster's further endpoints.
func customNames(r store.Reader, c Cluster) []string {
	scope, id := arn.SplitKey(c.Key)
	names := []string{}
	for _, e := range ClusterEndpoints.Prefix(r, scope.Prefix()) {
		if e.Spec.Cluster == id {
			names = append(names, clusterName(scope, e.ID(), "cluster-custom"))
		}
	}
	return names
}

// zonesOf are the zones of a subnet group, in order.
func zonesOf(r store.Reader, scope arn.Scope, g SubnetGroup) (zones []string) {
	for _, id := range g.Spec.SubnetIDs {
		if subnet, ok := ec2.Subnets.Get(r, scope.Key(id)); ok {
			zones = append(zones, subnet.Spec.Zone)
		}
	}
	slices.Sort(zones)
	return slices.Compact(zones)
}
