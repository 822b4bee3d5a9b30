package rds

import (
	"time"

	"apex/internal/store"
	"apex/internal/tag"
)

// A Snapshot is a copy of an instance's data on disk.
type Snapshot struct {
	Key    string
	Spec   SnapshotSpec
	Status SnapshotStatus
}

// ID returns the caller's name of the snapshot.
func (s Snapshot) ID() string { return idOf(s.Key) }

// SnapshotSpec is what the caller asked for.
type SnapshotSpec struct {
	ResourceID string       // names its directory, and is never used again
	InstanceID string       // the instance it is of
	Instance   InstanceSpec // as it was; the password is sealed under the snapshot's key
	Source     string       // key of the snapshot that it copies; empty: the instance itself
	Type       string       // "manual" or "automated"
	SharedWith []string     // accounts that may restore; kept only
	CreatedAt  time.Time
	Tags       tag.Tags
	Deleted    bool
}

// SnapshotStatus is what is true.
type SnapshotStatus struct {
	Done   bool
	At     time.Time // the moment that the copy shows
	Fault  string
	Failed bool // and trying again will not help
}

// The types of snapshots.
const (
	snapshotManual    = "manual"
	snapshotAutomated = "automated"
)

func snapshotState(s Snapshot) string {
	switch {
	case s.Spec.Deleted:
		return stateDeleting
	case s.Status.Done:
		return stateAvailable
	case s.Status.Failed:
		return stateFailed
	}
	return stateCreating
}

// inUse reports whether an instance begins with the snapshot, or another copies it.
func (s Snapshot) inUse(r store.Reader) bool {
	for _, i := range Instances.All(r) {
		if i.Spec.Restore == s.Spec.ResourceID && !i.Status.Created && !i.Spec.Deleted {
			return true
		}
	}
	for _, other := range Snapshots.All(r) {
		if other.Spec.Source == s.Key && !other.Status.Done && !other.Spec.Deleted {
			return true
		}
	}
	return false
}
