package objects

import (
	"errors"
	"io"
	"io/fs"
	"os"
)

// readTries is how often Open looks again when an object was replaced between
// its look into the index and the opening of the content.
const readTries = 8

// OpenObject returns an object and a reader of length bytes of its content from
// offset on; length below 0 means to its end. The caller closes the reader. What
// was opened stays whole, whatever becomes of the object.
func (s *Store) OpenObject(bucket, key string, offset, length int64) (Object, io.ReadCloser, error) {
	return s.OpenVersion(bucket, key, nil, offset, length)
}

// OpenVersion is OpenObject of a version; nil is the object that is there.
func (s *Store) OpenVersion(bucket, key string, version *string, offset, length int64) (Object, io.ReadCloser, error) {
	for try := 1; ; try++ {
		o, err := s.StatVersion(bucket, key, version)
		if err != nil {
			return o, nil, err
		}
		content, err := s.open(o, offset, length)
		if errors.Is(err, fs.ErrNotExist) && try < readTries {
			continue
		}
		return o, content, err
	}
}

// content reads the files of an object one after another.
type content struct {
	io.Reader
	files []*os.File
}

// open opens the files that hold the wanted part of the content.
func (s *Store) open(o Object, offset, length int64) (*content, error) {
	if length < 0 || length > o.Size-offset {
		length = o.Size - offset
	}
	c := &content{}
	var readers []io.Reader
	for _, p := range o.Parts {
		if offset >= p.Size {
			offset -= p.Size
			continue
		}
		if length <= 0 {
			break
		}
		f, err := os.Open(s.path(p.File))
		if err != nil {
			return nil, errors.Join(err, c.Close())
		}
		c.files = append(c.files, f)
		n := min(length, p.Size-offset)
		readers = append(readers, io.NewSectionReader(f, offset, n))
		offset, length = 0, length-n
	}
	c.Reader = io.MultiReader(readers...)
	return c, nil
}

// Close closes the files.
func (c *content) Close() error {
	var errs []error
	for _, f := range c.files {
		errs = append(errs, f.Close())
	}
	return errors.Join(errs...)
}

// Content returns a reader of all that an object's parts hold, whether or not the
// object is in a bucket.
func (s *Store) Content(o Object) (io.ReadCloser, error) {
	o.Size = 0
	for _, p := range o.Parts {
		o.Size += p.Size
	}
	return s.open(o, 0, -1)
}
