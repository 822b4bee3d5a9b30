package rds

import (
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/store"
)

func (s *Service) addRole(ctx context.Context, call *api.Call, in *rdsapi.AddRoleToDBInstanceMessage) (*rdsapi.AddRoleToDBInstanceOutput, error) {
	role := Role{ARN: *in.RoleArn, Feature: *in.FeatureName}
	_, err := s.change(ctx, call, *in.DBInstanceIdentifier, func(_ *store.Tx, i *Instance) error {
		if slices.Contains(i.Spec.Roles, role) {
			return rdsapi.NewDBInstanceRoleAlreadyExistsFault("Role ARN %s is already associated with the DB Instance: %s.", role.ARN, i.ID())
		}
		i.Spec.Roles = append(slices.Clone(i.Spec.Roles), role)
		return nil
	})
	return nil, err
}

func (s *Service) removeRole(ctx context.Context, call *api.Call, in *rdsapi.RemoveRoleFromDBInstanceMessage) (*rdsapi.RemoveRoleFromDBInstanceOutput, error) {
	role := Role{ARN: *in.RoleArn, Feature: *in.FeatureName}
	_, err := s.change(ctx, call, *in.DBInstanceIdentifier, func(_ *store.Tx, i *Instance) error {
		n := slices.Index(i.Spec.Roles, role)
		if n < 0 {
			return rdsapi.NewDBInstanceRoleNotFoundFault("Role ARN %s cannot be found for DB Instance: %s.", role.ARN, i.ID())
		}
		i.Spec.Roles = slices.Delete(slices.Clone(i.Spec.Roles), n, n+1)
		return nil
	})
	return nil, err
}

func (s *Service) describeModifications(_ context.Context, call *api.Call, in *rdsapi.DescribeValidDBInstanceModificationsMessage) (*rdsapi.DescribeValidDBInstanceModificationsResult, error) {
	i, err := findInstance(s.env.Store.Snapshot(), scopeOf(call), *in.DBInstanceIdentifier)
	if err != nil {
		return nil, err
	}
	out := &rdsapi.ValidDBInstanceModificationsMessage{SupportsDedicatedLogVolume: api.Ptr(true), ValidProcessorFeatures: []rdsapi.AvailableProcessorFeature{}}
	for _, kind := range storageTypes {
		out.Storage = append(out.Storage, rdsapi.ValidStorageOptions{
			StorageType: api.Ptr(kind), SupportsStorageAutoscaling: api.Ptr(true),
			StorageSize: []rdsapi.Range{{From: api.Ptr(i.Spec.Storage), To: api.Ptr(int64(largestStorage)), Step: api.Ptr(int64(1))}},
		})
	}
	return &rdsapi.DescribeValidDBInstanceModificationsResult{ValidDBInstanceModificationsMessage: out}, nil
}

func (s *Service) describeSecurityGroups(_ context.Context, _ *api.Call, in *rdsapi.DescribeDBSecurityGroupsMessage) (*rdsapi.DBSecurityGroupMessage, error) {
	if in.DBSecurityGroupName != nil {
		return nil, rdsapi.NewDBSecurityGroupNotFoundFault("DBSecurityGroup %s not found.", *in.DBSecurityGroupName)
	}
	return &rdsapi.DBSecurityGroupMessage{DBSecurityGroups: []rdsapi.DBSecurityGroup{}}, nil
}

func (s *Service) describeReserved(_ context.Context, _ *api.Call, in *rdsapi.DescribeReservedDBInstancesMessage) (*rdsapi.ReservedDBInstanceMessage, error) {
	if in.ReservedDBInstanceId != nil {
		return nil, rdsapi.NewReservedDBInstanceNotFoundFault("Reserved DB Instance %s not found.", *in.ReservedDBInstanceId)
	}
	return &rdsapi.ReservedDBInstanceMessage{ReservedDBInstances: []rdsapi.ReservedDBInstance{}}, nil
}

func (s *Service) describeSourceRegions(context.Context, *api.Call, *rdsapi.DescribeSourceRegionsMessage) (*rdsapi.SourceRegionMessage, error) {
	return &rdsapi.SourceRegionMessage{SourceRegions: []rdsapi.SourceRegion{}}, nil
}

func (s *Service) createReplica(context.Context, *api.Call, *rdsapi.CreateDBInstanceReadReplicaMessage) (*rdsapi.CreateDBInstanceReadReplicaResult, error) {
	return nil, invalid("Read replicas are not built; RestoreDBInstanceToPointInTime with UseLatestRestorableTime makes a copy that stands alone")
}

func (s *Service) promoteReplica(_ context.Context, call *api.Call, in *rdsapi.PromoteReadReplicaMessage) (*rdsapi.PromoteReadReplicaResult, error) {
	i, err := findInstance(s.env.Store.Snapshot(), scopeOf(call), *in.DBInstanceIdentifier)
	if err != nil {
		return nil, err
	}
	return nil, rdsapi.NewInvalidDBInstanceStateFault("DB Instance %s is not a read replica.", i.ID())
}

func (s *Service) createProxy(context.Context, *api.Call, *rdsapi.CreateDBProxyRequest) (*rdsapi.CreateDBProxyResponse, error) {
	return nil, invalid("RDS Proxy is not built")
}

func (s *Service) describeProxies(_ context.Context, _ *api.Call, in *rdsapi.DescribeDBProxiesRequest) (*rdsapi.DescribeDBProxiesResponse, error) {
	if in.DBProxyName != nil {
		return nil, rdsapi.NewDBProxyNotFoundFault("DB proxy %s could not be found", *in.DBProxyName)
	}
	return &rdsapi.DescribeDBProxiesResponse{DBProxies: []rdsapi.DBProxy{}}, nil
}

func (s *Service) createBlueGreen(context.Context, *api.Call, *rdsapi.CreateBlueGreenDeploymentRequest) (*rdsapi.CreateBlueGreenDeploymentResponse, error) {
	return nil, invalid("Blue/green deployments are not built; without them the instance is modified in place")
}

func (s *Service) describeBlueGreen(_ context.Context, _ *api.Call, in *rdsapi.DescribeBlueGreenDeploymentsRequest) (*rdsapi.DescribeBlueGreenDeploymentsResponse, error) {
	if in.BlueGreenDeploymentIdentifier != nil {
		return nil, rdsapi.NewBlueGreenDeploymentNotFoundFault("Blue/green deployment %s not found.", *in.BlueGreenDeploymentIdentifier)
	}
	return &rdsapi.DescribeBlueGreenDeploymentsResponse{BlueGreenDeployments: []rdsapi.BlueGreenDeployment{}}, nil
}

func (s *Service) createGlobal(context.Context, *api.Call, *rdsapi.CreateGlobalClusterMessage) (*rdsapi.CreateGlobalClusterResult, error) {
	return nil, invalid("Global clusters are not built")
}

func (s *Service) describeGlobals(_ context.Context, _ *api.Call, in *rdsapi.DescribeGlobalClustersMessage) (*rdsapi.GlobalClustersMessage, error) {
	if in.GlobalClusterIdentifier != nil {
		return nil, rdsapi.NewGlobalClusterNotFoundFault("Global cluster %s not found.", *in.GlobalClusterIdentifier)
	}
	return &rdsapi.GlobalClustersMessage{GlobalClusters: []rdsapi.GlobalCluster{}}, nil
}

// describeBackups lists the instances that can be restored as they are now.
func (s *Service) describeBackups(_ context.Context, call *api.Call, in *rdsapi.DescribeDBInstanceAutomatedBackupsMessage) (*rdsapi.DBInstanceAutomatedBackupMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	out := &rdsapi.DBInstanceAutomatedBackupMessage{DBInstanceAutomatedBackups: []rdsapi.DBInstanceAutomatedBackup{}}
	for _, i := range Instances.Prefix(snap, scope.Prefix()) {
		spec := i.Spec
		if spec.BackupRetention == 0 || !i.Status.Created || i.ID() != api.Or(in.DBInstanceIdentifier, i.ID()) || spec.ResourceID != api.Or(in.DbiResourceId, spec.ResourceID) {
			continue
		}
		out.DBInstanceAutomatedBackups = append(out.DBInstanceAutomatedBackups, rdsapi.DBInstanceAutomatedBackup{
			DBInstanceArn: api.Ptr(arnOf(scope, kindInstance, i.ID())), DBInstanceIdentifier: api.Ptr(i.ID()), DbiResourceId: api.Ptr(spec.ResourceID),
			Region: api.Ptr(scope.Region), Status: api.Ptr("active"), RestoreWindow: &rdsapi.RestoreWindow{EarliestTime: api.Ptr(call.Now), LatestTime: api.Ptr(call.Now)},
			AllocatedStorage: api.Ptr(spec.Storage), Port: api.Ptr(spec.Port), AvailabilityZone: api.Ptr(spec.Zone), VpcId: api.Ptr(spec.VPCID),
			InstanceCreateTime: api.Ptr(spec.CreatedAt), MasterUsername: api.Ptr(spec.MasterUser), Engine: api.Ptr(spec.Engine), EngineVersion: api.Ptr(spec.EngineVersion),
			LicenseModel: api.Ptr(spec.LicenseModel), OptionGroupName: api.Ptr(spec.OptionGroup), Encrypted: api.Ptr(spec.Encrypted), StorageType: api.Ptr(spec.StorageType),
			KmsKeyId: optional(spec.KMSKeyID), IAMDatabaseAuthenticationEnabled: api.Ptr(spec.IAMAuth), BackupRetentionPeriod: api.Ptr(spec.BackupRetention), BackupTarget: api.Ptr("region"),
		})
	}
	return out, nil
}

func (s *Service) deleteBackup(_ context.Context, _ *api.Call, in *rdsapi.DeleteDBInstanceAutomatedBackupMessage) (*rdsapi.DeleteDBInstanceAutomatedBackupResult, error) {
	return nil, rdsapi.NewDBInstanceAutomatedBackupNotFoundFault("No automated backup of an instance that is gone: %s", api.Or(in.DbiResourceId, api.Val(in.DBInstanceAutomatedBackupsArn)))
}
