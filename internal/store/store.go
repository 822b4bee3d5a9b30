package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
	"go.etcd.io/bbolt"
)

// ErrClosed says that the store was closed before the transaction was on disk.
var ErrClosed = errors.New("store is closed")

// lockTimeout bounds the wait for another process that holds the file.
const lockTimeout = 2 * time.Second

// A Store holds all state of a region. It is safe for concurrent use.
type Store struct {
	db        *bbolt.DB
	published atomic.Pointer[root]
	done      chan struct{} // closed when the committer has ended

	mu       sync.Mutex
	head     *root  // the outcome of the last transaction, on disk or not
	pending  *batch // gathers transactions for the next commit
	wake     chan struct{}
	closed   bool
	watchers map[*Watcher]struct{}
}

// Open opens or makes the store in the file at path with the given tables.
func Open(path string, tables ...AnyTable) (*Store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: lockTimeout, FreelistType: bbolt.FreelistMapType, NoFreelistSync: true,
	})
	if err != nil {
		return nil, fmt.Errorf("open store: %s: %w", path, err)
	}
	r, err := load(db, tables)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open store: %s: %w", path, err), db.Close())
	}
	s := &Store{
		db: db, head: r, pending: newBatch(),
		wake: make(chan struct{}, 1), done: make(chan struct{}),
		watchers: map[*Watcher]struct{}{},
	}
	s.published.Store(r)
	go s.commitLoop()
	return s, nil
}

// Close waits for the transactions under way to be on disk and closes the file.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.signal()
	s.mu.Unlock()
	<-s.done
	return s.db.Close()
}

// Snapshot returns the state of the last transaction that is on disk.
func (s *Store) Snapshot() Snapshot { return Snapshot{s.published.Load()} }

// Update runs fn in a transaction and returns when its outcome is on disk. When
// fn returns an error nothing changes and Update returns that error. When the
// context ends first Update returns its error, and the transaction may still be
// committed. fn runs exactly once, must not call Update, and does no I/O: all
// other writers wait for it.
func (s *Store) Update(ctx context.Context, fn func(tx *Tx) error) error {
	b, err := s.apply(fn)
	if b == nil {
		return err
	}
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// apply runs fn on the head and joins its changes to the pending batch. It
// returns no batch when fn failed or changed nothing.
func (s *Store) apply(fn func(tx *Tx) error) (*batch, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	tx := newTx(s.head)
	if err := fn(tx); err != nil {
		return nil, err
	}
	if tx.err != nil {
		return nil, tx.err
	}
	if len(tx.changes) == 0 {
		return nil, nil
	}
	s.head = s.head.with(tx.trees, tx.revision)
	s.pending.changes = append(s.pending.changes, tx.changes...)
	s.signal()
	return s.pending, nil
}

func (s *Store) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func emptyRoot(tables []AnyTable) *root {
	r := &root{trees: make(map[string]*iradix.Tree[entry], len(tables))}
	for _, t := range tables {
		r.trees[t.Name()] = iradix.New[entry]()
	}
	return r
}
