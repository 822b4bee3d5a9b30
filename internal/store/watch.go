package store

import (
	"context"
	"sync"
)

// A Changed names an object that a committed transaction wrote or deleted.
type Changed struct{ Table, Key string }

// A Watcher gathers the changes of some tables until they are asked for. An
// object that changes often in between is named once.
type Watcher struct {
	store  *Store
	tables map[string]bool // nil means all

	mu      sync.Mutex
	pending map[Changed]struct{}
	ready   chan struct{}
}

// Watch returns a Watcher of the given tables, or of all when none is given. The
// caller closes it.
func (s *Store) Watch(tables ...AnyTable) *Watcher {
	w := &Watcher{store: s, pending: map[Changed]struct{}{}, ready: make(chan struct{}, 1)}
	if len(tables) > 0 {
		w.tables = make(map[string]bool, len(tables))
		for _, t := range tables {
			w.tables[t.Name()] = true
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers[w] = struct{}{}
	return w
}

// Next waits for changes and returns them with a snapshot that has them all.
func (w *Watcher) Next(ctx context.Context) ([]Changed, Snapshot, error) {
	select {
	case <-ctx.Done():
		return nil, Snapshot{}, ctx.Err()
	case <-w.ready:
	}
	w.mu.Lock()
	changed := make([]Changed, 0, len(w.pending))
	for c := range w.pending {
		changed = append(changed, c)
	}
	clear(w.pending)
	w.mu.Unlock()
	return changed, w.store.Snapshot(), nil
}

// Close ends the watch.
func (w *Watcher) Close() {
	w.store.mu.Lock()
	defer w.store.mu.Unlock()
	delete(w.store.watchers, w)
}

func (w *Watcher) add(changes []change) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range changes {
		if w.tables == nil || w.tables[c.table] {
			w.pending[Changed{c.table, c.key}] = struct{}{}
		}
	}
	if len(w.pending) == 0 {
		return
	}
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

func (s *Store) notify(changes []change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.watchers {
		w.add(changes)
	}
}

// Wait returns when the condition holds in a committed state.
func (s *Store) Wait(ctx context.Context, holds func(Snapshot) bool) error {
	w := s.Watch()
	defer w.Close()
	for snap := s.Snapshot(); !holds(snap); {
		var err error
		if _, snap, err = w.Next(ctx); err != nil {
			return err
		}
	}
	return nil
}
