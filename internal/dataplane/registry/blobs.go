package registry

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Blobs keeps content in a folder:
//
//	blobs/sha256/3f/3f9a…    one file for each blob, named by its digest
//	uploads/<id>             content that is on its way, in order of arrival
//
// A blob's file appears by rename once all of it is on disk and its digest was
// checked, and never changes. Any number of goroutines may use one Blobs.
type Blobs struct{ dir string }

// OpenBlobs opens the blobs in dir and makes the folder if there is none.
func OpenBlobs(dir string) (*Blobs, error) {
	for _, sub := range []string{"blobs/sha256", "uploads"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("open blobs: %w", err)
		}
	}
	return &Blobs{dir}, nil
}

func (b *Blobs) path(d Digest) string {
	return filepath.Join(b.dir, "blobs/sha256", d.Hex()[:2], d.Hex())
}

// Open opens a blob for reading; the caller closes it. It returns
// ErrBlobUnknown if there is none.
func (b *Blobs) Open(d Digest) (*os.File, error) {
	if _, err := ParseDigest(string(d)); err != nil {
		return nil, err
	}
	f, err := os.Open(b.path(d))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrBlobUnknown.because("blob %s: not in the registry", d)
	}
	if err != nil {
		return nil, fmt.Errorf("open blob %s: %w", d, err)
	}
	return f, nil
}

// Size returns a blob's size in bytes, or ErrBlobUnknown.
func (b *Blobs) Size(d Digest) (int64, error) {
	f, err := b.Open(d)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("size of blob %s: %w", d, err)
	}
	return info.Size(), nil
}

// Read returns all of a small blob such as a manifest, its digest checked again.
func (b *Blobs) Read(d Digest) ([]byte, error) {
	f, err := b.Open(d)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	content, err := io.ReadAll(io.LimitReader(f, MaxManifest+1))
	if err != nil {
		return nil, fmt.Errorf("read blob %s: %w", d, err)
	}
	if got := DigestOf(content); got != d {
		return nil, fmt.Errorf("read blob %s: content has digest %s or is over %d bytes", d, got, MaxManifest)
	}
	return content, nil
}

// Put adds content whose digest is known and returns its size.
func (b *Blobs) Put(d Digest, content io.Reader) (int64, error) {
	id, err := b.StartUpload()
	if err != nil {
		return 0, err
	}
	if _, err := b.ExtendUpload(id, 0, content); err != nil {
		return 0, errors.Join(err, b.CancelUpload(id))
	}
	return b.FinishUpload(id, d)
}

// Sweep deletes the blobs that keep refuses and the uploads, if they were last
// written before the given time, and returns how many blobs it deleted. A blob
// that is pushed again counts as written then.
func (b *Blobs) Sweep(before time.Time, keep func(Digest) bool) (int, error) {
	if err := removeOld(filepath.Join(b.dir, "uploads"), before, func(string) bool { return true }, nil); err != nil {
		return 0, fmt.Errorf("sweep uploads: %w", err)
	}
	swept := 0
	root := filepath.Join(b.dir, "blobs/sha256")
	folders, err := os.ReadDir(root)
	if err != nil {
		return 0, fmt.Errorf("sweep blobs: %w", err)
	}
	for _, folder := range folders {
		unwanted := func(name string) bool { return !keep(Digest(algorithm + name)) }
		if err := removeOld(filepath.Join(root, folder.Name()), before, unwanted, &swept); err != nil {
			return swept, fmt.Errorf("sweep blobs: %w", err)
		}
	}
	return swept, nil
}

// removeOld removes the unwanted files of a folder that are older than before,
// and counts them.
func removeOld(dir string, before time.Time, unwanted func(name string) bool, count *int) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.ModTime().Before(before) || !unwanted(e.Name()) {
			continue // gone meanwhile, young, or wanted
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if count != nil {
			*count++
		}
	}
	return nil
}
