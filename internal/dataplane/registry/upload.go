package registry

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// uploadID is the length of an upload's name, which is random hex.
const uploadID = 32

// StartUpload begins an upload and returns its id.
func (b *Blobs) StartUpload() (id string, err error) {
	var random [uploadID / 2]byte
	rand.Read(random[:])
	id = hex.EncodeToString(random[:])
	f, err := os.OpenFile(b.uploadPath(id), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("start upload: %w", err)
	}
	return id, f.Close()
}

func (b *Blobs) uploadPath(id string) string { return filepath.Join(b.dir, "uploads", id) }

// openUpload opens an upload and holds it against other requests until the
// file is closed.
func (b *Blobs) openUpload(id string) (*os.File, int64, error) {
	if _, err := hex.DecodeString(id); err != nil || len(id) != uploadID {
		return nil, 0, ErrUploadUnknown
	}
	f, err := os.OpenFile(b.uploadPath(id), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, ErrUploadUnknown
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open upload: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		return nil, 0, ErrUploadInvalid.because("upload %s: another request writes to it", id)
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, fmt.Errorf("open upload: %w", err)
	}
	return f, info.Size(), nil
}

// UploadSize returns how much of an upload has arrived.
func (b *Blobs) UploadSize(id string) (int64, error) {
	f, size, err := b.openUpload(id)
	if err != nil {
		return 0, err
	}
	return size, f.Close()
}

// AtEnd is the offset of a chunk that does not say where it belongs.
const AtEnd = -1

// ExtendUpload adds a chunk and returns the upload's new size. It returns
// ErrRange unless the chunk begins where the last one ended. A chunk that
// breaks off leaves nothing.
func (b *Blobs) ExtendUpload(id string, offset int64, chunk io.Reader) (int64, error) {
	f, size, err := b.openUpload(id)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	if offset != AtEnd && offset != size {
		return size, ErrRange.because("chunk begins at %d, upload has %d bytes", offset, size)
	}
	if _, err := f.Seek(size, io.SeekStart); err != nil {
		return size, fmt.Errorf("extend upload: %w", err)
	}
	n, err := io.Copy(f, chunk)
	if err != nil {
		return size, fmt.Errorf("extend upload: %w", errors.Join(err, f.Truncate(size)))
	}
	return size + n, nil
}

// FinishUpload makes an upload the blob with the given digest and returns its
// size. If the content has another digest the upload is dropped and the error
// is ErrDigestInvalid.
func (b *Blobs) FinishUpload(id string, want Digest) (int64, error) {
	if _, err := ParseDigest(string(want)); err != nil {
		return 0, err
	}
	f, size, err := b.openUpload(id)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return 0, fmt.Errorf("finish upload: %w", err)
	}
	if got := Digest(algorithm + hex.EncodeToString(sum.Sum(nil))); got != want {
		return 0, errors.Join(ErrDigestInvalid.because("content has digest %s, not %s", got, want), b.CancelUpload(id))
	}
	if err := b.publish(f, want); err != nil {
		return 0, fmt.Errorf("finish upload of %s: %w", want, err)
	}
	return size, nil
}

// publish moves a checked upload to its digest's name, safe on disk. A blob of
// that name has the same content: the newer file takes its place, and with it
// its time, which Sweep goes by.
func (b *Blobs) publish(f *os.File, d Digest) error {
	now := time.Now()
	folder := filepath.Dir(b.path(d))
	if err := errors.Join(os.Chtimes(f.Name(), now, now), f.Chmod(0o400), f.Sync()); err != nil {
		return err
	}
	made := os.Mkdir(folder, 0o700)
	if made != nil && !errors.Is(made, fs.ErrExist) {
		return made
	}
	if err := os.Rename(f.Name(), b.path(d)); err != nil {
		return err
	}
	if made == nil {
		if err := syncFolder(filepath.Dir(folder)); err != nil {
			return err
		}
	}
	return syncFolder(folder)
}

func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// CancelUpload drops an upload; one that is not there is no error.
func (b *Blobs) CancelUpload(id string) error {
	if err := os.Remove(b.uploadPath(filepath.Base(id))); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cancel upload: %w", err)
	}
	return nil
}
