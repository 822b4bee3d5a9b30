package ecr

import (
	"context"
	"errors"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecrapi"
	"apex/internal/dataplane/registry"
	"apex/internal/store"
)

func (s *Service) putImage(ctx context.Context, call *api.Call, in *ecrapi.PutImageRequest) (*ecrapi.PutImageResponse, error) {
	if _, err := find(s.store.Snapshot(), call, in.RegistryId, in.RepositoryName); err != nil {
		return nil, err
	}
	m, err := registry.ParseManifest([]byte(*in.ImageManifest), api.Val(in.ImageManifestMediaType))
	tag := api.Val(in.ImageTag)
	switch {
	case err != nil:
		return nil, ecrapi.NewInvalidParameterException("Invalid parameter at 'ImageManifest' failed to satisfy constraint: '%v'", err)
	case in.ImageDigest != nil && *in.ImageDigest != string(m.Digest):
		return nil, ecrapi.NewImageDigestDoesNotMatchException("Image digest '%s' does not match manifest's '%s'", *in.ImageDigest, m.Digest)
	case tag != "" && !registry.ValidTag(tag):
		return nil, ecrapi.NewInvalidParameterException("Invalid parameter at 'imageTag' failed to satisfy constraint: 'must be a valid tag'")
	}
	own := &index{Service: s, token: token{Scope: scopeOf(call), Principal: call.Principal}}
	if err := registry.CheckComplete(ctx, own, *in.RepositoryName, m); err != nil {
		return nil, incomplete(m, err)
	}
	if _, err := s.blobs.Put(m.Digest, strings.NewReader(*in.ImageManifest)); err != nil {
		return nil, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		repository, err := find(tx, call, in.RegistryId, in.RepositoryName)
		if err != nil {
			return err
		}
		old, ok := Images.Get(tx, imageKey(repository.Key, m.Digest))
		if ok && (tag == "" || slices.Contains(old.Spec.Tags, tag)) {
			return ecrapi.NewImageAlreadyExistsException("Image with digest '%s' and tag '%s' already exists in the repository with name '%s' in registry with id '%s'", m.Digest, tag, repository.Spec.Name, call.Account)
		}
		if err := mayTag(tx, repository.Key, tag, m.Digest); err != nil {
			return err
		}
		putImage(tx, repository.Key, tag, m, call.Now)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &ecrapi.PutImageResponse{Image: &ecrapi.Image{
		RegistryId: &call.Account, RepositoryName: in.RepositoryName, ImageId: identifier(m.Digest, in.ImageTag),
		ImageManifest: in.ImageManifest, ImageManifestMediaType: &m.MediaType,
	}}, nil
}

// incomplete is the fault of a manifest that refers to what is not there.
func incomplete(m registry.Manifest, err error) error {
	switch {
	case !errors.Is(err, registry.ErrManifestBlobUnknown):
		return err
	case m.Config == nil:
		return ecrapi.NewReferencedImagesNotFoundException("%v", err)
	}
	return ecrapi.NewLayersNotFoundException("%v", err)
}

// mayTag refuses to move a tag that the repository holds immutable.
func mayTag(r store.Reader, repository, tag string, to registry.Digest) *api.Error {
	own, _ := Repositories.Get(r, repository)
	if old, ok := byTag(r, repository, tag); ok && old.Spec.Digest != to && !own.Spec.Mutability.mayMove(tag) {
		return ecrapi.NewImageTagAlreadyExistsException("The image tag '%s' already exists in the '%s' repository and cannot be overwritten because the tag is immutable.", tag, own.Spec.Name)
	}
	return nil
}
