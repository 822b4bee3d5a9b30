package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"apex/internal/store"
)

type animal struct {
	Key  string
	Legs int
	Tags map[string]string
}

var (
	animals = store.NewTable("zoo.animals", func(a *animal) string { return a.Key })
	plants  = store.NewTable("zoo.plants", func(a *animal) string { return a.Key })
)

func open(t *testing.T, path string) *store.Store {
	t.Helper()
	s, err := store.Open(path, animals, plants)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func fresh(t *testing.T) *store.Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "store"))
}

func put(t *testing.T, s *store.Store, list ...animal) {
	t.Helper()
	err := s.Update(context.Background(), func(tx *store.Tx) error {
		for _, a := range list {
			animals.Put(tx, a)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func keys(r store.Reader, prefix string) (out []string) {
	for k := range animals.Prefix(r, prefix) {
		out = append(out, k)
	}
	return out
}

func TestWritesAreReadBackAfterReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	s := open(t, path)
	put(t, s, animal{Key: "a/1", Legs: 4}, animal{Key: "a/2", Legs: 2}, animal{Key: "b/1", Legs: 8})
	put(t, s, animal{Key: "a/2", Legs: 3})
	want := s.Snapshot().Revision()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	again := open(t, path).Snapshot()
	if got := again.Revision(); got != want {
		t.Errorf("revision %d, want %d", got, want)
	}
	if diff := cmp.Diff([]string{"a/1", "a/2"}, keys(again, "a/")); diff != "" {
		t.Error(diff)
	}
	if a, ok := animals.Get(again, "a/2"); !ok || a.Legs != 3 {
		t.Errorf("a/2 = %+v, %v", a, ok)
	}
	if first, second := animals.Revision(again, "a/1"), animals.Revision(again, "a/2"); first >= second {
		t.Errorf("revisions %d and %d: the later write has not the higher one", first, second)
	}
}

func TestSnapshotNeverChanges(t *testing.T) {
	s := fresh(t)
	put(t, s, animal{Key: "x", Legs: 1, Tags: map[string]string{"k": "old"}})
	before := s.Snapshot()
	s.Update(context.Background(), func(tx *store.Tx) error {
		animals.Modify(tx, "x", func(a *animal) { a.Legs, a.Tags["k"] = 2, "new" })
		animals.Put(tx, animal{Key: "y"})
		return nil
	})
	if a, _ := animals.Get(before, "x"); a.Legs != 1 || a.Tags["k"] != "old" {
		t.Errorf("the older snapshot now reads %+v", a)
	}
	if _, ok := animals.Get(before, "y"); ok {
		t.Error("the older snapshot has a newer object")
	}
	if a, _ := animals.Get(s.Snapshot(), "x"); a.Legs != 2 || a.Tags["k"] != "new" {
		t.Errorf("the newer snapshot reads %+v", a)
	}
}

func TestTransactionSeesItsOwnWrites(t *testing.T) {
	s := fresh(t)
	err := s.Update(context.Background(), func(tx *store.Tx) error {
		animals.Put(tx, animal{Key: "x", Legs: 1})
		if _, ok := animals.Get(tx, "x"); !ok {
			t.Error("its own write is not seen")
		}
		if !animals.Delete(tx, "x") || animals.Delete(tx, "x") {
			t.Error("delete reports the wrong thing")
		}
		animals.Put(tx, animal{Key: "z"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"z"}, keys(s.Snapshot(), "")); diff != "" {
		t.Error(diff)
	}
}

func TestFailedTransactionChangesNothing(t *testing.T) {
	s := fresh(t)
	fault := errors.New("fault")
	for name, fn := range map[string]func(tx *store.Tx) error{
		"its own error": func(tx *store.Tx) error { animals.Put(tx, animal{Key: "x"}); return fault },
		"no key":        func(tx *store.Tx) error { animals.Put(tx, animal{Legs: 3}); return nil },
		"changed key": func(tx *store.Tx) error {
			animals.Put(tx, animal{Key: "x"})
			animals.Modify(tx, "x", func(a *animal) { a.Key = "y" })
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			if err := s.Update(context.Background(), fn); err == nil {
				t.Error("no error")
			}
			if got := keys(s.Snapshot(), ""); got != nil {
				t.Errorf("the store holds %v", got)
			}
		})
	}
}

func TestPanicInTransactionLeavesTheStoreUsable(t *testing.T) {
	s := fresh(t)
	func() {
		defer func() { recover() }()
		s.Update(context.Background(), func(*store.Tx) error { panic("fault") })
	}()
	put(t, s, animal{Key: "x"})
	if diff := cmp.Diff([]string{"x"}, keys(s.Snapshot(), "")); diff != "" {
		t.Error(diff)
	}
}

func TestClosedStoreRefuses(t *testing.T) {
	s := fresh(t)
	s.Close()
	err := s.Update(context.Background(), func(tx *store.Tx) error { animals.Put(tx, animal{Key: "x"}); return nil })
	if !errors.Is(err, store.ErrClosed) {
		t.Errorf("error %v, want ErrClosed", err)
	}
}

func TestSecondProcessIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	open(t, path)
	if s, err := store.Open(path, animals); err == nil {
		s.Close()
		t.Error("one file was opened twice")
	}
}
