package controller

import (
	"context"
	"errors"
	"fmt"
	"time"

	"apex/internal/store"
)

// A Spec describes a controller of the objects T whose status is S.
type Spec[T, S any] struct {
	Name   string          // "ecs/service", for logs
	Table  *store.Table[T] // whose keys are reconciled
	Status func(*T) *S     // where the object keeps its status
	// Reconcile closes the difference for one object, and returns what is true
	// now. The key may be gone from the table: then it clears what is left of the
	// object, and the status is dropped. See Again and Remove for the errors that
	// are none.
	Reconcile func(ctx context.Context, snap store.Snapshot, key string) (S, error)
	// Start runs once before the first Reconcile, to adopt or to clear what an
	// earlier process left behind. It is tried until it succeeds.
	Start func(ctx context.Context, snap store.Snapshot) error
	// Watch names other tables whose changes concern these objects.
	Watch []Trigger
	// Every is the time after which each object is looked at again though nothing
	// changed; 0 means never.
	Every time.Duration
	// Workers is how many objects are reconciled at once; 0 means 1.
	Workers int
}

// A Trigger says which keys a change in another table concerns.
type Trigger struct {
	table store.AnyTable
	keys  func(snap store.Snapshot, key string) []string
}

// On makes a Trigger: when an object of table changes, keys returns the keys to
// reconcile. The snapshot has the change; a deleted object is not in it.
func On(table store.AnyTable, keys func(snap store.Snapshot, key string) []string) Trigger {
	return Trigger{table: table, keys: keys}
}

// Remove tells the runner that nothing is left of an object that was to go: it
// deletes the row.
//
//lint:ignore ST1012 it is a signal and no fault, as fs.SkipDir is
var Remove = errors.New("remove the object")

// Again tells the runner that all is well and that the object wants another look
// after d. The status is written.
func Again(d time.Duration) error { return again(d) }

type again time.Duration

func (a again) Error() string { return fmt.Sprintf("again in %s", time.Duration(a)) }

// A Controller is a Spec, its types erased.
type Controller struct {
	name      string
	table     store.AnyTable
	watch     []Trigger
	every     time.Duration
	workers   int
	start     func(context.Context, store.Snapshot) error
	keys      func(store.Reader) []string
	reconcile func(ctx context.Context, s *store.Store, key string) error
}

// Name returns the controller's name.
func (c Controller) Name() string { return c.name }

// New makes a Controller from a Spec.
func New[T, S any](spec Spec[T, S]) Controller {
	return Controller{
		name: spec.Name, table: spec.Table, watch: spec.Watch, every: spec.Every,
		workers: max(spec.Workers, 1), start: spec.Start,
		keys: func(r store.Reader) (keys []string) {
			for k := range spec.Table.All(r) {
				keys = append(keys, k)
			}
			return keys
		},
		reconcile: spec.reconcile,
	}
}
