package store

import (
	"maps"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// A Reader is a state of the store to read from: a Snapshot, or a Tx that also
// sees its own writes.
type Reader interface {
	tree(table string) *iradix.Tree[entry]
}

type entry struct {
	value    any
	revision uint64
}

// root is one immutable state of all tables.
type root struct {
	trees    map[string]*iradix.Tree[entry]
	revision uint64
}

func (r *root) tree(table string) *iradix.Tree[entry] {
	if t, ok := r.trees[table]; ok {
		return t
	}
	panic("store: table " + table + " was not given to Open")
}

func (r *root) with(trees map[string]*iradix.Txn[entry], revision uint64) *root {
	next := &root{trees: maps.Clone(r.trees), revision: revision}
	for name, txn := range trees {
		next.trees[name] = txn.CommitOnly()
	}
	return next
}

// A Snapshot is the store's state at one moment. It never changes.
type Snapshot struct{ *root }

// Revision returns the number of the last transaction in the snapshot.
func (s Snapshot) Revision() uint64 { return s.root.revision }
