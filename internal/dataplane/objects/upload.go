package objects

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"go.etcd.io/bbolt"
)

// An Upload is an object that arrives in parts, in any order. It is in no list
// until it is finished.
type Upload struct {
	ID     string
	Bucket string
	Object Object // what it becomes, without size, tag and parts; Modified is when it began
}

// headKey holds the Upload in its index bucket, before all parts.
var headKey = []byte{0, 0, 0, 0}

func partKey(number int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(number)) }

// StartUpload begins an upload and returns it with its ID.
func (s *Store) StartUpload(bucket string, o Object) (Upload, error) {
	u := Upload{ID: randomName(), Bucket: bucket, Object: o}
	text, err := json.Marshal(u)
	if err != nil {
		return u, err
	}
	return u, s.db.Batch(func(tx *bbolt.Tx) error {
		if tx.Bucket(bucketsRoot).Bucket([]byte(bucket)) == nil {
			return ErrNoBucket
		}
		b, err := tx.Bucket(uploadsRoot).CreateBucket([]byte(u.ID))
		if err != nil {
			return err
		}
		return b.Put(headKey, text)
	})
}

// Upload returns an upload of the bucket and key with its parts by their numbers.
func (s *Store) Upload(bucket, key, id string) (Upload, map[int]Part, error) {
	var u Upload
	parts := map[int]Part{}
	err := s.db.View(func(tx *bbolt.Tx) (err error) {
		b := tx.Bucket(uploadsRoot).Bucket([]byte(id))
		if b == nil {
			return ErrNoUpload
		}
		if u, err = decode[Upload](b.Get(headKey)); err != nil {
			return err
		}
		if u.Bucket != bucket || u.Object.Key != key {
			return ErrNoUpload
		}
		return partsOf(b, func(n int, p Part) { parts[n] = p })
	})
	return u, parts, err
}

func partsOf(b *bbolt.Bucket, visit func(number int, p Part)) error {
	return b.ForEach(func(k, text []byte) error {
		number := int(binary.BigEndian.Uint32(k))
		if number == 0 {
			return nil
		}
		p, err := decode[Part](text)
		visit(number, p)
		return err
	})
}

// AddPart makes staged content part number (1 and up) of an upload, in place of
// the one that has it.
func (s *Store) AddPart(u Upload, number int, staged *Staged, sums map[string]string) (Part, error) {
	part, err := s.settle(staged)
	if err != nil {
		return part, err
	}
	part.Sums = sums
	text, err := json.Marshal(part)
	if err != nil {
		return part, err
	}
	var old []string
	err = s.db.Batch(func(tx *bbolt.Tx) error {
		old = nil
		b := tx.Bucket(uploadsRoot).Bucket([]byte(u.ID))
		if b == nil {
			return ErrNoUpload
		}
		if was := b.Get(partKey(number)); was != nil {
			p, err := decode[Part](was)
			if err != nil {
				return err
			}
			old = []string{p.File}
		}
		return b.Put(partKey(number), text)
	})
	if err != nil {
		old = []string{part.File}
	}
	s.remove(old)
	return part, err
}

// FinishUpload makes an object of the parts that it names and ends the upload;
// the parts it leaves out are removed.
func (s *Store) FinishUpload(u Upload, o Object, when Condition) error {
	used := map[string]bool{}
	o.Size = 0
	for _, p := range o.Parts {
		used[p.File] = true
		o.Size += p.Size
	}
	var gone []string
	err := s.db.Update(func(tx *bbolt.Tx) error {
		b := tx.Bucket(uploadsRoot).Bucket([]byte(u.ID))
		if b == nil {
			return ErrNoUpload
		}
		err := partsOf(b, func(_ int, p Part) {
			if !used[p.File] {
				gone = append(gone, p.File)
			}
		})
		if err != nil {
			return err
		}
		old, err := replace(tx, u.Bucket, o, when)
		if err != nil {
			return err
		}
		gone = append(gone, old...)
		return tx.Bucket(uploadsRoot).DeleteBucket([]byte(u.ID))
	})
	if err == nil {
		s.remove(gone)
	}
	return err
}

// AbortUpload removes an upload with its parts.
func (s *Store) AbortUpload(id string) error {
	var files []string
	err := s.db.Update(func(tx *bbolt.Tx) (err error) {
		files, err = dropUpload(tx, id)
		return err
	})
	if err == nil {
		s.remove(files)
	}
	return err
}

func dropUpload(tx *bbolt.Tx, id string) ([]string, error) {
	b := tx.Bucket(uploadsRoot).Bucket([]byte(id))
	if b == nil {
		return nil, ErrNoUpload
	}
	var files []string
	err := partsOf(b, func(_ int, p Part) { files = append(files, p.File) })
	return files, errors.Join(err, tx.Bucket(uploadsRoot).DeleteBucket([]byte(id)))
}

// Uploads returns the unfinished uploads of a bucket, in no order.
func (s *Store) Uploads(bucket string) ([]Upload, error) {
	var list []Upload
	err := s.db.View(func(tx *bbolt.Tx) error {
		return eachUpload(tx, func(u Upload) {
			if u.Bucket == bucket {
				list = append(list, u)
			}
		})
	})
	return list, err
}

func eachUpload(tx *bbolt.Tx, visit func(Upload)) error {
	root := tx.Bucket(uploadsRoot)
	return root.ForEachBucket(func(id []byte) error {
		u, err := decode[Upload](root.Bucket(id).Get(headKey))
		visit(u)
		return err
	})
}

// eachPart visits the parts of all uploads.
func eachPart(tx *bbolt.Tx, visit func(Part)) error {
	root := tx.Bucket(uploadsRoot)
	return root.ForEachBucket(func(id []byte) error {
		return partsOf(root.Bucket(id), func(_ int, p Part) { visit(p) })
	})
}

// dropUploads removes the uploads of a bucket and returns their files.
func dropUploads(tx *bbolt.Tx, bucket string) ([]string, error) {
	var ids []string
	if err := eachUpload(tx, func(u Upload) {
		if u.Bucket == bucket {
			ids = append(ids, u.ID)
		}
	}); err != nil {
		return nil, err
	}
	var files []string
	for _, id := range ids {
		more, err := dropUpload(tx, id)
		if err != nil {
			return nil, err
		}
		files = append(files, more...)
	}
	return files, nil
}
