package store

import (
	iradix "github.com/hashicorp/go-immutable-radix/v2"
)

// A Tx is a transaction under way: a Reader that sees its own writes. It is valid
// only inside the function that Update calls.
type Tx struct {
	base     *root
	trees    map[string]*iradix.Txn[entry]
	revision uint64
	changes  []change
	err      error
}

// change is one write on its way to the disk; text nil means deleted.
type change struct {
	table, key string
	text       []byte
	revision   uint64
}

func newTx(base *root) *Tx {
	return &Tx{base: base, trees: map[string]*iradix.Txn[entry]{}, revision: base.revision + 1}
}

func (tx *Tx) tree(table string) *iradix.Tree[entry] {
	txn, ok := tx.trees[table]
	if !ok {
		return tx.base.tree(table)
	}
	// CommitOnly hands out the tree so far and leaves the Txn usable.
	return txn.CommitOnly()
}

func (tx *Tx) writable(table string) *iradix.Txn[entry] {
	txn, ok := tx.trees[table]
	if !ok {
		txn = tx.base.tree(table).Txn()
		tx.trees[table] = txn
	}
	return txn
}

func (tx *Tx) put(table, key string, value any, text []byte) {
	tx.writable(table).Insert([]byte(key), entry{value: value, revision: tx.revision})
	tx.changes = append(tx.changes, change{table: table, key: key, text: text, revision: tx.revision})
}

func (tx *Tx) delete(table, key string) {
	tx.writable(table).Delete([]byte(key))
	tx.changes = append(tx.changes, change{table: table, key: key, revision: tx.revision})
}

// fail makes the transaction answer err; the first failure is kept.
func (tx *Tx) fail(err error) {
	if tx.err == nil {
		tx.err = err
	}
}
