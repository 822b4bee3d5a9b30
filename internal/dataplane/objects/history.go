package objects

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"

	"go.etcd.io/bbolt"
)

// The history of a name is an index bucket of its own: what had the name before,
// and the markers of deletions, by a number that falls, so that the first is the
// newest. A name that has no object any more begins with a marker.

func pastOf(tx *bbolt.Tx, bucket, key string) *bbolt.Bucket {
	b := tx.Bucket(historyRoot).Bucket([]byte(bucket))
	if b == nil || key == "" {
		return nil
	}
	return b.Bucket([]byte(key))
}

// remember makes an object or a marker the newest of its name's history.
func remember(tx *bbolt.Tx, bucket string, o Object) error {
	b, err := tx.Bucket(historyRoot).CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return err
	}
	past, err := b.CreateBucketIfNotExists([]byte(o.Key))
	if err != nil {
		return err
	}
	number, err := b.NextSequence()
	if err != nil {
		return err
	}
	text, err := json.Marshal(o)
	if err != nil {
		return err
	}
	return past.Put(binary.BigEndian.AppendUint64(nil, math.MaxUint64-number), text)
}

// forget removes a version from a name's history and returns its files.
func forget(tx *bbolt.Tx, bucket, key, version string) (gone []string, err error) {
	past := pastOf(tx, bucket, key)
	if past == nil {
		return nil, nil
	}
	c := past.Cursor()
	for k, text := c.First(); k != nil; k, text = c.Next() {
		o, err := decode[Object](text)
		if err != nil {
			return nil, err
		}
		if o.Version != version {
			continue
		}
		if err := past.Delete(k); err != nil {
			return nil, err
		}
		return o.files(), tidy(tx, bucket, key)
	}
	return nil, nil
}

// tidy removes a name's history if nothing is in it.
func tidy(tx *bbolt.Tx, bucket, key string) error {
	if k, _ := pastOf(tx, bucket, key).Cursor().First(); k != nil {
		return nil
	}
	return tx.Bucket(historyRoot).Bucket([]byte(bucket)).DeleteBucket([]byte(key))
}

// firstPast returns the first name of a bucket that has a history.
func firstPast(tx *bbolt.Tx, bucket string) []byte {
	b := tx.Bucket(historyRoot).Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	k, _ := b.Cursor().First()
	return k
}

// eachPast visits the histories of all names.
func eachPast(tx *bbolt.Tx, visit func(Object)) error {
	root := tx.Bucket(historyRoot)
	return root.ForEachBucket(func(bucket []byte) error {
		b := root.Bucket(bucket)
		return b.ForEachBucket(func(key []byte) error {
			list, err := history(b.Bucket(key))
			for _, o := range list {
				visit(o)
			}
			return err
		})
	})
}

// history reads the history of a name, newest first.
func history(past *bbolt.Bucket) (list []Object, err error) {
	if past == nil {
		return nil, nil
	}
	err = past.ForEach(func(_, text []byte) error {
		o, err := decode[Object](text)
		list = append(list, o)
		return err
	})
	return list, err
}

// StatVersion returns a version of an object; nil is the object that is there. Of
// a name whose object was deleted it returns the marker and ErrNoObject, of a
// version that is a marker the marker and ErrMarker.
func (s *Store) StatVersion(bucket, key string, version *string) (o Object, err error) {
	err = s.db.View(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketsRoot).Bucket([]byte(bucket))
		if b == nil {
			return ErrNoBucket
		}
		o, err = stat(tx, b, bucket, key, version)
		return err
	})
	return o, err
}

func stat(tx *bbolt.Tx, b *bbolt.Bucket, bucket, key string, version *string) (Object, error) {
	now, err := lookup(b, key)
	if err != nil {
		return Object{}, err
	}
	if now != nil && (version == nil || now.Version == *version) {
		return *now, nil
	}
	past, err := history(pastOf(tx, bucket, key))
	if err != nil {
		return Object{}, err
	}
	if version == nil {
		if len(past) > 0 {
			return past[0], ErrNoObject
		}
		return Object{}, ErrNoObject
	}
	for _, o := range past {
		switch {
		case o.Version != *version:
		case o.Marker:
			return o, ErrMarker
		default:
			return o, nil
		}
	}
	return Object{}, ErrNoVersion
}

// Mark deletes an object so that it stays in the history, or, if it is of the
// marker's version, so that the marker takes its place there.
func (s *Store) Mark(bucket string, marker Object, when Condition) error {
	marker.Marker = true
	return s.put(bucket, marker, when)
}

// DeleteVersion removes a version, or a marker, and returns it. What was there
// before becomes the object again. One that is gone is no error.
func (s *Store) DeleteVersion(bucket, key, version string, when Condition) (Object, error) {
	var was Object
	var gone []string
	err := s.db.Batch(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketsRoot).Bucket([]byte(bucket))
		if b == nil {
			return ErrNoBucket
		}
		found, err := stat(tx, b, bucket, key, &version)
		if was = found; errors.Is(err, ErrNoVersion) {
			return nil
		} else if err != nil && !errors.Is(err, ErrMarker) {
			return err
		}
		if when != nil {
			if err := when(&found); err != nil {
				return err
			}
		}
		gone = found.files()
		now, err := lookup(b, key)
		if err == nil && now != nil && now.Version == version {
			err = b.Delete([]byte(key))
		} else if err == nil {
			_, err = forget(tx, bucket, key, version)
		}
		return errors.Join(err, comeBack(tx, b, bucket, key))
	})
	if err == nil {
		s.remove(gone)
	}
	return was, err
}

// comeBack makes the newest of a history the object that is there, if none is and
// the newest is no marker.
func comeBack(tx *bbolt.Tx, b *bbolt.Bucket, bucket, key string) error {
	past := pastOf(tx, bucket, key)
	if past == nil || b.Get([]byte(key)) != nil {
		return nil
	}
	k, text := past.Cursor().First()
	o, err := decode[Object](text)
	if err != nil || o.Marker {
		return err
	}
	if err := b.Put([]byte(key), text); err != nil {
		return err
	}
	return errors.Join(past.Delete(k), tidy(tx, bucket, key))
}

// Amend changes what is known of a version, and nothing of its content, version
// or name; nil is the object that is there.
func (s *Store) Amend(bucket, key string, version *string, change func(*Object) error) error {
	return s.db.Batch(func(tx *bbolt.Tx) error {
		b := tx.Bucket(bucketsRoot).Bucket([]byte(bucket))
		if b == nil {
			return ErrNoBucket
		}
		o, err := stat(tx, b, bucket, key, version)
		if err != nil {
			return err
		}
		if err := change(&o); err != nil {
			return err
		}
		text, err := json.Marshal(o)
		if err != nil {
			return err
		}
		if now, err := lookup(b, key); err != nil || now != nil && now.Version == o.Version {
			return errors.Join(err, b.Put([]byte(key), text))
		}
		past := pastOf(tx, bucket, key)
		c := past.Cursor()
		for k, old := c.First(); k != nil; k, old = c.Next() {
			if was, err := decode[Object](old); err == nil && was.Version == o.Version {
				return past.Put(k, text)
			}
		}
		return ErrNoVersion
	})
}
