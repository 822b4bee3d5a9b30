package rds

import (
	"maps"
	"time"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/store"
)

// describe gives an instance back as RDS does.
func (s *Service) describe(r store.Reader, scope arn.Scope, i Instance, now time.Time) *rdsapi.DBInstance {
	i.Spec = i.Spec.at(now)
	spec := i.Spec
	out := &rdsapi.DBInstance{
		DBInstanceIdentifier: api.Ptr(i.ID()), DBInstanceArn: api.Ptr(arnOf(scope, kindInstance, i.ID())), DbiResourceId: api.Ptr(spec.ResourceID),
		DBInstanceStatus: api.Ptr(state(i)), InstanceCreateTime: api.Ptr(spec.CreatedAt), AvailabilityZone: api.Ptr(spec.Zone),
		Engine: api.Ptr(spec.Engine), MasterUsername: api.Ptr(spec.MasterUser), DBName: optional(spec.Database),
		DbInstancePort: api.Ptr(int64(0)), TagList: tagList(spec.Tags), PendingModifiedValues: pendingValues(spec), DomainMemberships: []rdsapi.DomainMembership{},
		DBSecurityGroups: []rdsapi.DBSecurityGroupMembership{}, ReadReplicaDBInstanceIdentifiers: []string{}, AssociatedRoles: []rdsapi.DBInstanceRole{},
		DBParameterGroups: []rdsapi.DBParameterGroupStatus{{
			DBParameterGroupName: api.Ptr(spec.ParameterGroup), ParameterApplyStatus: api.Ptr(s.applyStatus(r, scope, i)),
		}},
		OptionGroupMemberships: []rdsapi.OptionGroupMembership{{OptionGroupName: api.Ptr(spec.OptionGroup), Status: api.Ptr("in-sync")}},
		CertificateDetails:     &rdsapi.CertificateDetails{CAIdentifier: api.Ptr(spec.CACertificate), ValidTill: api.Ptr(certificateEnd)},
	}
	describeSizing(out, spec.Sizing)
	if spec.MultiAZ {
		out.SecondaryAvailabilityZone = optional(spec.Standby.Zone)
	}
	describeSettings(out, spec.Settings)
	if spec.Cluster != "" {
		out.DBClusterIdentifier, out.PromotionTier = api.Ptr(spec.Cluster), api.Ptr(spec.PromotionTier)
	}
	for _, role := range spec.Roles {
		out.AssociatedRoles = append(out.AssociatedRoles, rdsapi.DBInstanceRole{RoleArn: api.Ptr(role.ARN), FeatureName: api.Ptr(role.Feature), Status: api.Ptr("ACTIVE")})
	}
	for _, id := range spec.GroupIDs {
		out.VpcSecurityGroups = append(out.VpcSecurityGroups, rdsapi.VpcSecurityGroupMembership{VpcSecurityGroupId: api.Ptr(id), Status: api.Ptr("active")})
	}
	if g, ok := SubnetGroups.Get(r, scope.Key(spec.SubnetGroup)); ok {
		out.DBSubnetGroup = describeSubnetGroup(r, scope, g)
	}
	if i.Status.Created {
		out.Endpoint = &rdsapi.Endpoint{
			Address: api.Ptr(endpointName(scope, i.ID())), Port: api.Ptr(spec.Port), HostedZoneId: api.Ptr(hostedZone),
		}
	}
	if spec.Secret.Name != "" {
		out.MasterUserSecret = &rdsapi.MasterUserSecret{SecretArn: api.Ptr(spec.Secret.ARN), SecretStatus: api.Ptr("active"), KmsKeyId: optional(spec.SecretKey)}
	}
	if i.Status.Fault != "" {
		out.StatusInfos = []rdsapi.DBInstanceStatusInfo{{
			StatusType: api.Ptr("server"), Normal: api.Ptr(false), Status: api.Ptr("error"), Message: api.Ptr(i.Status.Fault),
		}}
	}
	return out
}

func describeSizing(out *rdsapi.DBInstance, z Sizing) {
	out.DBInstanceClass, out.EngineVersion, out.MultiAZ = api.Ptr(z.Class), api.Ptr(z.EngineVersion), api.Ptr(z.MultiAZ)
	out.AllocatedStorage, out.StorageType = api.Ptr(z.Storage), api.Ptr(z.StorageType)
	out.Iops, out.StorageThroughput = positive(z.IOPS), api.Ptr(z.Throughput)
}

func describeSettings(out *rdsapi.DBInstance, s Settings) {
	out.MaxAllocatedStorage = positive(s.MaxStorage)
	out.BackupRetentionPeriod, out.PreferredBackupWindow = api.Ptr(s.BackupRetention), api.Ptr(s.BackupWindow)
	out.PreferredMaintenanceWindow, out.AutoMinorVersionUpgrade = api.Ptr(s.MaintenanceWindow), api.Ptr(s.AutoMinorUpgrade)
	out.PubliclyAccessible, out.StorageEncrypted, out.KmsKeyId = api.Ptr(s.Public), api.Ptr(s.Encrypted), optional(s.KMSKeyID)
	out.CopyTagsToSnapshot, out.DeletionProtection = api.Ptr(s.CopyTags), api.Ptr(s.DeletionProtection)
	out.IAMDatabaseAuthenticationEnabled, out.DatabaseInsightsMode = api.Ptr(s.IAMAuth), api.Ptr(s.InsightsMode)
	out.PerformanceInsightsEnabled, out.PerformanceInsightsKMSKeyId = api.Ptr(s.PerformanceInsights), optional(s.InsightsKey)
	out.PerformanceInsightsRetentionPeriod = positive(s.InsightsRetention)
	out.MonitoringInterval, out.MonitoringRoleArn = api.Ptr(s.MonitoringInterval), optional(s.MonitoringRole)
	out.EnabledCloudwatchLogsExports, out.CACertificateIdentifier = s.LogExports, api.Ptr(s.CACertificate)
	out.LicenseModel, out.NetworkType, out.EngineLifecycleSupport = api.Ptr(s.LicenseModel), api.Ptr(s.NetworkType), api.Ptr(s.Lifecycle)
	out.DedicatedLogVolume, out.BackupTarget, out.CustomerOwnedIpEnabled = api.Ptr(s.DedicatedLogVolume), api.Ptr(s.BackupTarget), api.Ptr(false)
	out.CharacterSetName, out.Timezone = optional(s.CharacterSet), optional(s.Timezone)
	out.ActivityStreamStatus, out.IsStorageConfigUpgradeAvailable = api.Ptr(rdsapi.ActivityStreamStatusStopped), api.Ptr(false)
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func positive(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}

// pendingValues are what differs in the sizing that waits.
func pendingValues(spec InstanceSpec) *rdsapi.PendingModifiedValues {
	now, next := spec.Sizing, spec.wanted()
	return &rdsapi.PendingModifiedValues{
		DBInstanceClass: differs(now.Class, next.Class), EngineVersion: differs(now.EngineVersion, next.EngineVersion),
		MultiAZ: differs(now.MultiAZ, next.MultiAZ), AllocatedStorage: differs(now.Storage, next.Storage),
		StorageType: differs(now.StorageType, next.StorageType), Iops: differs(now.IOPS, next.IOPS),
		StorageThroughput: differs(now.Throughput, next.Throughput),
	}
}

func differs[T comparable](now, next T) *T {
	if now == next {
		return nil
	}
	return &next
}

// applyStatus says whether the server runs with its group's parameters.
func (s *Service) applyStatus(r store.Reader, scope arn.Scope, i Instance) string {
	if !i.Status.Created {
		return "in-sync"
	}
	if maps.Equal(s.settings(r, scope, i.Spec).static, i.Status.Parameters) {
		return "in-sync"
	}
	return "pending-reboot"
}
