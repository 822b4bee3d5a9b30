package rds

import (
	"context"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

func (s *Service) modifyCluster(ctx context.Context, call *api.Call, in *rdsapi.ModifyDBClusterMessage) (*rdsapi.ModifyDBClusterResult, error) {
	if in.NewDBClusterIdentifier != nil {
		return nil, invalid("NewDBClusterIdentifier: renaming is not built")
	}
	if in.Domain != nil {
		return nil, invalid("Domain: directory services are not built")
	}
	c, err := s.changeCluster(ctx, call, *in.DBClusterIdentifier, func(tx *store.Tx, c *Cluster) error {
		if err := s.modifyClusterPassword(tx, c, in); err != nil {
			return err
		}
		if in.EngineVersion != nil {
			_, version, err := findOffer(c.Spec.Engine, *in.EngineVersion)
			if err != nil {
				return err
			}
			c.Spec.Version = version
		}
		set(&c.Spec.Port, in.Port)
		if in.DBClusterParameterGroupName != nil {
			c.Spec.ParameterGroup = strings.ToLower(*in.DBClusterParameterGroupName)
		}
		modifyClusterSettings(&c.Spec.ClusterSettings, in)
		if err := setClusterSecurity(tx, c, in.VpcSecurityGroupIds); err != nil {
			return err
		}
		if err := s.findClusterKeys(tx, scopeOf(call), c); err != nil {
			return err
		}
		copyToMembers(tx, *c)
		if err := checkClusterGroup(tx, scopeOf(call), c.Spec); err != nil {
			return err
		}
		return checkCluster(c.Spec)
	})
	return &rdsapi.ModifyDBClusterResult{DBCluster: c}, err
}

func modifyClusterSettings(s *ClusterSettings, in *rdsapi.ModifyDBClusterMessage) {
	set(&s.BackupRetention, in.BackupRetentionPeriod)
	set(&s.BackupWindow, in.PreferredBackupWindow)
	if in.PreferredMaintenanceWindow != nil {
		s.MaintenanceWindow = strings.ToLower(*in.PreferredMaintenanceWindow)
	}
	set(&s.SecretKey, in.MasterUserSecretKmsKeyId)
	set(&s.IAMAuth, in.EnableIAMDatabaseAuthentication)
	set(&s.Backtrack, in.BacktrackWindow)
	if c := in.CloudwatchLogsExportConfiguration; c != nil {
		s.LogExports = merged(s.LogExports, c.EnableLogTypes, c.DisableLogTypes)
	}
	set(&s.DeletionProtection, in.DeletionProtection)
	set(&s.HTTPEndpoint, in.EnableHttpEndpoint)
	set(&s.CopyTags, in.CopyTagsToSnapshot)
	set(&s.StorageType, in.StorageType)
	set(&s.IOPS, in.Iops)
	set(&s.NetworkType, in.NetworkType)
	set(&s.InsightsMode, in.DatabaseInsightsMode)
	set(&s.Insights, in.EnablePerformanceInsights)
	set(&s.InsightsKey, in.PerformanceInsightsKMSKeyId)
	set(&s.InsightsRetention, in.PerformanceInsightsRetentionPeriod)
	set(&s.MonitoringInterval, in.MonitoringInterval)
	set(&s.MonitoringRole, in.MonitoringRoleArn)
	set(&s.CACertificate, in.CACertificateIdentifier)
	set(&s.LocalForwarding, in.EnableLocalWriteForwarding)
	s.scale(in.ServerlessV2ScalingConfiguration)
}

// modifyClusterPassword changes the password, or who keeps it.
func (s *Service) modifyClusterPassword(tx *store.Tx, c *Cluster, in *rdsapi.ModifyDBClusterMessage) error {
	scope, _ := arn.SplitKey(c.Key)
	i := Instance{Key: c.Key, Spec: InstanceSpec{MasterUser: c.Spec.MasterUser, Password: c.Spec.Password, Secret: c.Spec.Secret}}
	if i.Spec.Secret.Name == "" && api.Val(in.ManageMasterUserPassword) {
		i.Spec.Secret.Name = clusterSecretName()
		if err := s.manageSecret(tx, scope, i.Key, &i.Spec); err != nil {
			return err
		}
	}
	err := s.modifyPassword(tx, scope, &i, &rdsapi.ModifyDBInstanceMessage{
		ManageMasterUserPassword: in.ManageMasterUserPassword, MasterUserPassword: in.MasterUserPassword,
		RotateMasterUserPassword: in.RotateMasterUserPassword, ApplyImmediately: in.ApplyImmediately,
	})
	c.Spec.Password, c.Spec.Secret = i.Spec.Password, i.Spec.Secret
	return err
}

// checkSecurityGroups checks that groups lie in the VPC.
func checkSecurityGroups(r store.Reader, scope arn.Scope, vpcID string, ids []string) error {
	for _, id := range ids {
		if g, ok := ec2.SecurityGroups.Get(r, scope.Key(id)); !ok || g.Spec.VPCID != vpcID {
			return invalid("Invalid security group , groupId= %s, groupName=.", id)
		}
	}
	return nil
}

// setClusterSecurity changes the security groups of all members' interfaces.
func setClusterSecurity(tx *store.Tx, c *Cluster, ids []string) error {
	if len(ids) == 0 || slices.Equal(ids, c.Spec.GroupIDs) {
		return nil
	}
	scope, _ := arn.SplitKey(c.Key)
	if err := checkSecurityGroups(tx, scope, c.Spec.VPCID, ids); err != nil {
		return err
	}
	c.Spec.GroupIDs = ids
	for _, i := range c.members(tx) {
		ec2.NetworkInterfaces.Modify(tx, scope.Key(i.Spec.InterfaceID), func(n *ec2.NetworkInterface) { n.Spec.GroupIDs = slices.Clone(ids) })
	}
	return nil
}

// copyToMembers gives a cluster's values to its members, which describe them as
// their own.
func copyToMembers(tx *store.Tx, c Cluster) {
	for _, i := range c.members(tx) {
		i.Spec.join(c)
		Instances.Put(tx, i)
	}
}

// join takes over what a member has of its cluster.
func (s *InstanceSpec) join(c Cluster) {
	s.Cluster, s.MasterUser, s.Database, s.Port, s.EngineVersion = c.ID(), c.Spec.MasterUser, c.Spec.Database, c.Spec.Port, c.Spec.Version
	s.SubnetGroup, s.VPCID, s.GroupIDs = c.Spec.SubnetGroup, c.Spec.VPCID, slices.Clone(c.Spec.GroupIDs)
	s.StorageType, s.Storage, s.IOPS, s.Throughput = c.Spec.StorageType, 1, 0, 0
	s.Encrypted, s.KMSKeyID, s.IAMAuth, s.LogExports = c.Spec.Encrypted, c.Spec.KMSKeyID, c.Spec.IAMAuth, c.Spec.LogExports
	s.BackupRetention, s.BackupWindow, s.NetworkType = c.Spec.BackupRetention, c.Spec.BackupWindow, c.Spec.NetworkType
	s.DeletionProtection, s.Lifecycle = false, c.Spec.Lifecycle
}
