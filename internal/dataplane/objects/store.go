package objects

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
)

// openTimeout is how long Open waits for another process to let the index go.
const openTimeout = 10 * time.Second

// A Store keeps the objects of a folder. Any number of goroutines may use one.
type Store struct {
	dir string
	db  *bbolt.DB
}

// The index's top buckets. Below the first lies one for each bucket, with the
// objects by name; below the second one for each upload; below the third, by bucket
// and name, the history of each object (see history.go).
var (
	bucketsRoot = []byte("buckets")
	uploadsRoot = []byte("uploads")
	historyRoot = []byte("history")
)

// Open opens the objects in dir, makes the folder if there is none, and removes
// what a crash left half done.
func Open(dir string) (*Store, error) {
	if err := makeFolders(dir); err != nil {
		return nil, fmt.Errorf("open objects: %w", err)
	}
	db, err := bbolt.Open(filepath.Join(dir, "index.db"), 0o600, &bbolt.Options{Timeout: openTimeout})
	if err != nil {
		return nil, fmt.Errorf("open index of objects: %w", err)
	}
	s := &Store{dir: dir, db: db}
	if err := errors.Join(db.Update(makeRoots), s.sweep()); err != nil {
		return nil, errors.Join(fmt.Errorf("open objects: %w", err), db.Close())
	}
	return s, nil
}

// makeFolders makes all folders, so that later only files appear.
func makeFolders(dir string) error {
	for i := range 256 {
		if err := os.MkdirAll(filepath.Join(dir, "content", fmt.Sprintf("%02x", i)), 0o700); err != nil {
			return err
		}
	}
	return errors.Join(os.MkdirAll(filepath.Join(dir, "staged"), 0o700), syncDir(filepath.Join(dir, "content")))
}

func makeRoots(tx *bbolt.Tx) error {
	for _, name := range [][]byte{bucketsRoot, uploadsRoot, historyRoot} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	return nil
}

// Close lets the index go.
func (s *Store) Close() error { return s.db.Close() }

func (s *Store) path(file string) string {
	return filepath.Join(s.dir, "content", file[:2], file)
}

// remove deletes files that nothing names any more. One that stays is removed
// by the next Open.
func (s *Store) remove(files []string) {
	for _, file := range files {
		_ = os.Remove(s.path(file))
	}
}

// sweep removes staged content, and content that the index does not name.
func (s *Store) sweep() error {
	if err := os.RemoveAll(filepath.Join(s.dir, "staged")); err != nil {
		return err
	}
	if err := os.Mkdir(filepath.Join(s.dir, "staged"), 0o700); err != nil {
		return err
	}
	named, err := s.named()
	if err != nil {
		return err
	}
	return filepath.WalkDir(filepath.Join(s.dir, "content"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || named[d.Name()] {
			return err
		}
		return os.Remove(path)
	})
}

// named are the files that the index names.
func (s *Store) named() (map[string]bool, error) {
	all := map[string]bool{}
	err := s.db.View(func(tx *bbolt.Tx) error {
		buckets := tx.Bucket(bucketsRoot)
		err := buckets.ForEachBucket(func(name []byte) error {
			return buckets.Bucket(name).ForEach(func(_, text []byte) error {
				o, err := decode[Object](text)
				for _, file := range o.files() {
					all[file] = true
				}
				return err
			})
		})
		err = errors.Join(err, eachPast(tx, func(o Object) {
			for _, file := range o.files() {
				all[file] = true
			}
		}))
		return errors.Join(err, eachPart(tx, func(p Part) { all[p.File] = true }))
	})
	return all, err
}
