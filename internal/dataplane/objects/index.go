package objects

import (
	"encoding/json"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"
)

// A Condition looks at the object that is there, nil for none, and answers an
// error if it is not to be replaced or deleted.
type Condition func(old *Object) error

// MakeBucket makes a bucket. One that is there stays as it is.
func (s *Store) MakeBucket(bucket string) error {
	return s.db.Batch(func(tx *bbolt.Tx) error {
		_, err := tx.Bucket(bucketsRoot).CreateBucketIfNotExists([]byte(bucket))
		return err
	})
}

// DropBucket removes a bucket with its unfinished uploads, or answers ErrNotEmpty.
// One that is gone is no error.
func (s *Store) DropBucket(bucket string) error {
	var files []string
	err := s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketsRoot).Bucket([]byte(bucket))
		if b == nil {
			return nil
		}
		if k, _ := b.Cursor().First(); k != nil {
			return ErrNotEmpty
		}
		if k := firstPast(tx, bucket); k != nil {
			return ErrNotEmpty
		}
		var err error
		if files, err = dropUploads(tx, bucket); err != nil {
			return err
		}
		return tx.Bucket(bucketsRoot).DeleteBucket([]byte(bucket))
	})
	if err == nil {
		s.remove(files)
	}
	return err
}

// Commit makes staged content an object and returns it. When it returns without
// an error the object survives any crash. The condition may be nil.
func (s *Store) Commit(bucket string, o Object, staged *Staged, when Condition) (Object, error) {
	part, err := s.settle(staged)
	if err != nil {
		return o, err
	}
	o.Size, o.Parts = part.Size, []Part{part}
	if o.Tag == "" {
		o.Tag = part.Tag
	}
	if err := s.put(bucket, o, when); err != nil {
		s.remove(o.files())
		return o, err
	}
	return o, nil
}

// put writes an object into the index and removes the content it replaces.
func (s *Store) put(bucket string, o Object, when Condition) error {
	var gone []string
	err := s.db.Batch(func(tx *bbolt.Tx) (err error) {
		gone, err = replace(tx, bucket, o, when)
		return err
	})
	if err == nil {
		s.remove(gone)
	}
	return err
}

// replace puts an object in a transaction, or a marker in place of the one that is
// there, and returns the files of what it replaces. Of another version the old
// object goes into the history.
func replace(tx *bbolt.Tx, bucket string, o Object, when Condition) (gone []string, err error) {
	b := tx.Bucket(bucketsRoot).Bucket([]byte(bucket))
	if b == nil {
		return nil, ErrNoBucket
	}
	old, err := lookup(b, o.Key)
	if err != nil {
		return nil, err
	}
	if when != nil {
		if err := when(old); err != nil {
			return nil, err
		}
	}
	gone, err = forget(tx, bucket, o.Key, o.Version)
	switch {
	case err != nil:
		return nil, err
	case old != nil && old.Version == o.Version:
		gone = append(gone, old.files()...)
	case old != nil:
		old.Replaced = o.Modified
		if err := remember(tx, bucket, *old); err != nil {
			return nil, err
		}
	}
	if o.Marker {
		return gone, errors.Join(b.Delete([]byte(o.Key)), remember(tx, bucket, o))
	}
	text, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	return gone, b.Put([]byte(o.Key), text)
}

// Delete removes an object. One that is gone is no error. The condition may be
// nil.
func (s *Store) Delete(bucket, key string, when Condition) error {
	var old *Object
	err := s.db.Batch(func(tx *bbolt.Tx) (err error) {
		b := tx.Bucket(bucketsRoot).Bucket([]byte(bucket))
		if b == nil {
			return ErrNoBucket
		}
		if old, err = lookup(b, key); err != nil {
			return err
		}
		if when != nil {
			if err := when(old); err != nil {
				return err
			}
		}
		return b.Delete([]byte(key))
	})
	if err == nil && old != nil {
		s.remove(old.files())
	}
	return err
}

// Stat returns an object without its content.
func (s *Store) Stat(bucket, key string) (Object, error) { return s.StatVersion(bucket, key, nil) }

func lookup(b *bbolt.Bucket, key string) (*Object, error) {
	if key == "" {
		return nil, nil
	}
	text := b.Get([]byte(key))
	if text == nil {
		return nil, nil
	}
	o, err := decode[Object](text)
	return &o, err
}

func decode[T any](text []byte) (T, error) {
	var v T
	if err := json.Unmarshal(text, &v); err != nil {
		return v, fmt.Errorf("read index of objects: %w", err)
	}
	return v, nil
}
