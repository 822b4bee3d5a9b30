package objects_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"apex/internal/dataplane/objects"
)

func open(t testing.TB, dir string) *objects.Store {
	t.Helper()
	s, err := objects.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func bucket(t testing.TB) *objects.Store {
	t.Helper()
	s := open(t, t.TempDir())
	if err := s.MakeBucket("b"); err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t testing.TB, s *objects.Store, key, text string) objects.Object {
	t.Helper()
	staged, err := s.Stage(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Commit("b", objects.Object{Key: key}, staged, nil)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func read(t testing.TB, s *objects.Store, key string, offset, length int64) string {
	t.Helper()
	_, r, err := s.OpenObject("b", key, offset, length)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func countFiles(t testing.TB, dir string) (n int) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && d.Name() != "index.db" {
			n++
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNamesAreNoPaths(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "objects"))
	if err := s.MakeBucket("b"); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"../../x", "/etc/passwd", "a//b", ".", "\x00", "é/\n"} {
		put(t, s, key, key)
		if got := read(t, s, key, 0, -1); got != key {
			t.Errorf("%q holds %q", key, got)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("outside the store's folder: %v, %v", entries, err)
	}
}

func TestReplacingAndDeletingLeaveNoFile(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.MakeBucket("b"); err != nil {
		t.Fatal(err)
	}
	put(t, s, "k", "one")
	o := put(t, s, "k", "two")
	sum := md5.Sum([]byte("two"))
	if o.Tag != hex.EncodeToString(sum[:]) || o.Size != 3 {
		t.Errorf("object %+v", o)
	}
	if n := countFiles(t, dir); n != 1 {
		t.Errorf("%d files hold one object", n)
	}
	if err := s.DropBucket("b"); !errors.Is(err, objects.ErrNotEmpty) {
		t.Errorf("drop of a bucket with an object: %v", err)
	}
	if err := s.Delete("b", "k", nil); err != nil {
		t.Fatal(err)
	}
	if err := s.DropBucket("b"); err != nil {
		t.Fatal(err)
	}
	if n := countFiles(t, dir); n != 0 {
		t.Errorf("%d files hold nothing", n)
	}
	if _, err := s.Stat("b", "k"); !errors.Is(err, objects.ErrNoBucket) {
		t.Errorf("stat in a dropped bucket: %v", err)
	}
}

// What a crash leaves: staged content, and content that the index never named.
func TestOpenRemovesWhatACrashLeft(t *testing.T) {
	dir := t.TempDir()
	s, err := objects.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.MakeBucket("b"); err != nil {
		t.Fatal(err)
	}
	put(t, s, "k", "kept")
	if _, err := s.Stage(strings.NewReader("half")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "content/3f/3f00"), []byte("orphan"), 0o600); err != nil {
		t.Fatal(err)
	}
	u, err := s.StartUpload("b", objects.Object{Key: "parts"})
	if err != nil {
		t.Fatal(err)
	}
	staged, err := s.Stage(strings.NewReader("part"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddPart(u, 1, staged, nil); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s = open(t, dir)
	if got := read(t, s, "k", 0, -1); got != "kept" {
		t.Errorf("the object holds %q", got)
	}
	if n := countFiles(t, dir); n != 2 {
		t.Errorf("%d files hold an object and a part", n)
	}
}

func TestReaderKeepsWhatItOpened(t *testing.T) {
	s := bucket(t)
	put(t, s, "k", "old")
	_, r, err := s.OpenObject("b", "k", 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	put(t, s, "k", "new")
	if text, err := io.ReadAll(r); err != nil || string(text) != "old" {
		t.Errorf("read %q, %v", text, err)
	}
}

// Readers see one whole content while writers replace it.
func TestReadersAndWritersTogether(t *testing.T) {
	s := bucket(t)
	put(t, s, "k", strings.Repeat("0", 1000))
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for range 15 {
				put(t, s, "k", strings.Repeat(fmt.Sprint(w), 1000))
			}
		})
		wg.Go(func() {
			for range 50 {
				text := read(t, s, "k", 0, -1)
				if len(text) != 1000 || strings.Trim(text, text[:1]) != "" {
					t.Errorf("a mixed content of %d bytes", len(text))
				}
			}
		})
	}
	wg.Wait()
}

func TestConditionHoldsTheObject(t *testing.T) {
	s := bucket(t)
	refuse := errors.New("there is one")
	absent := func(old *objects.Object) error {
		if old != nil {
			return refuse
		}
		return nil
	}
	for i, want := range []error{nil, refuse} {
		staged, err := s.Stage(strings.NewReader(fmt.Sprint(i)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Commit("b", objects.Object{Key: "k"}, staged, absent); !errors.Is(err, want) {
			t.Errorf("put %d: %v, want %v", i, err, want)
		}
	}
	if got := read(t, s, "k", 0, -1); got != "0" {
		t.Errorf("holds %q", got)
	}
}

func TestUploadInParts(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	if err := s.MakeBucket("b"); err != nil {
		t.Fatal(err)
	}
	u, err := s.StartUpload("b", objects.Object{Key: "k"})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []struct {
		number int
		text   string
	}{{2, "world"}, {1, "wrong"}, {1, "hello "}, {9, "unused"}} {
		staged, err := s.Stage(strings.NewReader(p.text))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddPart(u, p.number, staged, nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := s.Upload("b", "other", u.ID); !errors.Is(err, objects.ErrNoUpload) {
		t.Errorf("upload under another key: %v", err)
	}
	_, parts, err := s.Upload("b", "k", u.ID)
	if err != nil {
		t.Fatal(err)
	}
	o := u.Object
	o.Parts = []objects.Part{parts[1], parts[2]}
	if err := s.FinishUpload(u, o, nil); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		offset, length int64
		want           string
	}{{0, -1, "hello world"}, {4, 4, "o wo"}, {6, 5, "world"}, {0, 6, "hello "}, {10, 99, "d"}, {11, -1, ""}} {
		if got := read(t, s, "k", tt.offset, tt.length); got != tt.want {
			t.Errorf("%d bytes from %d are %q, want %q", tt.length, tt.offset, got, tt.want)
		}
	}
	if n := countFiles(t, dir); n != 2 {
		t.Errorf("%d files hold two parts", n)
	}
	if err := s.AbortUpload(u.ID); !errors.Is(err, objects.ErrNoUpload) {
		t.Errorf("abort of a finished upload: %v", err)
	}
}

// A list in pages of any size is the list that a plain walk over the sorted
// names makes.
func TestListIsWhatTheNamesSay(t *testing.T) {
	s := bucket(t)
	text := rapid.StringMatching(`[ab/é]{1,5}`)
	have := map[string]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		for _, key := range rapid.SliceOfN(text, 0, 3).Draw(rt, "new") {
			put(t, s, key, "x")
			have[key] = true
		}
		q := objects.Query{
			Prefix:    rapid.SampledFrom([]string{"", "a", "a/", "é"}).Draw(rt, "prefix"),
			Delimiter: rapid.SampledFrom([]string{"", "/", "b/"}).Draw(rt, "delimiter"),
			Limit:     rapid.IntRange(1, 7).Draw(rt, "limit"),
		}
		var got []string
		for {
			page, err := s.List("b", q)
			if err != nil {
				rt.Fatal(err)
			}
			for _, o := range page.Objects {
				got = append(got, o.Key)
			}
			got = append(got, page.Prefixes...)
			if !page.More {
				break
			}
			q.After = page.Last
		}
		slices.Sort(got)
		if diff := cmp.Diff(plainList(have, q), got); diff != "" {
			rt.Errorf("%+v (-want +got):\n%s", q, diff)
		}
	})
}

func plainList(have map[string]bool, q objects.Query) []string {
	var want []string
	for key := range have {
		rest, ok := strings.CutPrefix(key, q.Prefix)
		if !ok {
			continue
		}
		if at := strings.Index(rest, q.Delimiter); q.Delimiter != "" && at >= 0 {
			key = q.Prefix + rest[:at+len(q.Delimiter)]
		}
		want = append(want, key)
	}
	slices.Sort(want)
	return slices.Compact(want)
}

func TestStageFeedsTheHashes(t *testing.T) {
	s := bucket(t)
	var seen bytes.Buffer
	staged, err := s.Stage(io.LimitReader(strings.NewReader("content"), 4), &seen)
	if err != nil || staged.Size != 4 || seen.String() != "cont" {
		t.Errorf("staged %+v, hashed %q, %v", staged, &seen, err)
	}
	staged.Discard()
}
