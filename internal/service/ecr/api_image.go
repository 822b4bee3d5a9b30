package ecr

import (
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ecrapi"
	"apex/internal/dataplane/registry"
	"apex/internal/store"
)

// identifier names an image by digest and, if there is one, a tag.
func identifier(d registry.Digest, tag *string) *ecrapi.ImageIdentifier {
	return &ecrapi.ImageIdentifier{ImageDigest: api.Ptr(string(d)), ImageTag: tag}
}

// A miss says why an identifier names no image.
type miss struct{ code, reason string }

// identify finds the image that an identifier names: by tag, by digest, or by
// both if they agree.
func identify(r store.Reader, repository string, id ecrapi.ImageIdentifier) (Image, *miss) {
	digest, tag := api.Val(id.ImageDigest), api.Val(id.ImageTag)
	if digest == "" && tag == "" {
		return Image{}, &miss{ecrapi.ImageFailureCodeMissingDigestAndTag, "Invalid request parameters: both tag and digest cannot be null"}
	}
	if digest == "" {
		image, ok := byTag(r, repository, tag)
		if !ok {
			return image, &miss{ecrapi.ImageFailureCodeImageNotFound, "Requested image not found"}
		}
		return image, nil
	}
	d, err := registry.ParseDigest(digest)
	if err != nil {
		return Image{}, &miss{ecrapi.ImageFailureCodeInvalidImageDigest, "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'"}
	}
	image, ok := Images.Get(r, imageKey(repository, d))
	switch {
	case !ok:
		return image, &miss{ecrapi.ImageFailureCodeImageNotFound, "Requested image not found"}
	case tag != "" && !slices.Contains(image.Spec.Tags, tag):
		return image, &miss{ecrapi.ImageFailureCodeImageTagDoesNotMatchDigest, "The tag does not mean the image with this digest"}
	}
	return image, nil
}

// hasStatus reports whether an image passes a TagStatus filter.
func hasStatus(image Image, status *string) bool {
	switch api.Val(status) {
	case ecrapi.TagStatusTagged:
		return len(image.Spec.Tags) > 0
	case ecrapi.TagStatusUntagged:
		return len(image.Spec.Tags) == 0
	}
	return true
}

func (s *Service) describeImages(_ context.Context, call *api.Call, in *ecrapi.DescribeImagesRequest) (*ecrapi.DescribeImagesResponse, error) {
	snap := s.store.Snapshot()
	repository, err := find(snap, call, in.RegistryId, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	images := imagesOf(snap, repository.Key)
	if in.ImageIds != nil {
		images = nil
		for _, id := range in.ImageIds {
			image, miss := identify(snap, repository.Key, id)
			if miss != nil {
				return nil, notFound(call, repository, id)
			}
			images = append(images, image)
		}
	}
	details := []ecrapi.ImageDetail{}
	for _, image := range images {
		if in.Filter == nil || hasStatus(image, in.Filter.TagStatus) {
			details = append(details, detail(call, repository, image))
		}
	}
	out := &ecrapi.DescribeImagesResponse{}
	if in.ImageIds != nil { // in their order
		out.ImageDetails = details
		return out, nil
	}
	out.ImageDetails, out.NextToken, err = paged(details, func(d *ecrapi.ImageDetail) string { return *d.ImageDigest }, in.NextToken, api.Or(in.MaxResults, 100))
	return out, err
}

func detail(call *api.Call, repository Repository, image Image) ecrapi.ImageDetail {
	out := ecrapi.ImageDetail{
		RegistryId: &call.Account, RepositoryName: &repository.Spec.Name,
		ImageDigest: api.Ptr(string(image.Spec.Digest)), ImageTags: image.Spec.Tags,
		ImageSizeInBytes: &image.Spec.Size, ImagePushedAt: &image.Spec.Pushed,
		ImageManifestMediaType: &image.Spec.MediaType,
	}
	if image.Spec.ArtifactType != "" {
		out.ArtifactMediaType = &image.Spec.ArtifactType
	}
	if image.Spec.Subject != "" {
		out.SubjectManifestDigest = api.Ptr(string(image.Spec.Subject))
	}
	return out
}

func notFound(call *api.Call, repository Repository, id ecrapi.ImageIdentifier) error {
	return ecrapi.NewImageNotFoundException("The image with imageId {imageDigest:'%s', imageTag:'%s'} does not exist within the repository with name '%s' in the registry with id '%s'",
		api.Or(id.ImageDigest, "null"), api.Or(id.ImageTag, "null"), repository.Spec.Name, call.Account)
}

func (s *Service) listImages(_ context.Context, call *api.Call, in *ecrapi.ListImagesRequest) (*ecrapi.ListImagesResponse, error) {
	snap := s.store.Snapshot()
	repository, err := find(snap, call, in.RegistryId, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	ids := []ecrapi.ImageIdentifier{}
	for _, image := range imagesOf(snap, repository.Key) {
		if in.Filter != nil && !hasStatus(image, in.Filter.TagStatus) {
			continue
		}
		if len(image.Spec.Tags) == 0 {
			ids = append(ids, *identifier(image.Spec.Digest, nil))
		}
		for _, tag := range image.Spec.Tags {
			ids = append(ids, *identifier(image.Spec.Digest, &tag))
		}
	}
	out := &ecrapi.ListImagesResponse{}
	out.ImageIds, out.NextToken, err = paged(ids, func(id *ecrapi.ImageIdentifier) string { return *id.ImageDigest + " " + api.Val(id.ImageTag) }, in.NextToken, api.Or(in.MaxResults, 100))
	return out, err
}

func (s *Service) batchGetImage(_ context.Context, call *api.Call, in *ecrapi.BatchGetImageRequest) (*ecrapi.BatchGetImageResponse, error) {
	snap := s.store.Snapshot()
	repository, err := find(snap, call, in.RegistryId, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	out := &ecrapi.BatchGetImageResponse{Images: []ecrapi.Image{}, Failures: []ecrapi.ImageFailure{}}
	for _, id := range in.ImageIds {
		image, miss := identify(snap, repository.Key, id)
		if miss != nil {
			out.Failures = append(out.Failures, ecrapi.ImageFailure{ImageId: &id, FailureCode: &miss.code, FailureReason: &miss.reason})
			continue
		}
		body, err := s.blobs.Read(image.Spec.Digest)
		if err != nil {
			return nil, err
		}
		out.Images = append(out.Images, ecrapi.Image{
			RegistryId: &call.Account, RepositoryName: in.RepositoryName, ImageId: identifier(image.Spec.Digest, id.ImageTag),
			ImageManifest: api.Ptr(string(body)), ImageManifestMediaType: &image.Spec.MediaType,
		})
	}
	return out, nil
}

func (s *Service) batchDeleteImage(ctx context.Context, call *api.Call, in *ecrapi.BatchDeleteImageRequest) (*ecrapi.BatchDeleteImageResponse, error) {
	out := &ecrapi.BatchDeleteImageResponse{ImageIds: []ecrapi.ImageIdentifier{}, Failures: []ecrapi.ImageFailure{}}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		repository, err := find(tx, call, in.RegistryId, in.RepositoryName)
		if err != nil {
			return err
		}
		for _, id := range in.ImageIds {
			gone, miss := deleteImage(tx, repository.Key, id)
			if miss != nil {
				out.Failures = append(out.Failures, ecrapi.ImageFailure{ImageId: &id, FailureCode: &miss.code, FailureReason: &miss.reason})
			}
			out.ImageIds = append(out.ImageIds, gone...)
		}
		return nil
	})
	return out, err
}

// deleteImage deletes a tag, and with its last tag the image; or by digest an
// image with all its tags.
func deleteImage(tx *store.Tx, repository string, id ecrapi.ImageIdentifier) ([]ecrapi.ImageIdentifier, *miss) {
	image, miss := identify(tx, repository, id)
	if miss != nil {
		return nil, miss
	}
	if list, listed := listedBy(imagesOf(tx, repository), image.Spec.Digest); listed && (id.ImageTag == nil || len(image.Spec.Tags) == 1) {
		return nil, referenced(list)
	}
	if id.ImageTag != nil {
		removeTag(tx, image, *id.ImageTag)
		return []ecrapi.ImageIdentifier{*identifier(image.Spec.Digest, id.ImageTag)}, nil
	}
	Images.Delete(tx, image.Key)
	if len(image.Spec.Tags) == 0 {
		return []ecrapi.ImageIdentifier{*identifier(image.Spec.Digest, nil)}, nil
	}
	var gone []ecrapi.ImageIdentifier
	for _, tag := range image.Spec.Tags {
		gone = append(gone, *identifier(image.Spec.Digest, &tag))
	}
	return gone, nil
}

func referenced(list registry.Digest) *miss {
	return &miss{ecrapi.ImageFailureCodeImageReferencedByManifestList, "Requested image referenced by manifest list: [" + string(list) + "]"}
}
