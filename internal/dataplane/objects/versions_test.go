package objects_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"apex/internal/dataplane/objects"
)

func putVersion(t testing.TB, s *objects.Store, bucket, key, version, text string) {
	t.Helper()
	staged, err := s.Stage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(bucket, objects.Object{Key: key, Version: version}, staged, nil); err != nil {
		t.Fatal(err)
	}
}

// versions lists all as "key version", "key version latest" and "key version marker",
// a page of a few at a time.
func versions(t testing.TB, s *objects.Store, bucket string, limit int) (list []string) {
	t.Helper()
	q := objects.Query{Limit: limit}
	var after *string
	for {
		page, err := s.ListVersions(bucket, q, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Versions {
			text := v.Key + " " + v.Version
			if v.Latest {
				text += " latest"
			}
			if v.Marker {
				text += " marker"
			}
			list = append(list, text)
		}
		if !page.More {
			return list
		}
		q.After, after = page.Last, page.LastVersion
	}
}

func TestVersionsStayUntilTheyAreDeleted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.MakeBucket("b"); err != nil {
		t.Fatal(err)
	}
	putVersion(t, s, "b", "k", "", "zero")
	putVersion(t, s, "b", "k", "1", "one")
	putVersion(t, s, "b", "k", "2", "two")
	if err := s.Mark("b", objects.Object{Key: "k", Version: "3"}, nil); err != nil {
		t.Fatal(err)
	}
	for _, limit := range []int{1, 2, 10} {
		want := []string{"k 3 latest marker", "k 2", "k 1", "k "}
		if got := versions(t, s, "b", limit); !slices.Equal(got, want) {
			t.Errorf("%d a page: %q, want %q", limit, got, want)
		}
	}
	if _, err := s.Stat("b", "k"); !errors.Is(err, objects.ErrNoObject) {
		t.Errorf("the deleted object: %v", err)
	}
	if page, err := s.List("b", objects.Query{Limit: 9}); err != nil || len(page.Objects) != 0 {
		t.Errorf("a deleted object is listed: %+v, %v", page, err)
	}
	for version, want := range map[string]string{"": "zero", "1": "one", "2": "two"} {
		_, r, err := s.OpenVersion("b", "k", &version, 0, -1)
		if err != nil {
			t.Fatal(err)
		}
		text := make([]byte, 9)
		n, _ := r.Read(text)
		r.Close()
		if string(text[:n]) != want {
			t.Errorf("version %q holds %q", version, text[:n])
		}
	}
	s.Close()
	s = open(t, dir) // what a start removes is only what nothing names
	if n := countFiles(t, dir); n != 3 {
		t.Errorf("%d files hold three versions", n)
	}
	if err := s.DropBucket("b"); !errors.Is(err, objects.ErrNotEmpty) {
		t.Errorf("drop of a bucket with a history: %v", err)
	}
	// Without its marker the object is back; without its newest version the one before.
	for _, step := range []struct{ remove, back string }{{"3", "two"}, {"1", "two"}, {"2", "zero"}} {
		if _, err := s.DeleteVersion("b", "k", step.remove, nil); err != nil {
			t.Fatal(err)
		}
		if got := read(t, s, "k", 0, -1); got != step.back {
			t.Errorf("without version %s: %q, want %q", step.remove, got, step.back)
		}
	}
	if _, err := s.DeleteVersion("b", "k", "", nil); err != nil {
		t.Fatal(err)
	}
	if n := countFiles(t, dir); n != 0 {
		t.Errorf("%d files hold nothing", n)
	}
	if err := s.DropBucket("b"); err != nil {
		t.Errorf("drop of the empty bucket: %v", err)
	}
}

// Any sequence of puts and deletes leaves what a plain list of versions says.
func TestHistoryAgainstAModel(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	files, buckets := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		buckets++
		bucket := fmt.Sprint(buckets)
		if err := s.MakeBucket(bucket); err != nil {
			rt.Fatal(err)
		}
		model := map[string][]string{} // newest first; markers end in "m"
		drop := func(key, version string) {
			model[key] = slices.DeleteFunc(model[key], func(v string) bool { return strings.TrimSuffix(v, "m") == version })
		}
		for i := range rapid.IntRange(1, 12).Draw(rt, "steps") {
			key := rapid.SampledFrom([]string{"a", "a/b", "b"}).Draw(rt, "key")
			version := rapid.SampledFrom([]string{"", fmt.Sprint(i)}).Draw(rt, "version")
			switch rapid.SampledFrom([]string{"put", "mark", "delete"}).Draw(rt, "what") {
			case "put":
				putVersion(t, s, bucket, key, version, "x")
				drop(key, version)
				model[key] = slices.Insert(model[key], 0, version)
			case "mark":
				if err := s.Mark(bucket, objects.Object{Key: key, Version: version}, nil); err != nil {
					rt.Fatal(err)
				}
				drop(key, version)
				model[key] = slices.Insert(model[key], 0, version+"m")
			case "delete":
				if len(model[key]) == 0 {
					continue
				}
				version = strings.TrimSuffix(rapid.SampledFrom(model[key]).Draw(rt, "of"), "m")
				if _, err := s.DeleteVersion(bucket, key, version, nil); err != nil {
					rt.Fatal(err)
				}
				drop(key, version)
			}
		}
		var want []string
		for _, key := range []string{"a", "a/b", "b"} {
			for i, v := range model[key] {
				bare, marker := strings.CutSuffix(v, "m")
				text := key + " " + bare
				if i == 0 {
					text += " latest"
				}
				if marker {
					text += " marker"
				} else {
					files++
				}
				want = append(want, text)
			}
		}
		if got := versions(t, s, bucket, rapid.IntRange(1, 5).Draw(rt, "limit")); !slices.Equal(got, want) {
			rt.Errorf("got  %q\nwant %q", got, want)
		}
	})
	if n := countFiles(t, dir); n != files {
		t.Errorf("%d files hold %d versions", n, files)
	}
}
