package store_test

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"apex/internal/store"
)

// TestStoreBehavesAsAMap holds random transactions, failures and reopenings
// against a plain map.
func TestStoreBehavesAsAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "store")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		path := filepath.Join(dir, "store")
		s, err := store.Open(path, animals)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { s.Close() }()
		want := map[string]animal{}
		key := rapid.SampledFrom([]string{"a", "ab", "abc", "b", "b/1", "b/2", "c"})
		t.Repeat(map[string]func(*rapid.T){
			"transaction": func(t *rapid.T) {
				next, fails := maps.Clone(want), rapid.Bool().Draw(t, "fails")
				err := s.Update(context.Background(), func(tx *store.Tx) error {
					for range rapid.IntRange(1, 5).Draw(t, "writes") {
						k := key.Draw(t, "key")
						if rapid.Bool().Draw(t, "delete") {
							animals.Delete(tx, k)
							delete(next, k)
							continue
						}
						a := animal{Key: k, Legs: rapid.Int().Draw(t, "legs")}
						animals.Put(tx, a)
						next[k] = a
					}
					if fails {
						return errors.New("fault")
					}
					return nil
				})
				if (err != nil) != fails {
					t.Fatalf("error %v, want one: %v", err, fails)
				}
				if !fails {
					want = next
				}
			},
			"reopen": func(t *rapid.T) {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if s, err = store.Open(path, animals); err != nil {
					t.Fatal(err)
				}
			},
			"": func(t *rapid.T) {
				got := maps.Collect(animals.All(s.Snapshot()))
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatal(diff)
				}
				var order []string
				for k := range animals.All(s.Snapshot()) {
					order = append(order, k)
				}
				if !slices.IsSorted(order) {
					t.Fatalf("keys come as %v", order)
				}
			},
		})
	})
}
