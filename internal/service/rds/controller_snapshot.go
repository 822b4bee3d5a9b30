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
	"apex/internal/store"
)

// snapshotController copies data to disk, and takes the copies away.
func (s *Service) snapshotController() controller.Controller {
	return controller.New(controller.Spec[Snapshot, SnapshotStatus]{
		Name: "rds/snapshot", Table: Snapshots, Status: func(s *Snapshot) *SnapshotStatus { return &s.Status },
		Reconcile: s.reconcileSnapshot, Workers: 2,
		Watch: []controller.Trigger{controller.On(Snapshots, copiesOf)},
	})
}

// copiesOf returns the snapshots that wait for another one.
func copiesOf(snap store.Snapshot, key string) (keys []string) {
	scope, _ := arn.SplitKey(key)
	for other, s := range Snapshots.Prefix(snap, scope.Prefix()) {
		if s.Spec.Source == key && !s.Status.Done {
			keys = append(keys, other)
		}
	}
	return keys
}

func (s *Service) reconcileSnapshot(ctx context.Context, snap store.Snapshot, key string) (SnapshotStatus, error) {
	row, ok := Snapshots.Get(snap, key)
	if !ok {
		return SnapshotStatus{}, nil
	}
	c := copying{dir: backupDir(s.env.Home, row.Spec.ResourceID), from: Dir(s.env.Home, row.Spec.Instance.ResourceID), deleted: row.Spec.Deleted, status: row.Status}
	if row.Spec.Source != "" {
		source, ok := Snapshots.Get(snap, row.Spec.Source)
		c.source = &origin{ok, backupDir(s.env.Home, source.Spec.ResourceID), source.Status}
	}
	return s.copyData(ctx, c)
}

// A copying is the work of a snapshot, of either kind.
type copying struct {
	dir, from string // the snapshot's directory, the server's
	source    *origin
	deleted   bool
	status    SnapshotStatus
}

// An origin is the snapshot that another one copies.
type origin struct {
	there  bool
	dir    string
	status SnapshotStatus
}

// copyData does a snapshot's work, and returns what is true then.
func (s *Service) copyData(ctx context.Context, c copying) (SnapshotStatus, error) {
	switch {
	case c.deleted:
		if err := os.RemoveAll(c.dir); err != nil {
			return c.status, fmt.Errorf("remove snapshot: %w", err)
		}
		return c.status, controller.Remove
	case c.status.Done, c.status.Failed:
		return c.status, nil
	case c.source != nil && (!c.source.there || c.source.status.Failed):
		return SnapshotStatus{Fault: "the snapshot to copy is gone", Failed: true}, nil
	case c.source != nil && !c.source.status.Done:
		return c.status, nil // its change brings us back
	case c.source != nil:
		if err := mysql.CopyBackup(c.source.dir, c.dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // an empty one has no directory
			return SnapshotStatus{Fault: err.Error()}, fmt.Errorf("copy snapshot: %w", err)
		}
		return SnapshotStatus{Done: true, At: c.source.status.At}, nil
	}
	st := SnapshotStatus{At: s.env.Now().UTC()}
	if err := mysql.Backup(ctx, c.from, c.dir); err != nil {
		st.Fault, st.Failed = err.Error(), errors.Is(err, fs.ErrNotExist)
		return st, err
	}
	st.Done = true
	return st, nil
}
