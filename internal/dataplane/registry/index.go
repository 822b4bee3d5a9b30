package registry

import (
	"context"
	"errors"
	"strings"
)

// A Descriptor names content of a repository.
type Descriptor struct {
	MediaType    string            `json:"mediaType"`
	Digest       Digest            `json:"digest"`
	Size         int64             `json:"size"`
	ArtifactType string            `json:"artifactType,omitempty"`
	Annotations  map[string]string `json:"annotations,omitempty"`
}

// An Index keeps the names of one registry: its repositories, which blobs each
// may use, and what its tags mean. Every method returns ErrNameUnknown if there
// is no such repository, and may return ErrDenied. Content is in Blobs before
// an Index hears of it. A reference is a tag or a digest.
type Index interface {
	// HasBlob reports whether the blob belongs to the repository.
	HasBlob(ctx context.Context, repository string, d Digest) (bool, error)
	// AddBlob makes the blob the repository's.
	AddBlob(ctx context.Context, repository string, d Digest, size int64) error

	// Manifest finds a manifest, or returns ErrManifestUnknown.
	Manifest(ctx context.Context, repository, reference string) (Descriptor, error)
	// PutManifest adds a manifest and, unless tag is empty, moves the tag to
	// it. It may return ErrTagInvalid.
	PutManifest(ctx context.Context, repository, tag string, m Manifest) error
	// DeleteManifest deletes a tag, or a manifest with all its tags.
	DeleteManifest(ctx context.Context, repository, reference string) error

	// Tags lists the repository's tags in lexical order.
	Tags(ctx context.Context, repository string) ([]string, error)
	// Referrers lists the manifests whose subject is d.
	Referrers(ctx context.Context, repository string, d Digest) ([]Descriptor, error)
}

// CheckComplete returns ErrManifestBlobUnknown unless the repository has all
// that the manifest refers to.
func CheckComplete(ctx context.Context, x Index, repository string, m Manifest) error {
	for _, d := range m.Blobs() {
		if strings.Contains(d.MediaType, "foreign") || strings.Contains(d.MediaType, "nondistributable") {
			continue // its content is elsewhere, by its very type
		}
		has, err := x.HasBlob(ctx, repository, d.Digest)
		if err != nil {
			return err
		}
		if !has {
			return ErrManifestBlobUnknown.because("blob %s: not in repository %s", d.Digest, repository)
		}
	}
	for _, d := range m.Manifests {
		_, err := x.Manifest(ctx, repository, string(d.Digest))
		if errors.Is(err, ErrManifestUnknown) {
			return ErrManifestBlobUnknown.because("manifest %s: not in repository %s", d.Digest, repository)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
