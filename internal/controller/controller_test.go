package controller_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"apex/internal/controller"
	"apex/internal/store"
)

type lamp struct {
	Key    string
	Spec   struct{ On, Deleted bool }
	Status lampStatus
}

type lampStatus struct{ Lit bool }

type wire struct{ Key, Lamp string }

var (
	lamps = store.NewTable("test.lamps", func(l *lamp) string { return l.Key })
	wires = store.NewTable("test.wires", func(w *wire) string { return w.Key })
)

// start runs a lamp controller until the test ends.
func start(t *testing.T, edit func(*controller.Spec[lamp, lampStatus])) *store.Store {
	t.Helper()
	s, err := store.Open(filepath.Join(t.TempDir(), "store"), lamps, wires)
	if err != nil {
		t.Fatal(err)
	}
	spec := controller.Spec[lamp, lampStatus]{
		Name: "lamp", Table: lamps, Workers: 4,
		Status: func(l *lamp) *lampStatus { return &l.Status },
		Reconcile: func(_ context.Context, snap store.Snapshot, key string) (lampStatus, error) {
			l, _ := lamps.Get(snap, key)
			return lampStatus{Lit: l.Spec.On}, nil
		},
	}
	edit(&spec)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		controller.Run(ctx, s, slog.New(slog.DiscardHandler), controller.New(spec))
		close(ended)
	}()
	t.Cleanup(func() { cancel(); <-ended; s.Close() })
	return s
}

func set(t *testing.T, s *store.Store, key string, on bool) {
	t.Helper()
	err := s.Update(t.Context(), func(tx *store.Tx) error {
		l, _ := lamps.Get(tx, key)
		l.Key, l.Spec.On = key, on
		lamps.Put(tx, l)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func await(t *testing.T, s *store.Store, what string, holds func(store.Snapshot) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if err := s.Wait(ctx, holds); err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

func lit(key string, want bool) func(store.Snapshot) bool {
	return func(snap store.Snapshot) bool {
		l, ok := lamps.Get(snap, key)
		return ok && l.Status.Lit == want
	}
}

func TestStatusFollowsSpec(t *testing.T) {
	s := start(t, func(*controller.Spec[lamp, lampStatus]) {})
	set(t, s, "hall", true)
	await(t, s, "the lamp is lit", lit("hall", true))
	set(t, s, "hall", false)
	await(t, s, "the lamp is out", lit("hall", false))
}

func TestFailureIsTriedAgain(t *testing.T) {
	var tries atomic.Int32
	s := start(t, func(spec *controller.Spec[lamp, lampStatus]) {
		works := spec.Reconcile
		spec.Reconcile = func(ctx context.Context, snap store.Snapshot, key string) (lampStatus, error) {
			switch tries.Add(1) {
			case 1:
				return lampStatus{}, errors.New("fault")
			case 2:
				panic("fault")
			case 3:
				return lampStatus{}, controller.Again(time.Millisecond)
			}
			return works(ctx, snap, key)
		}
	})
	set(t, s, "hall", true)
	await(t, s, "the lamp is lit", lit("hall", true))
	if got := tries.Load(); got < 4 {
		t.Errorf("%d tries, want at least 4", got)
	}
}

func TestRemoveDeletesTheRow(t *testing.T) {
	s := start(t, func(spec *controller.Spec[lamp, lampStatus]) {
		spec.Reconcile = func(_ context.Context, snap store.Snapshot, key string) (lampStatus, error) {
			if l, ok := lamps.Get(snap, key); ok && l.Spec.Deleted {
				return lampStatus{}, controller.Remove
			}
			return lampStatus{}, nil
		}
	})
	set(t, s, "hall", true)
	s.Update(t.Context(), func(tx *store.Tx) error {
		lamps.Modify(tx, "hall", func(l *lamp) { l.Spec.Deleted = true })
		return nil
	})
	await(t, s, "the row is gone", func(snap store.Snapshot) bool { _, ok := lamps.Get(snap, "hall"); return !ok })
}

func TestOtherTablesTrigger(t *testing.T) {
	s := start(t, func(spec *controller.Spec[lamp, lampStatus]) {
		spec.Reconcile = func(_ context.Context, snap store.Snapshot, key string) (lampStatus, error) {
			_, wired := wires.Get(snap, "w")
			return lampStatus{Lit: wired}, nil
		}
		spec.Watch = []controller.Trigger{controller.On(wires, func(snap store.Snapshot, key string) []string {
			w, _ := wires.Get(snap, key)
			return []string{w.Lamp}
		})}
	})
	set(t, s, "hall", true)
	s.Update(t.Context(), func(tx *store.Tx) error { wires.Put(tx, wire{Key: "w", Lamp: "hall"}); return nil })
	await(t, s, "the wired lamp is lit", lit("hall", true))
}

func TestStartComesFirstAndIsTriedAgain(t *testing.T) {
	var started atomic.Int32
	s := start(t, func(spec *controller.Spec[lamp, lampStatus]) {
		works := spec.Reconcile
		spec.Start = func(context.Context, store.Snapshot) error {
			if started.Add(1) == 1 {
				return errors.New("fault")
			}
			return nil
		}
		spec.Reconcile = func(ctx context.Context, snap store.Snapshot, key string) (lampStatus, error) {
			if started.Load() < 2 {
				t.Error("reconciled before Start succeeded")
			}
			return works(ctx, snap, key)
		}
	})
	set(t, s, "hall", true)
	await(t, s, "the lamp is lit", lit("hall", true))
}

func TestOneObjectIsNeverReconciledTwiceAtOnce(t *testing.T) {
	var mu sync.Mutex
	busy, overlaps := map[string]bool{}, 0
	s := start(t, func(spec *controller.Spec[lamp, lampStatus]) {
		works := spec.Reconcile
		spec.Reconcile = func(ctx context.Context, snap store.Snapshot, key string) (lampStatus, error) {
			mu.Lock()
			if busy[key] {
				overlaps++
			}
			busy[key] = true
			mu.Unlock()
			defer func() { mu.Lock(); busy[key] = false; mu.Unlock() }()
			return works(ctx, snap, key)
		}
	})
	for i := range 200 {
		set(t, s, "hall", i%2 == 0)
		set(t, s, "porch", i%3 == 0)
	}
	set(t, s, "hall", true)
	await(t, s, "the last word holds", lit("hall", true))
	mu.Lock()
	defer mu.Unlock()
	if overlaps > 0 {
		t.Errorf("%d overlaps", overlaps)
	}
}

func TestResyncLooksAgainThoughNothingChanged(t *testing.T) {
	var looks atomic.Int32
	s := start(t, func(spec *controller.Spec[lamp, lampStatus]) {
		spec.Every = time.Millisecond
		spec.Reconcile = func(context.Context, store.Snapshot, string) (lampStatus, error) {
			return lampStatus{Lit: looks.Add(1) > 3}, nil
		}
	})
	set(t, s, "hall", true)
	await(t, s, "it was looked at again", lit("hall", true))
}
