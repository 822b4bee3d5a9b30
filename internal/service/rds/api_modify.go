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

func (s *Service) modifyInstance(ctx context.Context, call *api.Call, in *rdsapi.ModifyDBInstanceMessage) (*rdsapi.ModifyDBInstanceResult, error) {
	if in.NewDBInstanceIdentifier != nil {
		return nil, invalid("NewDBInstanceIdentifier: renaming is not built")
	}
	if in.DBSubnetGroupName != nil {
		return nil, invalid("DBSubnetGroupName: moving an instance to other subnets is not built")
	}
	i, err := s.change(ctx, call, *in.DBInstanceIdentifier, func(tx *store.Tx, i *Instance) error {
		if !i.Status.Created {
			return rdsapi.NewInvalidDBInstanceStateFault("Database instance is not in available state.")
		}
		return s.modify(tx, call, i, in)
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.ModifyDBInstanceResult{DBInstance: i}, nil
}

// change rewrites one instance's spec in a transaction, and describes it.
func (s *Service) change(ctx context.Context, call *api.Call, id string, fn func(*store.Tx, *Instance) error) (*rdsapi.DBInstance, error) {
	var changed Instance
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		i, err := findInstance(tx, scopeOf(call), id)
		if err != nil {
			return err
		}
		if i.Spec.Deleted {
			return rdsapi.NewInvalidDBInstanceStateFault("Instance %s is already being deleted.", i.ID())
		}
		i.Spec = i.Spec.at(call.Now)
		if err := fn(tx, &i); err != nil {
			return err
		}
		changed = i
		Instances.Put(tx, i)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.describe(s.env.Store.Snapshot(), scopeOf(call), changed, call.Now), nil
}

func (s *Service) modify(tx *store.Tx, call *api.Call, i *Instance, in *rdsapi.ModifyDBInstanceMessage) error {
	if err := s.modifyPassword(tx, scopeOf(call), i, in); err != nil {
		return err
	}
	if err := modifySizing(&i.Spec, in, call); err != nil {
		return err
	}
	if port := api.Or(in.DBPortNumber, i.Spec.Port); port != i.Spec.Port {
		i.Spec.Port = port
		i.Spec.Change++
	}
	modifySettings(&i.Spec.Settings, in)
	if err := s.findKeys(tx, scopeOf(call), &i.Spec.Settings, i.Spec.Secret.Name != ""); err != nil {
		return err
	}
	if err := modifyGroups(tx, scopeOf(call), i, in); err != nil {
		return err
	}
	if err := ensureStandby(tx, scopeOf(call), i); err != nil {
		return err
	}
	return checkInstance(i.Spec)
}

// modifySizing asks for another size, version or number of zones.
func modifySizing(spec *InstanceSpec, in *rdsapi.ModifyDBInstanceMessage, call *api.Call) error {
	z := spec.wanted()
	set(&z.Class, in.DBInstanceClass)
	set(&z.MultiAZ, in.MultiAZ)
	set(&z.Storage, in.AllocatedStorage)
	set(&z.StorageType, in.StorageType)
	set(&z.IOPS, in.Iops)
	set(&z.Throughput, in.StorageThroughput)
	if in.EngineVersion != nil {
		_, version, err := findOffer(spec.Engine, *in.EngineVersion)
		if err != nil {
			return err
		}
		z.EngineVersion = version
	}
	if z.Storage < spec.Storage {
		return combination("Requested storage %d GiB cannot be smaller than the existing %d GiB", z.Storage, spec.Storage)
	}
	z = z.filled()
	if err := checkSizing(z, 0); err != nil {
		return err
	}
	spec.resize(z, api.Val(in.ApplyImmediately), call.Now.UTC())
	return nil
}

// set replaces a value by one that is given.
func set[T any](value *T, given *T) {
	if given != nil {
		*value = *given
	}
}

func modifySettings(s *Settings, in *rdsapi.ModifyDBInstanceMessage) {
	set(&s.MaxStorage, in.MaxAllocatedStorage)
	set(&s.BackupRetention, in.BackupRetentionPeriod)
	set(&s.BackupWindow, in.PreferredBackupWindow)
	if in.PreferredMaintenanceWindow != nil {
		s.MaintenanceWindow = strings.ToLower(*in.PreferredMaintenanceWindow)
	}
	set(&s.AutoMinorUpgrade, in.AutoMinorVersionUpgrade)
	set(&s.Public, in.PubliclyAccessible)
	set(&s.CopyTags, in.CopyTagsToSnapshot)
	set(&s.DeletionProtection, in.DeletionProtection)
	set(&s.IAMAuth, in.EnableIAMDatabaseAuthentication)
	set(&s.PerformanceInsights, in.EnablePerformanceInsights)
	set(&s.InsightsRetention, in.PerformanceInsightsRetentionPeriod)
	set(&s.InsightsKey, in.PerformanceInsightsKMSKeyId)
	set(&s.InsightsMode, in.DatabaseInsightsMode)
	set(&s.MonitoringInterval, in.MonitoringInterval)
	set(&s.MonitoringRole, in.MonitoringRoleArn)
	set(&s.CACertificate, in.CACertificateIdentifier)
	set(&s.LicenseModel, in.LicenseModel)
	set(&s.NetworkType, in.NetworkType)
	set(&s.DedicatedLogVolume, in.DedicatedLogVolume)
	set(&s.SecretKey, in.MasterUserSecretKmsKeyId)
	if c := in.CloudwatchLogsExportConfiguration; c != nil {
		s.LogExports = merged(s.LogExports, c.EnableLogTypes, c.DisableLogTypes)
	}
}

func merged(have, enable, disable []string) (out []string) {
	for _, name := range append(slices.Clone(have), enable...) {
		if !slices.Contains(disable, name) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// modifyGroups changes what the instance belongs to. Another parameter group's
// static parameters wait for a reboot.
func modifyGroups(tx *store.Tx, scope arn.Scope, i *Instance, in *rdsapi.ModifyDBInstanceMessage) error {
	if in.DBParameterGroupName != nil {
		i.Spec.ParameterGroup = strings.ToLower(*in.DBParameterGroupName)
	}
	if in.OptionGroupName != nil {
		i.Spec.OptionGroup = strings.ToLower(*in.OptionGroupName)
	}
	if err := checkMemberships(tx, scope, i.Spec); err != nil {
		return err
	}
	if len(in.VpcSecurityGroupIds) == 0 || slices.Equal(in.VpcSecurityGroupIds, i.Spec.GroupIDs) {
		return nil
	}
	for _, id := range in.VpcSecurityGroupIds {
		if g, ok := ec2.SecurityGroups.Get(tx, scope.Key(id)); !ok || g.Spec.VPCID != i.Spec.VPCID {
			return invalid("Invalid security group , groupId= %s, groupName=.", id)
		}
	}
	i.Spec.GroupIDs = in.VpcSecurityGroupIds
	for _, id := range []string{i.Spec.InterfaceID, i.Spec.Standby.InterfaceID} {
		ec2.NetworkInterfaces.Modify(tx, scope.Key(id), func(n *ec2.NetworkInterface) {
			n.Spec.GroupIDs = slices.Clone(in.VpcSecurityGroupIds)
		})
	}
	return nil
}

// modifyPassword changes the password, or who keeps it.
func (s *Service) modifyPassword(tx *store.Tx, scope arn.Scope, i *Instance, in *rdsapi.ModifyDBInstanceMessage) error {
	manage, isManaged := api.Or(in.ManageMasterUserPassword, i.Spec.Secret.Name != ""), i.Spec.Secret.Name != ""
	switch {
	case manage && in.MasterUserPassword != nil:
		return combination("You can't specify MasterUserPassword while the password is managed by Secrets Manager")
	case manage && (!isManaged || api.Val(in.RotateMasterUserPassword)):
		if isManaged && !api.Val(in.ApplyImmediately) {
			return combination("You must specify ApplyImmediately when rotating the master user password")
		}
		return s.manageSecret(tx, scope, i.Key, &i.Spec)
	case manage:
		return nil
	case isManaged && in.MasterUserPassword == nil:
		return invalid("MasterUserPassword is required when ManageMasterUserPassword is turned off")
	}
	dropSecret(tx, scope, &i.Spec)
	if in.MasterUserPassword == nil {
		return nil
	}
	if err := checkPassword(*in.MasterUserPassword); err != nil {
		return err
	}
	s.setPassword(i.Key, &i.Spec, *in.MasterUserPassword)
	return nil
}
