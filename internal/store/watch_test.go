package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"apex/internal/store"
)

func TestWatcherNamesWhatChanged(t *testing.T) {
	s := fresh(t)
	w := s.Watch(animals)
	defer w.Close()
	put(t, s, animal{Key: "x", Legs: 1})
	put(t, s, animal{Key: "x", Legs: 2})
	s.Update(context.Background(), func(tx *store.Tx) error { plants.Put(tx, animal{Key: "fern"}); return nil })

	changed, snap, err := w.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]store.Changed{{Table: "zoo.animals", Key: "x"}}, changed); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
	if a, _ := animals.Get(snap, "x"); a.Legs != 2 {
		t.Errorf("the snapshot lacks the change: %+v", a)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := w.Next(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want context.Canceled", err)
	}
}

func TestWatcherMissesNothing(t *testing.T) {
	s := fresh(t)
	w := s.Watch()
	defer w.Close()
	const n = 200
	go func() {
		for i := range n {
			s.Update(context.Background(), func(tx *store.Tx) error {
				animals.Put(tx, animal{Key: fmt.Sprint(i)})
				return nil
			})
		}
	}()
	seen := map[string]bool{}
	for len(seen) < n {
		changed, snap, err := w.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range changed {
			if _, ok := animals.Get(snap, c.Key); !ok {
				t.Fatalf("%s is named but not in the snapshot", c.Key)
			}
			seen[c.Key] = true
		}
	}
}

func TestWaitReturnsWhenTheConditionHolds(t *testing.T) {
	s := fresh(t)
	go s.Update(context.Background(), func(tx *store.Tx) error { animals.Put(tx, animal{Key: "x"}); return nil })
	err := s.Wait(t.Context(), func(snap store.Snapshot) bool { _, ok := animals.Get(snap, "x"); return ok })
	if err != nil {
		t.Fatal(err)
	}
}
