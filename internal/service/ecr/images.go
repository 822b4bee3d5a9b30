package ecr

import (
	"slices"
	"time"

	"apex/internal/dataplane/registry"
	"apex/internal/store"
)

// imagesOf returns a repository's images in the order of their digests.
func imagesOf(r store.Reader, repository string) []Image {
	var all []Image
	for _, image := range Images.Prefix(r, repository+"@") {
		all = append(all, image)
	}
	return all
}

// byTag finds the image that a tag means.
func byTag(r store.Reader, repository, tag string) (Image, bool) {
	for _, image := range Images.Prefix(r, repository+"@") {
		if slices.Contains(image.Spec.Tags, tag) {
			return image, true
		}
	}
	return Image{}, false
}

// byReference finds an image by tag or digest.
func byReference(r store.Reader, repository, reference string) (Image, bool) {
	if d, err := registry.ParseDigest(reference); err == nil {
		return Images.Get(r, imageKey(repository, d))
	}
	return byTag(r, repository, reference)
}

// putImage records a pushed manifest and moves the tag to it, if there is one.
func putImage(tx *store.Tx, repository, tag string, m registry.Manifest, now time.Time) {
	key := imageKey(repository, m.Digest)
	image, ok := Images.Get(tx, key)
	if !ok {
		image = Image{Key: key, Spec: ImageSpec{
			Repository: repository, Digest: m.Digest, MediaType: m.MediaType, ArtifactType: m.ArtifactType,
			Annotations: m.Annotations, ManifestSize: m.Size, Pushed: now, Subject: m.Subject,
		}}
		for _, d := range m.Blobs() {
			image.Spec.Blobs = append(image.Spec.Blobs, d.Digest)
			image.Spec.Size += d.Size
		}
		for _, d := range m.Manifests {
			image.Spec.Children = append(image.Spec.Children, d.Digest)
		}
	}
	if tag != "" && !slices.Contains(image.Spec.Tags, tag) {
		if old, ok := byTag(tx, repository, tag); ok {
			Images.Modify(tx, old.Key, func(own *Image) { own.untag(tag) })
		}
		image.Spec.Tags = append(slices.Clone(image.Spec.Tags), tag)
		slices.Sort(image.Spec.Tags)
	}
	Images.Put(tx, image)
}

func (i *Image) untag(tag string) {
	i.Spec.Tags = slices.DeleteFunc(i.Spec.Tags, func(t string) bool { return t == tag })
}

// removeTag takes a tag away, and with its last tag the image.
func removeTag(tx *store.Tx, image Image, tag string) {
	if len(image.Spec.Tags) == 1 {
		Images.Delete(tx, image.Key)
		return
	}
	Images.Modify(tx, image.Key, func(own *Image) { own.untag(tag) })
}

// listedBy returns a list of images that has the image in it, if any.
func listedBy(images []Image, d registry.Digest) (list registry.Digest, ok bool) {
	for _, image := range images {
		if slices.Contains(image.Spec.Children, d) {
			return image.Spec.Digest, true
		}
	}
	return "", false
}

// mayMove reports whether a tag may be moved to another image.
func (m Mutability) mayMove(tag string) bool {
	except := slices.ContainsFunc(m.Except, func(pattern string) bool { return wildcard(pattern, tag) })
	return (m.Mode == mutable || m.Mode == mutableExcept) != except
}
