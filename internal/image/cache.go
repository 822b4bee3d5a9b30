package image

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"apex/internal/dataplane/registry"
)

// unpacking holds a lock for each layer folder that was made, so that tasks
// which start together do the work once.
var unpacking sync.Map

// unpackLayer returns the folder of a layer and makes it if it is not there.
// It is named by the uncompressed content, which is checked on the way.
func unpackLayer(ctx context.Context, blobs *registry.Blobs, d registry.Descriptor, diff v1.Hash, cacheDir string) (string, error) {
	if _, err := registry.ParseDigest(diff.String()); err != nil {
		return "", fmt.Errorf("diff id: %w", err)
	}
	dir := filepath.Join(cacheDir, diff.Hex)
	lock, _ := unpacking.LoadOrStore(dir, new(sync.Mutex))
	lock.(*sync.Mutex).Lock()
	defer lock.(*sync.Mutex).Unlock()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	tmp, err := os.MkdirTemp(cacheDir, tmpPrefix)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	root := filepath.Join(tmp, "layer") // MkdirTemp's own mode is too narrow for a root folder
	if err := os.Mkdir(root, 0o755); err != nil {
		return "", err
	}
	if err := extractBlob(ctx, blobs, d.Digest, diff, root); err != nil {
		return "", err
	}
	return dir, os.Rename(root, dir)
}

// extractBlob extracts a layer's blob into root and checks both its digests.
func extractBlob(ctx context.Context, blobs *registry.Blobs, digest registry.Digest, diff v1.Hash, root string) error {
	blob, err := blobs.Open(digest)
	if err != nil {
		return err
	}
	defer blob.Close()
	packed := sha256.New()
	source := io.TeeReader(cancelReader{ctx, blob}, packed)
	tarball, err := decompress(source)
	if err != nil {
		return err
	}
	defer tarball.Close()
	plain := sha256.New()
	if err := extract(io.TeeReader(tarball, plain), root); err != nil {
		return err
	}
	if _, err := io.Copy(plain, tarball); err != nil { // padding after the tar's end
		return err
	}
	if _, err := io.Copy(io.Discard, source); err != nil {
		return err
	}
	if got := hex.EncodeToString(packed.Sum(nil)); got != digest.Hex() {
		return fmt.Errorf("content has digest sha256:%s", got)
	}
	if got := hex.EncodeToString(plain.Sum(nil)); got != diff.Hex {
		return fmt.Errorf("uncompressed content is sha256:%s, the image says %s", got, diff)
	}
	return nil
}

// A cancelReader reads until its context is done.
type cancelReader struct {
	ctx context.Context
	r   io.Reader
}

func (c cancelReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
