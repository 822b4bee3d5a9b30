package store

import (
	"encoding/binary"
	"fmt"

	iradix "github.com/hashicorp/go-immutable-radix/v2"
	"go.etcd.io/bbolt"
)

// load reads the tables from the file.
func load(db *bbolt.DB, tables []AnyTable) (*root, error) {
	r := emptyRoot(tables)
	err := db.View(func(tx *bbolt.Tx) error {
		if meta := tx.Bucket(metaBucket); meta != nil {
			if v := meta.Get(revisionKey); len(v) == 8 {
				r.revision = binary.BigEndian.Uint64(v)
			}
		}
		for _, t := range tables {
			tree, err := loadTable(tx.Bucket([]byte(t.Name())), t)
			if err != nil {
				return err
			}
			r.trees[t.Name()] = tree
		}
		return nil
	})
	return r, err
}

func loadTable(bucket *bbolt.Bucket, t AnyTable) (*iradix.Tree[entry], error) {
	txn := iradix.New[entry]().Txn()
	if bucket == nil {
		return txn.CommitOnly(), nil
	}
	err := bucket.ForEach(func(k, v []byte) error {
		if len(v) < 8 {
			return fmt.Errorf("%s: %s: value of %d bytes has no revision", t.Name(), k, len(v))
		}
		value, err := t.decode(v[8:])
		if err != nil {
			return fmt.Errorf("%s: %s: %w", t.Name(), k, err)
		}
		key := append([]byte(nil), k...) // bbolt's bytes end with the transaction
		txn.Insert(key, entry{value: value, revision: binary.BigEndian.Uint64(v)})
		return nil
	})
	return txn.CommitOnly(), err
}
