package rds

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/mysql"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

func (s *Service) clusterController() controller.Controller {
	return controller.New(controller.Spec[Cluster, ClusterStatus]{
		Name: "rds/cluster", Table: Clusters, Status: func(c *Cluster) *ClusterStatus { return &c.Status }, Reconcile: s.reconcileCluster,
		Watch: []controller.Trigger{
			controller.On(Instances, clusterOf),
			controller.On(ClusterSnapshots, func(snap store.Snapshot, key string) (keys []string) {
				scope, id := arn.SplitKey(key)
				for key, c := range Clusters.Prefix(snap, scope.Prefix()) {
					if c.Spec.FinalSnapshot == id {
						keys = append(keys, key)
					}
				}
				return keys
			}),
		},
	})
}

// clusterOf returns the cluster of an instance; of one that is gone, all.
func clusterOf(snap store.Snapshot, key string) (keys []string) {
	scope, _ := arn.SplitKey(key)
	i, known := Instances.Get(snap, key)
	for key, c := range Clusters.Prefix(snap, scope.Prefix()) {
		if !known || i.Spec.Cluster == c.ID() {
			keys = append(keys, key)
		}
	}
	return keys
}

// membersOf returns the instances of a cluster.
func membersOf(snap store.Snapshot, key string) (keys []string) {
	if c, ok := Clusters.Get(snap, key); ok {
		for _, i := range c.members(snap) {
			keys = append(keys, i.Key)
		}
	}
	return keys
}

// siblings returns the other members of an instance's cluster, which look to it.
func siblings(snap store.Snapshot, key string) (keys []string) {
	scope, _ := arn.SplitKey(key)
	i, ok := Instances.Get(snap, key)
	if !ok || i.Spec.Cluster == "" {
		return nil
	}
	for _, other := range membersOf(snap, scope.Key(i.Spec.Cluster)) {
		if other != key {
			keys = append(keys, other)
		}
	}
	return keys
}

// reconcileCluster sees to what is left when no member serves.
func (s *Service) reconcileCluster(ctx context.Context, snap store.Snapshot, key string) (ClusterStatus, error) {
	c, ok := Clusters.Get(snap, key)
	if !ok {
		return ClusterStatus{}, nil
	}
	dir := Dir(s.env.Home, c.Spec.ResourceID)
	if c.Spec.Deleted {
		return c.Status, s.tearDownCluster(ctx, snap, c, dir)
	}
	if c.Spec.Stopped || c.Spec.Writer == "" {
		if err := mysql.Stop(ctx, dir); err != nil {
			return c.Status, fmt.Errorf("stop server: %w", err)
		}
	}
	return ClusterStatus{Stopped: c.Spec.Stopped}, nil
}

func (s *Service) tearDownCluster(ctx context.Context, snap store.Snapshot, c Cluster, dir string) error {
	scope, _ := arn.SplitKey(c.Key)
	if len(c.members(snap)) > 0 {
		return nil // their going brings us back
	}
	if err := mysql.Stop(ctx, dir); err != nil {
		return fmt.Errorf("stop server: %w", err)
	}
	if id := c.Spec.FinalSnapshot; id != "" {
		if row, ok := ClusterSnapshots.Get(snap, scope.Key(id)); ok && !row.Status.Done {
			return nil // its change brings us back
		}
	}
	if err := mysql.Remove(ctx, dir); err != nil {
		return fmt.Errorf("remove server: %w", err)
	}
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		dropClusterNames(tx, c)
		i := InstanceSpec{Secret: c.Spec.Secret}
		dropSecret(tx, scope, &i)
		for key, e := range ClusterEndpoints.Prefix(tx, scope.Prefix()) {
			if e.Spec.Cluster == c.ID() {
				ClusterEndpoints.Delete(tx, key)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("release what the cluster used: %w", err)
	}
	return controller.Remove
}

// reconcileMember makes an instance of a cluster as it should be: the one that
// writes runs the cluster's server, the others only look whether it runs.
func (s *Service) reconcileMember(ctx context.Context, snap store.Snapshot, scope arn.Scope, i Instance) (InstanceStatus, error) {
	c, ok := Clusters.Get(snap, scope.Key(i.Spec.Cluster))
	switch {
	case i.Spec.Deleted || !ok:
		return i.Status, s.leave(ctx, scope, i)
	case c.Spec.Stopped:
		st := i.Status
		st.Stopped, st.Ready = true, false
		return st, nil // the cluster's controller stops the server
	case !runs(c.Spec.Engine):
		return InstanceStatus{Created: true, Ready: true, Change: i.Spec.Change, Reboots: i.Spec.Reboots}, nil
	case c.Spec.Writer != i.ID():
		writer, _ := Instances.Get(snap, scope.Key(c.Spec.Writer))
		return InstanceStatus{
			Created: i.Status.Created || writer.Status.Ready, Ready: writer.Status.Ready, Change: i.Spec.Change, Reboots: i.Spec.Reboots, Engine: writer.Status.Engine,
		}, nil
	}
	var err error
	i.Spec.join(c)
	i.Spec.ResourceID, i.Spec.ServerID, i.Spec.Restore, i.Spec.ClusterGroup = c.Spec.ResourceID, c.Spec.ServerID, c.Spec.Restore, c.Spec.ParameterGroup
	if i.Spec.Password, err = s.reseal(c.Spec.Password, c.Key, i.Key); err != nil {
		return i.Status, err
	}
	return s.serveNoted(ctx, snap, scope, i)
}

// leave takes a member away. Its server, if it wrote, is the next member's or the
// cluster's matter.
func (s *Service) leave(ctx context.Context, scope arn.Scope, i Instance) error {
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		ec2.DeleteName(tx, scope, i.Spec.VPCID, endpointName(scope, i.ID()))
		ec2.ReleaseInterface(tx, scope, i.Spec.InterfaceID)
		return nil
	})
	if err != nil {
		return fmt.Errorf("release what the instance used: %w", err)
	}
	return controller.Remove
}

// clusterSnapshotController copies clusters' data to disk.
func (s *Service) clusterSnapshotController() controller.Controller {
	return controller.New(controller.Spec[ClusterSnapshot, SnapshotStatus]{
		Name: "rds/cluster-snapshot", Table: ClusterSnapshots, Status: func(s *ClusterSnapshot) *SnapshotStatus { return &s.Status },
		Reconcile: s.reconcileClusterSnapshot,
		Watch: []controller.Trigger{controller.On(ClusterSnapshots, func(snap store.Snapshot, key string) (keys []string) {
			scope, _ := arn.SplitKey(key)
			for other, s := range ClusterSnapshots.Prefix(snap, scope.Prefix()) {
				if s.Spec.Source == key && !s.Status.Done {
					keys = append(keys, other)
				}
			}
			return keys
		})},
	})
}

func (s *Service) reconcileClusterSnapshot(ctx context.Context, snap store.Snapshot, key string) (SnapshotStatus, error) {
	row, ok := ClusterSnapshots.Get(snap, key)
	if !ok {
		return SnapshotStatus{}, nil
	}
	c := copying{dir: backupDir(s.env.Home, row.Spec.ResourceID), from: Dir(s.env.Home, row.Spec.Cluster.ResourceID), deleted: row.Spec.Deleted, status: row.Status}
	if row.Spec.Source != "" {
		source, ok := ClusterSnapshots.Get(snap, row.Spec.Source)
		c.source = &origin{ok, backupDir(s.env.Home, source.Spec.ResourceID), source.Status}
	}
	// A cluster that never had an instance has no data: its snapshot is empty.
	if _, err := os.Stat(c.from); errors.Is(err, fs.ErrNotExist) && c.source == nil && !c.deleted && !row.Status.Done {
		return SnapshotStatus{Done: true, At: s.env.Now().UTC()}, nil
	}
	return s.copyData(ctx, c)
}
