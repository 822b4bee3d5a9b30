package elasticache

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/elasticacheapi"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
	"apex/internal/tag"
)

func findSnapshot(r store.Reader, scope arn.Scope, given string) (Snapshot, error) {
	if s, ok := Snapshots.Get(r, scope.Key(strings.ToLower(given))); ok {
		return s, nil
	}
	return Snapshot{}, elasticacheapi.NewSnapshotNotFoundFault("Snapshot not found: %s", given)
}

func (s *Service) createSnapshot(ctx context.Context, call *api.Call, in *elasticacheapi.CreateSnapshotMessage) (*elasticacheapi.CreateSnapshotResult, error) {
	if (in.ReplicationGroupId == nil) == (in.CacheClusterId == nil) {
		return nil, combination("Exactly one of ReplicationGroupId and CacheClusterId must be specified.")
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	var row Snapshot
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		c, memberID, err := snapshotSource(tx, scopeOf(call), in.ReplicationGroupId, in.CacheClusterId)
		if err != nil {
			return err
		}
		if is := state(c); is != stateAvailable {
			if c.Kind() == kindGroup {
				return elasticacheapi.NewInvalidReplicationGroupStateFault("Replication group %s is in state %s", c.ID(), is)
			}
			return elasticacheapi.NewInvalidCacheClusterStateFault("Cluster %s is in state %s", c.ID(), is)
		}
		row, err = putSnapshot(tx, c, memberID, *in.SnapshotName, api.Val(in.KmsKeyId), tags, call.Now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &elasticacheapi.CreateSnapshotResult{Snapshot: describeSnapshot(row)}, nil
}

func snapshotSource(r store.Reader, scope arn.Scope, group, cluster *string) (c Cache, memberID string, err error) {
	if group != nil {
		c, err = findGroup(r, scope, *group)
		return c, "", err
	}
	m, err := findCluster(r, scope, *cluster)
	return m.cache, strings.ToLower(*cluster), err
}

// putSnapshot asks for a snapshot of a cache as it is now.
func putSnapshot(tx *store.Tx, c Cache, memberID, given, kmsKey string, tags tag.Tags, now time.Time) (Snapshot, error) {
	name, err := checkGroupName("SnapshotName", given)
	if err != nil {
		return Snapshot{}, err
	}
	scope, _ := arn.SplitKey(c.Key)
	row := Snapshot{Key: scope.Key(name), Spec: SnapshotSpec{
		ResourceID: rand.Text(), CacheKey: c.Key, MemberID: memberID, Cache: c.Spec, KMSKeyID: kmsKey, CreatedAt: now.UTC(), Tags: tags,
	}}
	row.Spec.Cache.Tokens = nil
	if _, ok := Snapshots.Get(tx, row.Key); ok {
		return row, elasticacheapi.NewSnapshotAlreadyExistsFault("Snapshot with specified name already exists.")
	}
	Snapshots.Put(tx, row)
	return row, nil
}

// finally asks for the snapshot that is to be made before a cache goes.
func (c *Cache) finally(tx *store.Tx, name *string, now time.Time) error {
	if name == nil {
		return nil
	}
	if !c.Status.Created {
		return invalid("FinalSnapshotIdentifier: the cache is not available yet")
	}
	row, err := putSnapshot(tx, *c, "", *name, "", nil, now)
	c.Spec.FinalSnapshot = row.Name()
	return err
}

// beginWith makes a new cache begin with a snapshot.
func (s *CacheSpec) beginWith(r store.Reader, scope arn.Scope, name string) error {
	row, err := findSnapshot(r, scope, name)
	if err != nil {
		return err
	}
	if is := snapshotState(row); is != stateAvailable {
		return elasticacheapi.NewInvalidSnapshotStateFault("Snapshot %s is in state %s", row.Name(), is)
	}
	s.Restore = row.Spec.ResourceID
	return nil
}

func (s *Service) copySnapshot(ctx context.Context, call *api.Call, in *elasticacheapi.CopySnapshotMessage) (*elasticacheapi.CopySnapshotResult, error) {
	if in.TargetBucket != nil {
		return nil, invalid("TargetBucket: writing snapshots to S3 is not built")
	}
	name, err := checkGroupName("TargetSnapshotName", *in.TargetSnapshotName)
	if err != nil {
		return nil, err
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	var row Snapshot
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		source, err := findSnapshot(tx, scopeOf(call), *in.SourceSnapshotName)
		if err != nil {
			return err
		}
		row = source
		row.Key, row.Status = scopeOf(call).Key(name), SnapshotStatus{}
		row.Spec.ResourceID, row.Spec.From, row.Spec.CreatedAt = rand.Text(), source.Key, call.Now.UTC()
		row.Spec.Tags = source.Spec.Tags.With(tags)
		set(&row.Spec.KMSKeyID, in.KmsKeyId)
		if _, ok := Snapshots.Get(tx, row.Key); ok {
			return elasticacheapi.NewSnapshotAlreadyExistsFault("Snapshot with specified name already exists.")
		}
		Snapshots.Put(tx, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &elasticacheapi.CopySnapshotResult{Snapshot: describeSnapshot(row)}, nil
}

func (s *Service) deleteSnapshot(ctx context.Context, call *api.Call, in *elasticacheapi.DeleteSnapshotMessage) (*elasticacheapi.DeleteSnapshotResult, error) {
	var row Snapshot
	err := s.env.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if row, err = findSnapshot(tx, scopeOf(call), *in.SnapshotName); err != nil {
			return err
		}
		if is := snapshotState(row); row.inUse(tx) || is == stateCreating || is == stateDeleting {
			return elasticacheapi.NewInvalidSnapshotStateFault("Snapshot %s is in use, or in state %s", row.Name(), is)
		}
		row.Spec.Deleted = true
		Snapshots.Put(tx, row)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &elasticacheapi.DeleteSnapshotResult{Snapshot: describeSnapshot(row)}, nil
}

func (s *Service) describeSnapshots(_ context.Context, call *api.Call, in *elasticacheapi.DescribeSnapshotsMessage) (*elasticacheapi.DescribeSnapshotsListMessage, error) {
	snap, scope := s.env.Store.Snapshot(), scopeOf(call)
	find := func(id string) (Snapshot, error) { return findSnapshot(snap, scope, id) }
	all, err := service.OneOrAll(in.SnapshotName, find, Snapshots.Prefix(snap, scope.Prefix()))
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(row Snapshot) bool {
		of := Cache{Key: row.Spec.CacheKey}
		return in.ReplicationGroupId != nil && (of.Kind() != kindGroup || of.ID() != strings.ToLower(*in.ReplicationGroupId)) ||
			in.CacheClusterId != nil && row.Spec.MemberID != strings.ToLower(*in.CacheClusterId) ||
			api.Or(in.SnapshotSource, "user") != "user"
	})
	some, marker, err := page(all, Snapshot.Name, in.MaxRecords, in.Marker)
	out := &elasticacheapi.DescribeSnapshotsListMessage{Marker: marker, Snapshots: []elasticacheapi.Snapshot{}}
	for _, row := range some {
		out.Snapshots = append(out.Snapshots, *describeSnapshot(row))
	}
	return out, err
}

func describeSnapshot(row Snapshot) *elasticacheapi.Snapshot {
	scope, name := arn.SplitKey(row.Key)
	c, of := row.Spec.Cache, Cache{Key: row.Spec.CacheKey}
	out := &elasticacheapi.Snapshot{
		SnapshotName: &name, ARN: api.Ptr(scope.ARN("elasticache", kindSnapshot+":"+name)), SnapshotStatus: api.Ptr(snapshotState(row)), SnapshotSource: api.Ptr("manual"),
		Engine: api.Ptr(c.EngineName()), EngineVersion: api.Ptr(c.EngineVersion), CacheNodeType: api.Ptr(c.NodeType), Port: api.Ptr(c.Port),
		CacheParameterGroupName: api.Ptr(c.ParameterGroup), CacheSubnetGroupName: api.Ptr(c.SubnetGroup), VpcId: api.Ptr(c.VPCID),
		PreferredMaintenanceWindow: api.Ptr(c.MaintenanceWindow), AutoMinorVersionUpgrade: api.Ptr(c.AutoMinorUpgrade), TopicArn: optional(c.TopicARN),
		SnapshotRetentionLimit: api.Ptr(c.SnapshotRetention), SnapshotWindow: api.Ptr(c.SnapshotWindow), KmsKeyId: optional(row.Spec.KMSKeyID),
		AutomaticFailover: api.Ptr(enabled(c.AutoFailover)), DataTiering: api.Ptr(elasticacheapi.DataTieringStatusDisabled),
	}
	memberName := row.Spec.MemberID
	if of.Kind() == kindGroup {
		out.ReplicationGroupId, out.ReplicationGroupDescription, out.NumNodeGroups = api.Ptr(of.ID()), api.Ptr(c.Description), api.Ptr(int64(1))
		if memberName == "" {
			memberName = memberID(of.ID(), 1)
		}
	} else {
		memberName = of.ID()
		out.NumCacheNodes = api.Ptr(int64(1))
	}
	if row.Spec.MemberID != "" || of.Kind() == kindCluster {
		out.CacheClusterId, out.CacheClusterCreateTime, out.PreferredAvailabilityZone = api.Ptr(memberName), api.Ptr(c.CreatedAt), api.Ptr(c.Zones[0])
	}
	node := elasticacheapi.NodeSnapshot{CacheClusterId: api.Ptr(memberName), CacheNodeId: api.Ptr("0001"), NodeGroupId: api.Ptr("0001"), CacheNodeCreateTime: api.Ptr(c.CreatedAt)}
	if row.Status.Done {
		node.SnapshotCreateTime, node.CacheSize = api.Ptr(row.Status.At), api.Ptr(fmt.Sprintf("%d MB", (row.Status.Size+mib-1)/mib))
	}
	out.NodeSnapshots = []elasticacheapi.NodeSnapshot{node}
	return out
}
