package rds

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/store"
)

// restoreInstance makes a new instance whose data are a snapshot's.
func (s *Service) restoreInstance(ctx context.Context, call *api.Call, in *rdsapi.RestoreDBInstanceFromDBSnapshotMessage) (*rdsapi.RestoreDBInstanceFromDBSnapshotResult, error) {
	if in.DBClusterSnapshotIdentifier != nil {
		return nil, invalid("DBClusterSnapshotIdentifier: an instance of a cluster's snapshot is not built")
	}
	if in.DBSnapshotIdentifier == nil {
		return nil, invalid("The parameter DBSnapshotIdentifier must be provided and must not be blank.")
	}
	out, err := s.anew(ctx, call, *in.DBInstanceIdentifier, wishesOf(in), func(tx *store.Tx, i *Instance) error {
		row, err := findSnapshot(tx, scopeOf(call), *in.DBSnapshotIdentifier)
		if err != nil {
			return err
		}
		if is := snapshotState(row); is != stateAvailable {
			return rdsapi.NewInvalidDBSnapshotStateFault("Snapshot %s is not available: it is %s.", row.ID(), is)
		}
		i.Spec = row.Spec.Instance
		i.Spec.Restore, i.Spec.CloneOf = row.Spec.ResourceID, ""
		i.Spec.Password, err = s.reseal(row.Spec.Instance.Password, row.Key, i.Key)
		return err
	})
	return &rdsapi.RestoreDBInstanceFromDBSnapshotResult{DBInstance: out}, err
}

// restoreToTime makes a new instance whose data are those that another has now.
func (s *Service) restoreToTime(ctx context.Context, call *api.Call, in *rdsapi.RestoreDBInstanceToPointInTimeMessage) (*rdsapi.RestoreDBInstanceToPointInTimeResult, error) {
	switch latest := api.Val(in.UseLatestRestorableTime); {
	case latest && in.RestoreTime != nil:
		return nil, combination("RestoreTime and UseLatestRestorableTime cannot both be specified.")
	case !latest && in.RestoreTime == nil:
		return nil, invalid("Either RestoreTime or UseLatestRestorableTime must be specified.")
	case !latest:
		return nil, invalid("RestoreTime: restoring to a time in the past is not built; UseLatestRestorableTime is, and snapshots are")
	case in.SourceDBInstanceIdentifier == nil:
		return nil, invalid("SourceDBInstanceIdentifier is missing: backups of instances that are gone are not kept")
	}
	out, err := s.anew(ctx, call, *in.TargetDBInstanceIdentifier, wishesOfTime(in), func(tx *store.Tx, i *Instance) error {
		source, err := findInstance(tx, scopeOf(call), *in.SourceDBInstanceIdentifier)
		if err != nil {
			return err
		}
		if err := mustStandAlone(source, "RestoreDBInstanceToPointInTime"); err != nil {
			return err
		}
		if source.Spec.BackupRetention == 0 {
			return rdsapi.NewPointInTimeRestoreNotEnabledFault("DB Instance %s has no backups: its BackupRetentionPeriod is 0.", source.ID())
		}
		if is := state(source); is != stateAvailable && is != stateStopped {
			return rdsapi.NewInvalidDBInstanceStateFault("Instance %s is not in the state for this: it is %s.", source.ID(), is)
		}
		i.Spec = source.Spec
		i.Spec.Restore, i.Spec.CloneOf = "", source.Spec.ResourceID
		i.Spec.Password, err = s.reseal(source.Spec.Password, source.Key, i.Key)
		return err
	})
	return &rdsapi.RestoreDBInstanceToPointInTimeResult{DBInstance: out}, err
}

// wishes are what a new instance may have otherwise than the one it is made of.
type wishes struct {
	rdsapi.RestoreDBInstanceFromDBSnapshotMessage
	maxStorage *int64
}

func wishesOf(in *rdsapi.RestoreDBInstanceFromDBSnapshotMessage) wishes { return wishes{*in, nil} }

func wishesOfTime(in *rdsapi.RestoreDBInstanceToPointInTimeMessage) wishes {
	return wishes{rdsapi.RestoreDBInstanceFromDBSnapshotMessage{
		DBInstanceClass: in.DBInstanceClass, Port: in.Port, AvailabilityZone: in.AvailabilityZone, DBSubnetGroupName: in.DBSubnetGroupName,
		MultiAZ: in.MultiAZ, PubliclyAccessible: in.PubliclyAccessible, AutoMinorVersionUpgrade: in.AutoMinorVersionUpgrade,
		LicenseModel: in.LicenseModel, Engine: in.Engine, Iops: in.Iops, OptionGroupName: in.OptionGroupName, Tags: in.Tags,
		StorageType: in.StorageType, VpcSecurityGroupIds: in.VpcSecurityGroupIds, Domain: in.Domain, DomainFqdn: in.DomainFqdn,
		CopyTagsToSnapshot: in.CopyTagsToSnapshot, EnableIAMDatabaseAuthentication: in.EnableIAMDatabaseAuthentication,
		EnableCloudwatchLogsExports: in.EnableCloudwatchLogsExports, DBParameterGroupName: in.DBParameterGroupName,
		DeletionProtection: in.DeletionProtection, NetworkType: in.NetworkType, StorageThroughput: in.StorageThroughput,
		AllocatedStorage: in.AllocatedStorage, DedicatedLogVolume: in.DedicatedLogVolume, CACertificateIdentifier: in.CACertificateIdentifier,
		EngineLifecycleSupport: in.EngineLifecycleSupport, BackupRetentionPeriod: in.BackupRetentionPeriod,
		PreferredBackupWindow: in.PreferredBackupWindow, ManageMasterUserPassword: in.ManageMasterUserPassword,
		MasterUserSecretKmsKeyId: in.MasterUserSecretKmsKeyId,
	}, in.MaxAllocatedStorage}
}

// anew makes an instance after another one, which source puts into its spec.
func (s *Service) anew(ctx context.Context, call *api.Call, given string, w wishes, source func(*store.Tx, *Instance) error) (*rdsapi.DBInstance, error) {
	if w.Domain != nil || w.DomainFqdn != nil {
		return nil, invalid("Domain: directory services are not built")
	}
	id, err := checkID(given)
	if err != nil {
		return nil, err
	}
	tags, err := tagsOf(w.Tags)
	if err != nil {
		return nil, err
	}
	scope := scopeOf(call)
	i := Instance{Key: scope.Key(id)}
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := Instances.Get(tx, i.Key); ok {
			return rdsapi.NewDBInstanceAlreadyExistsFault("DB instance already exists")
		}
		if err := source(tx, &i); err != nil {
			return err
		}
		group := i.Spec.SubnetGroup
		i.Spec = i.Spec.fresh(call, w)
		i.Spec.Tags, i.Spec.ServerID, i.Spec.ResourceID = tags, serverID(), "db-"+rand.Text()
		if i.Spec.SubnetGroup = strings.ToLower(api.Val(w.DBSubnetGroupName)); i.Spec.SubnetGroup == "" {
			i.Spec.SubnetGroup = group // there is no default VPC to go to
		}
		return s.place(tx, call, &i, w)
	})
	if err != nil {
		return nil, err
	}
	return s.describe(s.env.Store.Snapshot(), scope, i, call.Now), nil
}

// place checks a new instance, and gives it what it needs to run.
func (s *Service) place(tx *store.Tx, call *api.Call, i *Instance, w wishes) error {
	scope := scopeOf(call)
	if err := checkInstance(i.Spec); err != nil {
		return err
	}
	if err := checkGroups(tx, scope, &i.Spec); err != nil {
		return err
	}
	if api.Val(w.ManageMasterUserPassword) {
		i.Spec.SecretKey = api.Val(w.MasterUserSecretKmsKeyId)
		if err := s.manageSecret(tx, scope, i.Key, &i.Spec); err != nil {
			return err
		}
	}
	if err := s.findKeys(tx, scope, &i.Spec.Settings, i.Spec.Secret.Name != ""); err != nil {
		return err
	}
	if err := connect(tx, scope, i, api.Val(w.AvailabilityZone)); err != nil {
		return err
	}
	Instances.Put(tx, *i)
	return nil
}

// fresh is the spec of a new instance that is made after this one: what RDS takes
// over, and what is wished.
func (s InstanceSpec) fresh(call *api.Call, w wishes) InstanceSpec {
	o, _, _ := findOffer(s.Engine, s.EngineVersion) // it was found for the first
	out := s
	out.Pending, out.PendingAt, out.Roles, out.Secret = Sizing{}, time.Time{}, nil, Secret{}
	out.CreatedAt, out.Change, out.Reboots, out.Failovers = call.Now.UTC(), 1, 0, 0
	out.Standby = Standby{}
	out.Stopped, out.Deleted, out.FinalSnapshot, out.DeletionProtection, out.MaxStorage = false, false, "", false, 0
	out.ParameterGroup = strings.ToLower(api.Or(w.DBParameterGroupName, o.parameterGroup()))
	out.OptionGroup = strings.ToLower(api.Or(w.OptionGroupName, s.OptionGroup))
	out.GroupIDs, out.LogExports = w.VpcSecurityGroupIds, w.EnableCloudwatchLogsExports
	slices.Sort(out.LogExports)
	set(&out.Port, w.Port)
	set(&out.Class, w.DBInstanceClass)
	set(&out.MultiAZ, w.MultiAZ)
	set(&out.Storage, w.AllocatedStorage)
	set(&out.StorageType, w.StorageType)
	set(&out.IOPS, w.Iops)
	set(&out.Throughput, w.StorageThroughput)
	set(&out.MaxStorage, w.maxStorage)
	set(&out.Public, w.PubliclyAccessible)
	set(&out.AutoMinorUpgrade, w.AutoMinorVersionUpgrade)
	set(&out.LicenseModel, w.LicenseModel)
	set(&out.CopyTags, w.CopyTagsToSnapshot)
	set(&out.IAMAuth, w.EnableIAMDatabaseAuthentication)
	set(&out.DeletionProtection, w.DeletionProtection)
	set(&out.NetworkType, w.NetworkType)
	set(&out.DedicatedLogVolume, w.DedicatedLogVolume)
	set(&out.CACertificate, w.CACertificateIdentifier)
	set(&out.Lifecycle, w.EngineLifecycleSupport)
	set(&out.BackupRetention, w.BackupRetentionPeriod)
	set(&out.BackupWindow, w.PreferredBackupWindow)
	return out
}
