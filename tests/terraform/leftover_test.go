package terraform

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"go.etcd.io/bbolt"

	"apex/internal/region"
	"apex/internal/regiontest"
)

// keptTables hold what outlives a stack on AWS too, or was there before it.
var keptTables = []string{"_store", "iam.access_keys", "ec2.tokens", "ec2.nat-gateways", "route53.changes", "servicediscovery.operations"}

// nothingLeft stops the region and holds that its store has no row of a resource.
func nothingLeft(t testing.TB, r *regiontest.Region) {
	t.Helper()
	if t.Failed() {
		return // what failed left things
	}
	if err := region.Stop(context.Background(), r.Home); err != nil {
		t.Fatal(err)
	}
	db, err := bbolt.Open(filepath.Join(r.Home.Dir, "store", "region.db"), 0o600, &bbolt.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(table []byte, rows *bbolt.Bucket) error {
			if slices.Contains(keptTables, string(table)) {
				return nil
			}
			return rows.ForEach(func(key, _ []byte) error {
				t.Errorf("left in the region: %s %s", table, key)
				return nil
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}
