package store

import (
	"encoding/json"
	"fmt"
	"iter"
	"strings"
)

// AnyTable is a Table whatever its type.
type AnyTable interface {
	Name() string
	decode([]byte) (any, error)
}

// A Table describes one kind of object: its name on disk and how to key it. It
// holds no data; reads and writes name the Snapshot or Tx they work on.
type Table[T any] struct {
	name string
	key  func(*T) string
}

// NewTable describes a table. T must survive encoding/json; key must be constant
// for the life of an object. Names are "service.plural": "ec2.vpcs".
func NewTable[T any](name string, key func(*T) string) *Table[T] {
	return &Table[T]{name: name, key: key}
}

// Name returns the table's name on disk.
func (t *Table[T]) Name() string { return t.name }

// Get returns the object under key.
func (t *Table[T]) Get(r Reader, key string) (T, bool) {
	e, ok := r.tree(t.name).Get([]byte(key))
	if !ok {
		var zero T
		return zero, false
	}
	return e.value.(T), true
}

// Revision returns the store's revision at which the object last changed, or 0
// when there is none under key.
func (t *Table[T]) Revision(r Reader, key string) uint64 {
	e, _ := r.tree(t.name).Get([]byte(key))
	return e.revision
}

// Len returns how many objects the table holds.
func (t *Table[T]) Len(r Reader) int { return r.tree(t.name).Len() }

// All yields every object in the order of the keys.
func (t *Table[T]) All(r Reader) iter.Seq2[string, T] { return t.Prefix(r, "") }

// Prefix yields the objects whose keys begin with prefix, in the order of the keys.
func (t *Table[T]) Prefix(r Reader, prefix string) iter.Seq2[string, T] {
	return func(yield func(string, T) bool) {
		it := r.tree(t.name).Root().Iterator()
		it.SeekPrefix([]byte(prefix))
		for k, e, ok := it.Next(); ok; k, e, ok = it.Next() {
			if !yield(string(k), e.value.(T)) {
				return
			}
		}
	}
}

// After yields the objects whose keys begin with prefix and are greater than
// after, in the order of the keys. It costs what it yields, however many objects
// come before.
func (t *Table[T]) After(r Reader, prefix, after string) iter.Seq2[string, T] {
	if after < prefix {
		return t.Prefix(r, prefix)
	}
	return func(yield func(string, T) bool) {
		it := r.tree(t.name).Root().Iterator()
		it.SeekLowerBound([]byte(after))
		for k, e, ok := it.Next(); ok && strings.HasPrefix(string(k), prefix); k, e, ok = it.Next() {
			if string(k) != after && !yield(string(k), e.value.(T)) {
				return
			}
		}
	}
}

// Put inserts the object or replaces the one under its key.
func (t *Table[T]) Put(tx *Tx, v T) {
	key := t.key(&v)
	if key == "" {
		tx.fail(fmt.Errorf("put into %s: an object without a key", t.name))
		return
	}
	text, err := json.Marshal(v)
	if err != nil {
		tx.fail(fmt.Errorf("put into %s: %s: %w", t.name, key, err))
		return
	}
	tx.put(t.name, key, v, text)
}

// Modify gives fn a deep copy of the object under key and puts back what fn
// leaves. It reports whether there is such an object. fn must not change the key.
func (t *Table[T]) Modify(tx *Tx, key string, fn func(*T)) bool {
	old, ok := t.Get(tx, key)
	if !ok {
		return false
	}
	text, err := json.Marshal(old)
	if err != nil {
		tx.fail(fmt.Errorf("modify in %s: %s: %w", t.name, key, err))
		return true
	}
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		tx.fail(fmt.Errorf("modify in %s: %s: %w", t.name, key, err))
		return true
	}
	fn(&v)
	if got := t.key(&v); got != key {
		tx.fail(fmt.Errorf("modify in %s: %s: its key became %q", t.name, key, got))
		return true
	}
	t.Put(tx, v)
	return true
}

// Delete removes the object under key and reports whether there was one.
func (t *Table[T]) Delete(tx *Tx, key string) bool {
	if _, ok := t.Get(tx, key); !ok {
		return false
	}
	tx.delete(t.name, key)
	return true
}

func (t *Table[T]) decode(text []byte) (any, error) {
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, err
	}
	return v, nil
}
