package registry

import (
	"encoding/json"
	"slices"
)

// MaxManifest is the largest manifest accepted, in bytes.
const MaxManifest = 4 << 20

// The media types of manifests that the registry accepts.
const (
	OCIManifest    = "application/vnd.oci.image.manifest.v1+json"
	OCIIndex       = "application/vnd.oci.image.index.v1+json"
	DockerManifest = "application/vnd.docker.distribution.manifest.v2+json"
	DockerList     = "application/vnd.docker.distribution.manifest.list.v2+json"
)

// A Manifest is what a repository's reference means: an image, or a list of
// images for several platforms.
type Manifest struct {
	Descriptor
	Config    *Descriptor  // an image's configuration
	Layers    []Descriptor // an image's layers, lowest first
	Manifests []Descriptor // a list's images
	Subject   Digest       // what it refers to, or empty
}

// manifestJSON is the union of the four formats.
type manifestJSON struct {
	SchemaVersion int               `json:"schemaVersion"`
	MediaType     string            `json:"mediaType"`
	ArtifactType  string            `json:"artifactType"`
	Config        *Descriptor       `json:"config"`
	Layers        []Descriptor      `json:"layers"`
	Manifests     []Descriptor      `json:"manifests"`
	Subject       *Descriptor       `json:"subject"`
	Annotations   map[string]string `json:"annotations"`
}

// ParseManifest reads and checks a manifest. The media type is what the sender
// says; empty means what the manifest says.
func ParseManifest(body []byte, mediaType string) (Manifest, error) {
	if len(body) > MaxManifest {
		return Manifest{}, ErrSizeInvalid.because("manifest of %d bytes: over %d", len(body), MaxManifest)
	}
	var in manifestJSON
	if err := json.Unmarshal(body, &in); err != nil {
		return Manifest{}, ErrManifestInvalid.because("manifest: %v", err)
	}
	switch {
	case mediaType == "":
		mediaType = in.MediaType
	case in.MediaType != "" && in.MediaType != mediaType:
		return Manifest{}, ErrManifestInvalid.because("manifest: sent as %q, says it is %q", mediaType, in.MediaType)
	}
	if in.SchemaVersion != 2 {
		return Manifest{}, ErrManifestInvalid.because("manifest: schema version %d is not 2", in.SchemaVersion)
	}
	m := Manifest{
		Descriptor: Descriptor{
			MediaType: mediaType, Digest: DigestOf(body), Size: int64(len(body)),
			ArtifactType: in.ArtifactType, Annotations: in.Annotations,
		},
		Config: in.Config, Layers: in.Layers, Manifests: in.Manifests,
	}
	if in.Subject != nil {
		m.Subject = in.Subject.Digest
	}
	return m, m.check()
}

// check holds a manifest against its media type.
func (m *Manifest) check() error {
	switch m.MediaType {
	case OCIManifest, DockerManifest:
		if m.Config == nil || len(m.Manifests) > 0 {
			return ErrManifestInvalid.because("manifest: an image needs a config and has no manifests")
		}
		if m.ArtifactType == "" {
			m.ArtifactType = m.Config.MediaType
		}
	case OCIIndex, DockerList:
		if m.Config != nil || len(m.Layers) > 0 {
			return ErrManifestInvalid.because("manifest: a list has no config and no layers")
		}
	default:
		return ErrManifestInvalid.because("manifest: unknown media type %q", m.MediaType)
	}
	for _, d := range slices.Concat(m.Blobs(), m.Manifests) {
		if _, err := ParseDigest(string(d.Digest)); err != nil || d.Size < 0 {
			return ErrManifestInvalid.because("manifest: bad descriptor %q of %d bytes", d.Digest, d.Size)
		}
	}
	if m.Subject != "" {
		if _, err := ParseDigest(string(m.Subject)); err != nil {
			return ErrManifestInvalid.because("manifest: bad subject %q", m.Subject)
		}
	}
	return nil
}

// Blobs returns the descriptors of the config and the layers.
func (m *Manifest) Blobs() []Descriptor {
	if m.Config == nil {
		return nil
	}
	return append([]Descriptor{*m.Config}, m.Layers...)
}
