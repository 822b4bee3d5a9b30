// Package ecr serves Amazon ECR: repositories of container images, pushed and
// pulled by the usual clients and by the API.
//
// The store's rows say which images and layers there are; what they hold lies
// in registry.Blobs by digest. Rows are written after their content is on disk,
// and content that no row names is swept. The controller applies lifecycle
// policies.
package ecr

import (
	"time"

	"apex/internal/arn"
	"apex/internal/dataplane/registry"
	"apex/internal/store"
	"apex/internal/tag"
)

// The service's tables. Images and layers are keyed by their repository's key,
// "@" or "#", and their digest; repositories' names have neither.
var (
	Repositories = store.NewTable("ecr.repositories", func(r *Repository) string { return r.Key })
	Images       = store.NewTable("ecr.images", func(i *Image) string { return i.Key })
	Layers       = store.NewTable("ecr.layers", func(l *Layer) string { return l.Key })
)

// Tables returns the service's tables.
func Tables() []store.AnyTable {
	return []store.AnyTable{Repositories, Images, Layers, Registries, CacheRules, Templates}
}

// A Repository holds images under one name.
type Repository struct {
	Key    string // scope and name
	Spec   RepositorySpec
	Status RepositoryStatus
}

// A RepositorySpec is what the API says of a repository.
type RepositorySpec struct {
	Name       string
	Created    time.Time
	Mutability Mutability
	ScanOnPush bool
	Encryption Encryption
	Tags       tag.Tags
	Policy     string // the repository policy, or empty
	Lifecycle  string // the lifecycle policy, or empty
	Preview    string // the lifecycle policy to preview, or empty
}

// A RepositoryStatus is what the controller says of a repository.
type RepositoryStatus struct {
	Evaluated time.Time // when the lifecycle policy last expired an image
}

// Mutability says which tags may be moved to another image.
type Mutability struct {
	Mode   string   // an ImageTagMutability
	Except []string // wildcard patterns of the tags that the mode does not hold for
}

// Encryption is what a repository was created with. The region's disk is not
// encrypted by it.
type Encryption struct{ Type, KMSKey string }

// An Image is a manifest of a repository.
type Image struct {
	Key  string
	Spec ImageSpec
}

// An ImageSpec is what was pushed.
type ImageSpec struct {
	Repository   string // its key
	Digest       registry.Digest
	MediaType    string
	ArtifactType string
	Annotations  map[string]string
	ManifestSize int64
	Size         int64    // of the configuration and the layers
	Tags         []string // in lexical order
	Pushed       time.Time
	Blobs        []registry.Digest // configuration and layers
	Children     []registry.Digest // a list's images
	Subject      registry.Digest   // what it refers to, or empty
}

// A Layer is a blob of a repository.
type Layer struct {
	Key  string
	Spec LayerSpec
}

// A LayerSpec is what was uploaded.
type LayerSpec struct {
	Repository string // its key
	Digest     registry.Digest
	Size       int64
	Uploaded   time.Time
}

func imageKey(repository string, d registry.Digest) string { return repository + "@" + string(d) }
func layerKey(repository string, d registry.Digest) string { return repository + "#" + string(d) }

// repositoryARN names a repository by its key.
func repositoryARN(key string) string {
	scope, name := arn.SplitKey(key)
	return scope.ARN("ecr", "repository/"+name)
}
