package ecr

import (
	"context"
	"net/http"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ecrapi"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/dataplane/registry"
	"apex/internal/store"
)

// Registry serves the OCI distribution protocol to the bearers of tokens that
// GetAuthorizationToken gave. Authorize decides, as for calls of the API, what a
// token's owner may do: pushing is PutImage, pulling BatchGetImage, and so on.
func (s *Service) Registry(authorize func(context.Context, *api.Call, any) error) http.Handler {
	return registry.New(registry.Config{
		Blobs: s.blobs,
		Log:   s.log,
		Open: func(_ context.Context, user, password string) (registry.Index, error) {
			t, err := openToken(s.sealer, user, password, s.now())
			if err != nil {
				return nil, err
			}
			return &index{s, t, authorize}, nil
		},
	})
}

// An index shows the repositories of one scope to the owner of one token. It
// implements registry.Index.
type index struct {
	*Service
	token     token
	authorize func(context.Context, *api.Call, any) error
}

func (x *index) scope() arn.Scope { return x.token.Scope }

// may asks whether the token's owner may call an operation.
func (x *index) may(ctx context.Context, op api.OperationInfo, in any) error {
	if x.authorize == nil {
		return nil
	}
	call := &api.Call{
		RequestID: awsid.UUID(), Account: x.token.Scope.Account, Region: x.token.Scope.Region,
		Now: x.now(), Principal: x.token.Principal, Route: op,
	}
	if err := x.authorize(ctx, call, in); err != nil {
		return fault(registry.ErrDenied, err.Error())
	}
	return nil
}

// fault is one of the protocol's faults in other words.
func fault(kind *registry.Error, message string) error {
	return &registry.Error{Status: kind.Status, Code: kind.Code, Message: message}
}

// repository returns a repository's key.
func (x *index) repository(r store.Reader, name string) (string, error) {
	key := x.scope().Key(name)
	if _, ok := Repositories.Get(r, key); !ok {
		return "", fault(registry.ErrNameUnknown, "The repository with name '"+name+"' does not exist in the registry with id '"+x.scope().Account+"'")
	}
	return key, nil
}

func (x *index) HasBlob(ctx context.Context, name string, d registry.Digest) (bool, error) {
	if err := x.may(ctx, ecrapi.BatchCheckLayerAvailability.Info(), &ecrapi.BatchCheckLayerAvailabilityRequest{RepositoryName: &name}); err != nil {
		return false, err
	}
	snap := x.store.Snapshot()
	repository, err := x.repository(snap, name)
	if err != nil {
		return false, err
	}
	return x.hasLayer(snap, repository, d), nil
}

func (x *index) AddBlob(ctx context.Context, name string, d registry.Digest, size int64) error {
	if err := x.may(ctx, ecrapi.CompleteLayerUpload.Info(), &ecrapi.CompleteLayerUploadRequest{RepositoryName: &name}); err != nil {
		return err
	}
	return x.store.Update(ctx, func(tx *store.Tx) error {
		repository, err := x.repository(tx, name)
		if err == nil {
			putLayer(tx, repository, d, size, x.now())
		}
		return err
	})
}

func (x *index) Manifest(ctx context.Context, name, reference string) (registry.Descriptor, error) {
	if err := x.may(ctx, ecrapi.BatchGetImage.Info(), &ecrapi.BatchGetImageRequest{RepositoryName: &name}); err != nil {
		return registry.Descriptor{}, err
	}
	snap := x.store.Snapshot()
	repository, err := x.repository(snap, name)
	if err != nil {
		return registry.Descriptor{}, err
	}
	image, ok := byReference(snap, repository, reference)
	if !ok {
		return registry.Descriptor{}, registry.ErrManifestUnknown
	}
	return image.descriptor(), nil
}

func (i Image) descriptor() registry.Descriptor {
	return registry.Descriptor{
		MediaType: i.Spec.MediaType, Digest: i.Spec.Digest, Size: i.Spec.ManifestSize,
		ArtifactType: i.Spec.ArtifactType, Annotations: i.Spec.Annotations,
	}
}

func (x *index) PutManifest(ctx context.Context, name, tag string, m registry.Manifest) error {
	if err := x.may(ctx, ecrapi.PutImage.Info(), &ecrapi.PutImageRequest{RepositoryName: &name}); err != nil {
		return err
	}
	return x.store.Update(ctx, func(tx *store.Tx) error {
		repository, err := x.repository(tx, name)
		if err != nil {
			return err
		}
		if err := mayTag(tx, repository, tag, m.Digest); err != nil {
			return fault(registry.ErrTagInvalid, err.Message)
		}
		putImage(tx, repository, tag, m, x.now())
		return nil
	})
}

func (x *index) DeleteManifest(ctx context.Context, name, reference string) error {
	if err := x.may(ctx, ecrapi.BatchDeleteImage.Info(), &ecrapi.BatchDeleteImageRequest{RepositoryName: &name}); err != nil {
		return err
	}
	return x.store.Update(ctx, func(tx *store.Tx) error {
		repository, err := x.repository(tx, name)
		if err != nil {
			return err
		}
		image, ok := byReference(tx, repository, reference)
		switch list, listed := listedBy(imagesOf(tx, repository), image.Spec.Digest); {
		case !ok:
			return registry.ErrManifestUnknown
		case slices.Contains(image.Spec.Tags, reference):
			removeTag(tx, image, reference)
		case listed:
			return fault(registry.ErrDenied, "the image is in the list "+string(list))
		default:
			Images.Delete(tx, image.Key)
		}
		return nil
	})
}

func (x *index) Tags(ctx context.Context, name string) ([]string, error) {
	if err := x.may(ctx, ecrapi.ListImages.Info(), &ecrapi.ListImagesRequest{RepositoryName: &name}); err != nil {
		return nil, err
	}
	snap := x.store.Snapshot()
	repository, err := x.repository(snap, name)
	if err != nil {
		return nil, err
	}
	var tags []string
	for _, image := range imagesOf(snap, repository) {
		tags = append(tags, image.Spec.Tags...)
	}
	slices.Sort(tags)
	return tags, nil
}

func (x *index) Referrers(ctx context.Context, name string, d registry.Digest) ([]registry.Descriptor, error) {
	if err := x.may(ctx, ecrapi.BatchGetImage.Info(), &ecrapi.BatchGetImageRequest{RepositoryName: &name}); err != nil {
		return nil, err
	}
	snap := x.store.Snapshot()
	repository, err := x.repository(snap, name)
	if err != nil {
		return nil, err
	}
	var all []registry.Descriptor
	for _, image := range imagesOf(snap, repository) {
		if image.Spec.Subject == d {
			all = append(all, image.descriptor())
		}
	}
	return all, nil
}
