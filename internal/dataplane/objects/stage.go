package objects

import (
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// copyBuffer is how much content is in memory at a time, in bytes.
const copyBuffer = 256 << 10

// buffers are those that no content is in.
var buffers = sync.Pool{New: func() any { return new([copyBuffer]byte) }}

// Staged is content that is on disk and not yet an object. It ends with a
// Commit, an AddPart, or Discard.
type Staged struct {
	Size int64
	MD5  []byte
	path string
}

// Stage writes content to disk, and to each of also, such as hashes.
func (s *Store) Stage(content io.Reader, also ...io.Writer) (*Staged, error) {
	f, err := os.CreateTemp(filepath.Join(s.dir, "staged"), "")
	if err != nil {
		return nil, fmt.Errorf("stage content: %w", err)
	}
	staged := &Staged{path: f.Name()}
	sum := md5.New()
	to := io.MultiWriter(append([]io.Writer{f, sum}, also...)...)
	buffer, _ := buffers.Get().(*[copyBuffer]byte)
	staged.Size, err = io.CopyBuffer(to, content, buffer[:])
	buffers.Put(buffer)
	staged.MD5 = sum.Sum(nil)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		staged.Discard()
		return nil, fmt.Errorf("stage content: %w", err)
	}
	return staged, nil
}

// Discard removes content that became no object. It does nothing to content that
// did.
func (s *Staged) Discard() { _ = os.Remove(s.path) }

// settle gives staged content its lasting place and returns it as a part.
func (s *Store) settle(staged *Staged) (Part, error) {
	name := randomName()
	if err := os.Rename(staged.path, s.path(name)); err != nil {
		return Part{}, fmt.Errorf("settle content: %w", err)
	}
	if err := syncDir(filepath.Dir(s.path(name))); err != nil {
		return Part{}, fmt.Errorf("settle content: %w", err)
	}
	return Part{File: name, Size: staged.Size, Tag: hex.EncodeToString(staged.MD5)}, nil
}

func randomName() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // it never fails (package crypto/rand)
	return hex.EncodeToString(b)
}

// syncDir makes a folder's entries durable.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
