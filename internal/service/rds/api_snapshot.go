package rds

import (
	"context"
	"crypto/rand"
	"fmt"
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

func findSnapshot(r store.Reader, scope arn.Scope, given string) (Snapshot, error) {
	id := given
	if kind, key, ok := resource(given); ok && kind == kindSnapshot {
		id = idOf(key)
	}
	if s, ok := Snapshots.Get(r, scope.Key(strings.ToLower(id))); ok {
		return s, nil
	}
	return Snapshot{}, rdsapi.NewDBSnapshotNotFoundFault("DBSnapshot %s not found.", given)
}

func checkSnapshotID(given string) (string, error) {
	id := strings.ToLower(given)
	if !idPattern.MatchString(id) || len(id) > 255 {
		return "", invalid("The parameter DBSnapshotIdentifier is not a valid identifier: %s", given)
	}
	return id, nil
}

func (s *Service) createSnapshot(ctx context.Context, call *api.Call, in *rdsapi.CreateDBSnapshotMessage) (*rdsapi.CreateDBSnapshotResult, error) {
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	var row Snapshot
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		i, err := findInstance(tx, scopeOf(call), *in.DBInstanceIdentifier)
		if err != nil {
			return err
		}
		if err := mustStandAlone(i, "CreateDBSnapshot"); err != nil {
			return err
		}
		if is := state(i); is != stateAvailable && is != stateStopped {
			return rdsapi.NewInvalidDBInstanceStateFault("Cannot create a snapshot because the database instance %s is not currently in the available state.", i.ID())
		}
		row, err = s.putSnapshot(tx, i, *in.DBSnapshotIdentifier, tags, call.Now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CreateDBSnapshotResult{DBSnapshot: describeSnapshot(row)}, nil
}

// putSnapshot asks for a snapshot of an instance as it is now.
func (s *Service) putSnapshot(tx *store.Tx, i Instance, given string, tags tag.Tags, now time.Time) (Snapshot, error) {
	id, err := checkSnapshotID(given)
	if err != nil {
		return Snapshot{}, err
	}
	scope, _ := arn.SplitKey(i.Key)
	row := Snapshot{Key: scope.Key(id), Spec: SnapshotSpec{
		ResourceID: "snapshot-" + rand.Text(), InstanceID: i.ID(), Instance: i.Spec, Type: snapshotManual, CreatedAt: now.UTC(), Tags: tags,
	}}
	if _, ok := Snapshots.Get(tx, row.Key); ok {
		return row, rdsapi.NewDBSnapshotAlreadyExistsFault("Cannot create the snapshot because a snapshot with the identifier %s already exists.", id)
	}
	if i.Spec.CopyTags && len(tags) == 0 { // RDS copies none where some are given
		row.Spec.Tags = i.Spec.Tags
	}
	if row.Spec.Instance.Password, err = s.reseal(i.Spec.Password, i.Key, row.Key); err != nil {
		return row, err
	}
	Snapshots.Put(tx, row)
	return row, nil
}

// reseal binds a sealed password to another row.
func (s *Service) reseal(sealed []byte, from, to string) ([]byte, error) {
	plain, err := s.env.Sealer.Open(sealed, []byte(from))
	if err != nil {
		return nil, fmt.Errorf("open the password of %s: %w", idOf(from), err)
	}
	return s.env.Sealer.Seal(plain, []byte(to)), nil
}

func (s *Service) copySnapshotRow(ctx context.Context, call *api.Call, in *rdsapi.CopyDBSnapshotMessage) (*rdsapi.CopyDBSnapshotResult, error) {
	id, err := checkSnapshotID(*in.TargetDBSnapshotIdentifier)
	if err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	var row Snapshot
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		source, err := findSnapshot(tx, scopeOf(call), *in.SourceDBSnapshotIdentifier)
		if err != nil {
			return err
		}
		row = source
		row.Key, row.Status = scopeOf(call).Key(id), SnapshotStatus{}
		if _, ok := Snapshots.Get(tx, row.Key); ok {
			return rdsapi.NewDBSnapshotAlreadyExistsFault("Cannot create the snapshot because a snapshot with the identifier %s already exists.", id)
		}
		row.Spec.ResourceID, row.Spec.Source, row.Spec.Type = "snapshot-"+rand.Text(), source.Key, snapshotManual
		row.Spec.CreatedAt, row.Spec.SharedWith = call.Now.UTC(), nil
		set(&row.Spec.Instance.KMSKeyID, in.KmsKeyId)
		row.Spec.Instance.Encrypted = row.Spec.Instance.Encrypted || in.KmsKeyId != nil
		set(&row.Spec.Instance.OptionGroup, in.OptionGroupName)
		if row.Spec.Tags = tags; api.Val(in.CopyTags) {
			row.Spec.Tags = source.Spec.Tags.With(tags)
		}
		if row.Spec.Instance.Password, err = s.reseal(source.Spec.Instance.Password, source.Key, row.Key); err != nil {
			return err
		}
		Snapshots.Put(tx, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.CopyDBSnapshotResult{DBSnapshot: describeSnapshot(row)}, nil
}

func (s *Service) describeSnapshots(_ context.Context, call *api.Call, in *rdsapi.DescribeDBSnapshotsMessage) (*rdsapi.DBSnapshotMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	find := func(id string) (Snapshot, error) { return findSnapshot(snap, scope, id) }
	all, err := service.OneOrAll(in.DBSnapshotIdentifier, find, Snapshots.Prefix(snap, scope.Prefix()))
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(row Snapshot) bool {
		return row.Spec.InstanceID != strings.ToLower(api.Or(in.DBInstanceIdentifier, row.Spec.InstanceID)) ||
			row.Spec.Type != api.Or(in.SnapshotType, row.Spec.Type) ||
			row.Spec.Instance.ResourceID != api.Or(in.DbiResourceId, row.Spec.Instance.ResourceID)
	})
	all, err = filtered(all, in.Filters, func(row Snapshot, name string) ([]string, bool) {
		switch name {
		case "db-instance-id":
			return []string{row.Spec.InstanceID}, true
		case "db-snapshot-id":
			return []string{row.ID(), arnOf(scope, kindSnapshot, row.ID())}, true
		case "dbi-resource-id":
			return []string{row.Spec.Instance.ResourceID}, true
		case "engine":
			return []string{row.Spec.Instance.Engine}, true
		case "snapshot-type":
			return []string{row.Spec.Type}, true
		}
		return nil, false
	})
	if err != nil {
		return nil, err
	}
	some, marker, err := page(all, Snapshot.ID, in.MaxRecords, in.Marker)
	out := &rdsapi.DBSnapshotMessage{Marker: marker, DBSnapshots: []rdsapi.DBSnapshot{}}
	for _, row := range some {
		out.DBSnapshots = append(out.DBSnapshots, *describeSnapshot(row))
	}
	return out, err
}

func describeSnapshot(row Snapshot) *rdsapi.DBSnapshot {
	scope, id := arn.SplitKey(row.Key)
	i, progress := row.Spec.Instance, int64(0)
	if row.Status.Done {
		progress = 100
	}
	out := &rdsapi.DBSnapshot{
		DBSnapshotIdentifier: api.Ptr(id), DBSnapshotArn: api.Ptr(arnOf(scope, kindSnapshot, id)), DBInstanceIdentifier: api.Ptr(row.Spec.InstanceID),
		DbiResourceId: api.Ptr(i.ResourceID), Status: api.Ptr(snapshotState(row)), PercentProgress: &progress, SnapshotType: api.Ptr(row.Spec.Type),
		SnapshotCreateTime: api.Ptr(row.Spec.CreatedAt), OriginalSnapshotCreateTime: api.Ptr(row.Spec.CreatedAt), InstanceCreateTime: api.Ptr(i.CreatedAt),
		Engine: api.Ptr(i.Engine), EngineVersion: api.Ptr(i.EngineVersion), LicenseModel: api.Ptr(i.LicenseModel), MasterUsername: api.Ptr(i.MasterUser),
		AllocatedStorage: api.Ptr(i.Storage), StorageType: api.Ptr(i.StorageType), Iops: positive(i.IOPS), StorageThroughput: api.Ptr(i.Throughput),
		Port: api.Ptr(i.Port), AvailabilityZone: api.Ptr(i.Zone), VpcId: api.Ptr(i.VPCID), OptionGroupName: api.Ptr(i.OptionGroup),
		Encrypted: api.Ptr(i.Encrypted), KmsKeyId: optional(i.KMSKeyID), IAMDatabaseAuthenticationEnabled: api.Ptr(i.IAMAuth),
		DedicatedLogVolume: api.Ptr(i.DedicatedLogVolume), SnapshotTarget: api.Ptr("region"), Timezone: optional(i.Timezone),
		ProcessorFeatures: []rdsapi.ProcessorFeature{}, TagList: tagList(row.Spec.Tags),
	}
	if row.Status.Done {
		out.SnapshotDatabaseTime = api.Ptr(row.Status.At)
	}
	if row.Spec.Source != "" {
		from, source := arn.SplitKey(row.Spec.Source)
		out.SourceDBSnapshotIdentifier, out.SourceRegion = api.Ptr(arnOf(from, kindSnapshot, source)), api.Ptr(from.Region)
	}
	return out
}

// changeSnapshot rewrites one snapshot's spec in a transaction.
func (s *Service) changeSnapshot(ctx context.Context, call *api.Call, given string, fn func(*store.Tx, *Snapshot) error) (Snapshot, error) {
	var row Snapshot
	err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if row, err = findSnapshot(tx, scopeOf(call), given); err != nil {
			return err
		}
		if row.Spec.Deleted {
			return rdsapi.NewInvalidDBSnapshotStateFault("Snapshot %s is being deleted.", row.ID())
		}
		if err := fn(tx, &row); err != nil {
			return err
		}
		Snapshots.Put(tx, row)
		return nil
	})
	return row, err
}

func (s *Service) deleteSnapshot(ctx context.Context, call *api.Call, in *rdsapi.DeleteDBSnapshotMessage) (*rdsapi.DeleteDBSnapshotResult, error) {
	row, err := s.changeSnapshot(ctx, call, *in.DBSnapshotIdentifier, func(tx *store.Tx, row *Snapshot) error {
		if row.inUse(tx) || snapshotState(*row) == stateCreating {
			return rdsapi.NewInvalidDBSnapshotStateFault("Cannot delete the snapshot because it is in use or not yet available: %s", row.ID())
		}
		row.Spec.Deleted = true
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.DeleteDBSnapshotResult{DBSnapshot: describeSnapshot(row)}, nil
}

func (s *Service) modifySnapshot(ctx context.Context, call *api.Call, in *rdsapi.ModifyDBSnapshotMessage) (*rdsapi.ModifyDBSnapshotResult, error) {
	row, err := s.changeSnapshot(ctx, call, *in.DBSnapshotIdentifier, func(tx *store.Tx, row *Snapshot) error {
		if in.EngineVersion != nil {
			_, version, err := findOffer(row.Spec.Instance.Engine, *in.EngineVersion)
			if err != nil {
				return err
			}
			row.Spec.Instance.EngineVersion = version
		}
		if in.OptionGroupName != nil {
			g, err := findOptionGroup(tx, scopeOf(call), *in.OptionGroupName)
			if err != nil {
				return err
			}
			row.Spec.Instance.OptionGroup = g.Name()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.ModifyDBSnapshotResult{DBSnapshot: describeSnapshot(row)}, nil
}

func (s *Service) describeSnapshotAttributes(_ context.Context, call *api.Call, in *rdsapi.DescribeDBSnapshotAttributesMessage) (*rdsapi.DescribeDBSnapshotAttributesResult, error) {
	row, err := findSnapshot(s.env.Store.Snapshot(), scopeOf(call), *in.DBSnapshotIdentifier)
	if err != nil {
		return nil, err
	}
	return &rdsapi.DescribeDBSnapshotAttributesResult{DBSnapshotAttributesResult: snapshotAttributes(row)}, nil
}

func snapshotAttributes(row Snapshot) *rdsapi.DBSnapshotAttributesResult {
	return &rdsapi.DBSnapshotAttributesResult{DBSnapshotIdentifier: api.Ptr(row.ID()), DBSnapshotAttributes: []rdsapi.DBSnapshotAttribute{
		{AttributeName: api.Ptr("restore"), AttributeValues: append([]string{}, row.Spec.SharedWith...)},
	}}
}

func (s *Service) modifySnapshotAttribute(ctx context.Context, call *api.Call, in *rdsapi.ModifyDBSnapshotAttributeMessage) (*rdsapi.ModifyDBSnapshotAttributeResult, error) {
	if *in.AttributeName != "restore" {
		return nil, invalid("Invalid snapshot attribute: %s; restore is the one", *in.AttributeName)
	}
	row, err := s.changeSnapshot(ctx, call, *in.DBSnapshotIdentifier, func(_ *store.Tx, row *Snapshot) error {
		row.Spec.SharedWith = merged(row.Spec.SharedWith, in.ValuesToAdd, in.ValuesToRemove)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &rdsapi.ModifyDBSnapshotAttributeResult{DBSnapshotAttributesResult: snapshotAttributes(row)}, nil
}
