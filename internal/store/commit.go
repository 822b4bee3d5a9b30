package store

import (
	"encoding/binary"
	"fmt"

	"go.etcd.io/bbolt"
)

// A batch is the transactions that reach the disk together.
type batch struct {
	changes []change
	done    chan struct{} // closed when err is final
	err     error
}

func newBatch() *batch { return &batch{done: make(chan struct{})} }

func (b *batch) finish(err error) {
	b.err = err
	close(b.done)
}

// commitLoop is the only writer of the file.
func (s *Store) commitLoop() {
	defer close(s.done)
	for range s.wake {
		for s.commitPending() {
		}
		s.mu.Lock()
		closed := s.closed
		s.mu.Unlock()
		if closed {
			return
		}
	}
}

// commitPending writes what has gathered and reports whether there was any.
func (s *Store) commitPending() bool {
	s.mu.Lock()
	b, next := s.pending, s.head
	if len(b.changes) == 0 {
		s.mu.Unlock()
		return false
	}
	s.pending = newBatch()
	s.mu.Unlock()

	if err := write(s.db, b.changes, next.revision); err != nil {
		s.refuse(b, fmt.Errorf("commit: %w", err))
		return true
	}
	s.published.Store(next)
	s.notify(b.changes)
	b.finish(nil)
	return true
}

// refuse fails the batch and all transactions built upon it.
func (s *Store) refuse(b *batch, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.finish(err)
	if len(s.pending.changes) > 0 {
		s.pending.finish(err)
		s.pending = newBatch()
	}
	s.head = s.published.Load()
}

var (
	metaBucket  = []byte("_store")
	revisionKey = []byte("revision")
)

func write(db *bbolt.DB, changes []change, revision uint64) error {
	return db.Update(func(tx *bbolt.Tx) error {
		for _, c := range changes {
			bucket, err := tx.CreateBucketIfNotExists([]byte(c.table))
			if err != nil {
				return err
			}
			if c.text == nil {
				err = bucket.Delete([]byte(c.key))
			} else {
				err = bucket.Put([]byte(c.key), append(binary.BigEndian.AppendUint64(nil, c.revision), c.text...))
			}
			if err != nil {
				return fmt.Errorf("%s: %s: %w", c.table, c.key, err)
			}
		}
		meta, err := tx.CreateBucketIfNotExists(metaBucket)
		if err != nil {
			return err
		}
		return meta.Put(revisionKey, binary.BigEndian.AppendUint64(nil, revision))
	})
}
