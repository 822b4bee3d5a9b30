package rds

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/rdsapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
	"apex/internal/tag"
)

func findClusterSnapshot(r store.Reader, scope arn.Scope, given string) (ClusterSnapshot, error) {
	id := given
	if kind, key, ok := resource(given); ok && kind == kindClusterSnapshot {
		id = idOf(key)
	}
	if s, ok := ClusterSnapshots.Get(r, scope.Key(strings.ToLower(id))); ok {
		return s, nil
	}
	return ClusterSnapshot{}, rdsapi.NewDBClusterSnapshotNotFoundFault("DBClusterSnapshot %s not found.", given)
}

func (s *Service) createClusterSnapshot(ctx context.Context, call *api.Call, in *rdsapi.CreateDBClusterSnapshotMessage) (*rdsapi.CreateDBClusterSnapshotResult, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	var row ClusterSnapshot
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		c, err := findCluster(tx, scopeOf(call), *in.DBClusterIdentifier)
		if err != nil {
			return err
		}
		if is := clusterState(c); is != stateAvailable && is != stateStopped {
			return rdsapi.NewInvalidDBClusterStateFault("Cannot create a snapshot because the database cluster %s is not currently in the available state.", c.ID())
		}
		row, err = s.putClusterSnapshot(tx, c, *in.DBClusterSnapshotIdentifier, tags, call.Now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CreateDBClusterSnapshotResult{DBClusterSnapshot: describeClusterSnapshot(row)}, nil
}

// putClusterSnapshot asks for a snapshot of a cluster as it is now.
func (s *Service) putClusterSnapshot(tx *store.Tx, c Cluster, given string, tags tag.Tags, now time.Time) (ClusterSnapshot, error) {
	id, err := checkSnapshotID(given)
	if err != nil {
		return ClusterSnapshot{}, err
	}
	scope, _ := arn.SplitKey(c.Key)
	row := ClusterSnapshot{Key: scope.Key(id), Spec: ClusterSnapshotSpec{
		ResourceID: "snapshot-" + rand.Text(), ClusterID: c.ID(), Cluster: c.Spec, Type: snapshotManual, CreatedAt: now.UTC(), Tags: tags,
	}}
	if c.Spec.CopyTags && len(tags) == 0 { // RDS copies none where some are given
		row.Spec.Tags = c.Spec.Tags
	}
	return row, s.addClusterSnapshot(tx, &row, c.Key)
}

// addClusterSnapshot records a new snapshot, whose password was sealed under
// another key.
func (s *Service) addClusterSnapshot(tx *store.Tx, row *ClusterSnapshot, from string) (err error) {
	if _, ok := ClusterSnapshots.Get(tx, row.Key); ok {
		return rdsapi.NewDBClusterSnapshotAlreadyExistsFault("Cannot create the snapshot because a snapshot with the identifier %s already exists.", row.ID())
	}
	if row.Spec.Cluster.Password, err = s.reseal(row.Spec.Cluster.Password, from, row.Key); err != nil {
		return err
	}
	ClusterSnapshots.Put(tx, *row)
	return nil
}

func (s *Service) copyClusterSnapshot(ctx context.Context, call *api.Call, in *rdsapi.CopyDBClusterSnapshotMessage) (*rdsapi.CopyDBClusterSnapshotResult, error) {
	id, err := checkSnapshotID(*in.TargetDBClusterSnapshotIdentifier)
	if err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	var row ClusterSnapshot
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		source, err := findClusterSnapshot(tx, scopeOf(call), *in.SourceDBClusterSnapshotIdentifier)
		if err != nil {
			return err
		}
		row = source
		row.Key, row.Status = scopeOf(call).Key(id), SnapshotStatus{}
		row.Spec.ResourceID, row.Spec.Source, row.Spec.Type = "snapshot-"+rand.Text(), source.Key, snapshotManual
		row.Spec.CreatedAt, row.Spec.SharedWith = call.Now.UTC(), nil
		set(&row.Spec.Cluster.KMSKeyID, in.KmsKeyId)
		row.Spec.Cluster.Encrypted = row.Spec.Cluster.Encrypted || in.KmsKeyId != nil
		if row.Spec.Tags = tags; api.Val(in.CopyTags) {
			row.Spec.Tags = source.Spec.Tags.With(tags)
		}
		return s.addClusterSnapshot(tx, &row, source.Key)
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CopyDBClusterSnapshotResult{DBClusterSnapshot: describeClusterSnapshot(row)}, nil
}

func (s *Service) describeClusterSnapshots(_ context.Context, call *api.Call, in *rdsapi.DescribeDBClusterSnapshotsMessage) (*rdsapi.DBClusterSnapshotMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	find := func(id string) (ClusterSnapshot, error) { return findClusterSnapshot(snap, scope, id) }
	all, err := service.OneOrAll(in.DBClusterSnapshotIdentifier, find, ClusterSnapshots.Prefix(snap, scope.Prefix()))
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(row ClusterSnapshot) bool {
		return row.Spec.ClusterID != strings.ToLower(api.Or(in.DBClusterIdentifier, row.Spec.ClusterID)) ||
			row.Spec.Type != api.Or(in.SnapshotType, row.Spec.Type) ||
			row.Spec.Cluster.ResourceID != api.Or(in.DbClusterResourceId, row.Spec.Cluster.ResourceID)
	})
	all, err = filtered(all, in.Filters, func(row ClusterSnapshot, name string) ([]string, bool) {
		switch name {
		case "db-cluster-id":
			return []string{row.Spec.ClusterID, arnOf(scope, kindCluster, row.Spec.ClusterID)}, true
		case "db-cluster-snapshot-id":
			return []string{row.ID(), arnOf(scope, kindClusterSnapshot, row.ID())}, true
		case "engine":
			return []string{row.Spec.Cluster.Engine}, true
		case "snapshot-type":
			return []string{row.Spec.Type}, true
		}
		return nil, false
	})
	if err != nil {
		return nil, err
	}
	some, marker, err := page(all, ClusterSnapshot.ID, in.MaxRecords, in.Marker)
	out := &rdsapi.DBClusterSnapshotMessage{Marker: marker, DBClusterSnapshots: []rdsapi.DBClusterSnapshot{}}
	for _, row := range some {
		out.DBClusterSnapshots = append(out.DBClusterSnapshots, *describeClusterSnapshot(row))
	}
	return out, err
}

func describeClusterSnapshot(row ClusterSnapshot) *rdsapi.DBClusterSnapshot {
	scope, id := arn.SplitKey(row.Key)
	c, progress := row.Spec.Cluster, int64(0)
	if row.Status.Done {
		progress = 100
	}
	o, _, _ := findOffer(c.Engine, c.Version) // it was found when the cluster was made
	out := &rdsapi.DBClusterSnapshot{
		DBClusterSnapshotIdentifier: &id, DBClusterSnapshotArn: api.Ptr(arnOf(scope, kindClusterSnapshot, id)), DBClusterIdentifier: api.Ptr(row.Spec.ClusterID),
		DbClusterResourceId: api.Ptr(c.ResourceID), Status: api.Ptr(row.state()), PercentProgress: &progress, SnapshotType: api.Ptr(row.Spec.Type),
		SnapshotCreateTime: api.Ptr(row.Spec.CreatedAt), ClusterCreateTime: api.Ptr(c.CreatedAt), Engine: api.Ptr(c.Engine), EngineVersion: api.Ptr(c.Version),
		EngineMode: api.Ptr(c.Mode), LicenseModel: api.Ptr(o.license), MasterUsername: api.Ptr(c.MasterUser), AllocatedStorage: api.Ptr(int64(1)), Port: api.Ptr(c.Port),
		AvailabilityZones: c.Zones, VpcId: api.Ptr(c.VPCID), StorageEncrypted: api.Ptr(c.Encrypted), KmsKeyId: optional(c.KMSKeyID), StorageType: api.Ptr(c.StorageType),
		IAMDatabaseAuthenticationEnabled: api.Ptr(c.IAMAuth), TagList: tagList(row.Spec.Tags),
	}
	if row.Spec.Source != "" {
		from, source := arn.SplitKey(row.Spec.Source)
		out.SourceDBClusterSnapshotArn = api.Ptr(arnOf(from, kindClusterSnapshot, source))
	}
	return out
}

func (s ClusterSnapshot) state() string {
	return snapshotState(Snapshot{Spec: SnapshotSpec{Deleted: s.Spec.Deleted}, Status: s.Status})
}

func (s *Service) deleteClusterSnapshot(ctx context.Context, call *api.Call, in *rdsapi.DeleteDBClusterSnapshotMessage) (*rdsapi.DeleteDBClusterSnapshotResult, error) {
	row, err := s.changeClusterSnapshot(ctx, call, *in.DBClusterSnapshotIdentifier, func(row *ClusterSnapshot) error {
		if is := row.state(); is == stateCreating {
			return rdsapi.NewInvalidDBClusterSnapshotStateFault("Cannot delete the snapshot because it is not currently in the available or failed state.")
		}
		row.Spec.Deleted = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.DeleteDBClusterSnapshotResult{DBClusterSnapshot: describeClusterSnapshot(row)}, nil
}

func (s *Service) changeClusterSnapshot(ctx context.Context, call *api.Call, given string, fn func(*ClusterSnapshot) error) (ClusterSnapshot, error) {
	var row ClusterSnapshot
	err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if row, err = findClusterSnapshot(tx, scopeOf(call), given); err != nil {
			return err
		}
		if err := fn(&row); err != nil {
			return err
		}
		ClusterSnapshots.Put(tx, row)
		return nil
	})
	return row, err
}

func clusterSnapshotAttributes(row ClusterSnapshot) *rdsapi.DBClusterSnapshotAttributesResult {
	return &rdsapi.DBClusterSnapshotAttributesResult{DBClusterSnapshotIdentifier: api.Ptr(row.ID()), DBClusterSnapshotAttributes: []rdsapi.DBClusterSnapshotAttribute{
		{AttributeName: api.Ptr("restore"), AttributeValues: append([]string{}, row.Spec.SharedWith...)},
	}}
}

func (s *Service) describeClusterSnapshotAttributes(_ context.Context, call *api.Call, in *rdsapi.DescribeDBClusterSnapshotAttributesMessage) (*rdsapi.DescribeDBClusterSnapshotAttributesResult, error) {
	row, err := findClusterSnapshot(s.env.Store.Snapshot(), scopeOf(call), *in.DBClusterSnapshotIdentifier)
	if err != nil {
		return nil, err
	}
	return &rdsapi.DescribeDBClusterSnapshotAttributesResult{DBClusterSnapshotAttributesResult: clusterSnapshotAttributes(row)}, nil
}

func (s *Service) modifyClusterSnapshotAttribute(ctx context.Context, call *api.Call, in *rdsapi.ModifyDBClusterSnapshotAttributeMessage) (*rdsapi.ModifyDBClusterSnapshotAttributeResult, error) {
	if *in.AttributeName != "restore" {
		return nil, invalid("Invalid snapshot attribute: %s; restore is the one", *in.AttributeName)
	}
	row, err := s.changeClusterSnapshot(ctx, call, *in.DBClusterSnapshotIdentifier, func(row *ClusterSnapshot) error {
		row.Spec.SharedWith = merged(row.Spec.SharedWith, in.ValuesToAdd, in.ValuesToRemove)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.ModifyDBClusterSnapshotAttributeResult{DBClusterSnapshotAttributesResult: clusterSnapshotAttributes(row)}, nil
}

// restoreCluster makes a new cluster whose data are a snapshot's.
func (s *Service) restoreCluster(ctx context.Context, call *api.Call, in *rdsapi.RestoreDBClusterFromSnapshotMessage) (*rdsapi.RestoreDBClusterFromSnapshotResult, error) {
	snap := s.env.Store.Snapshot()
	row, err := findClusterSnapshot(snap, scopeOf(call), *in.SnapshotIdentifier)
	if err != nil {
		return nil, err
	}
	if is := row.state(); is != stateAvailable {
		return nil, rdsapi.NewInvalidDBClusterSnapshotStateFault("Snapshot %s is not available: it is %s.", row.ID(), is)
	}
	from := row.Spec.Cluster
	create := &rdsapi.CreateDBClusterMessage{
		DBClusterIdentifier: in.DBClusterIdentifier, Engine: in.Engine, EngineVersion: in.EngineVersion, EngineMode: in.EngineMode, MasterUsername: &from.MasterUser,
		DatabaseName: optional(from.Database), Port: in.Port, DBSubnetGroupName: in.DBSubnetGroupName, VpcSecurityGroupIds: in.VpcSecurityGroupIds, Tags: in.Tags,
		KmsKeyId: in.KmsKeyId, StorageEncrypted: api.Ptr(from.Encrypted || in.KmsKeyId != nil), EnableIAMDatabaseAuthentication: in.EnableIAMDatabaseAuthentication,
		BacktrackWindow: in.BacktrackWindow, EnableCloudwatchLogsExports: in.EnableCloudwatchLogsExports, DBClusterParameterGroupName: in.DBClusterParameterGroupName,
		DeletionProtection: in.DeletionProtection, CopyTagsToSnapshot: in.CopyTagsToSnapshot, Domain: in.Domain, DBClusterInstanceClass: in.DBClusterInstanceClass,
		StorageType: in.StorageType, Iops: in.Iops, ServerlessV2ScalingConfiguration: in.ServerlessV2ScalingConfiguration, NetworkType: in.NetworkType,
		EngineLifecycleSupport: in.EngineLifecycleSupport, AvailabilityZones: in.AvailabilityZones, BackupRetentionPeriod: &from.BackupRetention,
	}
	if create.DBSubnetGroupName == nil {
		create.DBSubnetGroupName = &from.SubnetGroup // there is no default VPC to go to
	}
	if create.EngineVersion == nil {
		create.EngineVersion = &from.Version
	}
	if err := refuseCluster(create); err != nil {
		return nil, err
	}
	c, err := newCluster(call, create)
	if err != nil {
		return nil, err
	}
	if c.Spec.Engine != from.Engine {
		return nil, invalid("Engine %s: the snapshot is of %s", c.Spec.Engine, from.Engine)
	}
	c.Spec.Restore = row.Spec.ResourceID
	if c.Spec.Password, err = s.reseal(from.Password, row.Key, c.Key); err != nil {
		return nil, err
	}
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		if err := placeCluster(tx, &c); err != nil {
			return err
		}
		if err := s.findClusterKeys(tx, scopeOf(call), &c); err != nil {
			return err
		}
		Clusters.Put(tx, c)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.RestoreDBClusterFromSnapshotResult{DBCluster: describeCluster(s.env.Store.Snapshot(), c)}, nil
}
