package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// A layer is a compressed tar file in memory. It implements v1.Layer.
type layer struct {
	compressed   []byte
	digest, diff v1.Hash
}

func (l *layer) Digest() (v1.Hash, error)            { return l.digest, nil }
func (l *layer) DiffID() (v1.Hash, error)            { return l.diff, nil }
func (l *layer) Size() (int64, error)                { return int64(len(l.compressed)), nil }
func (l *layer) MediaType() (types.MediaType, error) { return types.OCILayer, nil }
func (l *layer) Compressed() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(l.compressed)), nil
}

func (l *layer) Uncompressed() (io.ReadCloser, error) {
	return gzip.NewReader(bytes.NewReader(l.compressed))
}

// A file is one entry of a layer. A mode with no content and a name that ends
// in "/" is a folder.
type file struct {
	name    string
	mode    int64
	content []byte
}

// newLayer makes a layer of files in the given order, owned by root and as old
// as the epoch, so that equal content has an equal digest. It compresses
// lightly: the image travels over loopback more often than over a network.
func newLayer(files []file) (*layer, error) {
	var raw, packed bytes.Buffer
	w := tar.NewWriter(&raw)
	for _, f := range files {
		header := &tar.Header{
			Name: f.name, Mode: f.mode, Size: int64(len(f.content)),
			ModTime: time.Unix(0, 0), Typeflag: tar.TypeReg, Format: tar.FormatUSTAR,
		}
		if f.name[len(f.name)-1] == '/' {
			header.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(header); err != nil {
			return nil, fmt.Errorf("layer entry %s: %w", f.name, err)
		}
		w.Write(f.content) // into memory
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("layer: %w", err)
	}
	z, _ := gzip.NewWriterLevel(&packed, gzip.BestSpeed) // the level is valid
	z.Write(raw.Bytes())
	z.Close()
	l := &layer{compressed: packed.Bytes()}
	var err error
	if l.diff, _, err = v1.SHA256(bytes.NewReader(raw.Bytes())); err != nil {
		return nil, fmt.Errorf("layer: %w", err)
	}
	if l.digest, _, err = v1.SHA256(bytes.NewReader(l.compressed)); err != nil {
		return nil, fmt.Errorf("layer: %w", err)
	}
	return l, nil
}
