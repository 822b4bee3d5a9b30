package ecr

import (
	"time"

	"apex/internal/dataplane/registry"
	"apex/internal/store"
)

// hasLayer reports whether a blob belongs to a repository and is on disk.
func (s *Service) hasLayer(r store.Reader, repository string, d registry.Digest) bool {
	if _, ok := Layers.Get(r, layerKey(repository, d)); !ok {
		return false
	}
	_, err := s.blobs.Size(d)
	return err == nil
}

func putLayer(tx *store.Tx, repository string, d registry.Digest, size int64, now time.Time) {
	Layers.Put(tx, Layer{Key: layerKey(repository, d), Spec: LayerSpec{
		Repository: repository, Digest: d, Size: size, Uploaded: now,
	}})
}
