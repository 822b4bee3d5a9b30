package elasticache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/dataplane/redis"
	"apex/internal/store"
	"apex/internal/tag"
)

// A Snapshot is a copy of a cache's data on disk.
type Snapshot struct {
	Key    string
	Spec   SnapshotSpec
	Status SnapshotStatus
}

// Name returns the caller's name of the snapshot.
func (s Snapshot) Name() string { return idOf(s.Key) }

// SnapshotSpec is what the caller asked for.
type SnapshotSpec struct {
	ResourceID string    // names its file, and is never used again
	CacheKey   string    // the cache it is of
	MemberID   string    // the cluster that the caller named, if they did
	Cache      CacheSpec // as it was, without its tokens
	From       string    // key of the snapshot that it copies; empty: the cache itself
	KMSKeyID   string
	CreatedAt  time.Time
	Tags       tag.Tags
	Deleted    bool
}

// SnapshotStatus is what is true.
type SnapshotStatus struct {
	Done   bool
	At     time.Time // when the copy was whole
	Size   int64     // bytes
	Fault  string
	Failed bool // and trying again will not help
}

func snapshotState(s Snapshot) string {
	switch {
	case s.Spec.Deleted:
		return stateDeleting
	case s.Status.Done:
		return stateAvailable
	case s.Status.Failed:
		return "failed"
	}
	return stateCreating
}

// inUse reports whether a cache begins with the snapshot, or another copies it.
func (s Snapshot) inUse(r store.Reader) bool {
	for _, c := range Caches.All(r) {
		if c.Spec.Restore == s.Spec.ResourceID && !c.Status.Created && !c.Spec.Deleted {
			return true
		}
	}
	for _, other := range Snapshots.All(r) {
		if other.Spec.From == s.Key && !other.Status.Done && !other.Spec.Deleted {
			return true
		}
	}
	return false
}

// snapshotController copies data to disk, and takes the copies away.
func (s *Service) snapshotController() controller.Controller {
	return controller.New(controller.Spec[Snapshot, SnapshotStatus]{
		Name: "elasticache/snapshot", Table: Snapshots, Status: func(s *Snapshot) *SnapshotStatus { return &s.Status },
		Reconcile: s.reconcileSnapshot, Workers: 2,
		Watch: []controller.Trigger{controller.On(Snapshots, func(snap store.Snapshot, key string) (keys []string) {
			scope, _ := arn.SplitKey(key)
			for other, s := range Snapshots.Prefix(snap, scope.Prefix()) {
				if s.Spec.From == key && !s.Status.Done {
					keys = append(keys, other)
				}
			}
			return keys
		})},
	})
}

func (s *Service) reconcileSnapshot(ctx context.Context, snap store.Snapshot, key string) (SnapshotStatus, error) {
	row, ok := Snapshots.Get(snap, key)
	if !ok {
		return SnapshotStatus{}, nil
	}
	file := backupFile(s.env.Home, row.Spec.ResourceID)
	switch {
	case row.Spec.Deleted:
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return row.Status, fmt.Errorf("remove snapshot: %w", err)
		}
		return row.Status, controller.Remove
	case row.Status.Done, row.Status.Failed:
		return row.Status, nil
	}
	var err error
	if row.Spec.From != "" {
		source, ok := Snapshots.Get(snap, row.Spec.From)
		switch {
		case !ok || source.Status.Failed:
			return SnapshotStatus{Fault: "the snapshot to copy is gone", Failed: true}, nil
		case !source.Status.Done:
			return row.Status, nil // its change brings us back
		}
		err = redis.CopyBackup(backupFile(s.env.Home, source.Spec.ResourceID), file)
	} else {
		err = redis.Backup(ctx, s.dir(Cache{Key: row.Spec.CacheKey}), file)
	}
	if err != nil {
		_, there := Caches.Get(snap, row.Spec.CacheKey)
		return SnapshotStatus{Fault: err.Error(), Failed: row.Spec.From == "" && !there}, err
	}
	info, err := os.Stat(file)
	if err != nil {
		return SnapshotStatus{Fault: err.Error()}, err
	}
	return SnapshotStatus{Done: true, At: s.env.Now().UTC(), Size: info.Size()}, nil
}

// snapshotDone reports whether a snapshot is on disk, or was deleted itself.
func snapshotDone(r store.Reader, scope arn.Scope, name string) bool {
	row, ok := Snapshots.Get(r, scope.Key(name))
	return !ok || row.Status.Done
}
