package ecr

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecrapi"
	"apex/internal/dataplane/registry"
	"apex/internal/seal"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves the registries of all scopes.
type Service struct {
	env    service.Env
	store  *store.Store
	sealer *seal.Sealer
	blobs  *registry.Blobs
	log    *slog.Logger
	now    func() time.Time
	host   string // the registry's address: "127.0.0.1:4566"
	swept  atomic.Int64
}

// BlobsDir is the folder of the blobs of all registries in a region's home.
func BlobsDir(home string) string { return filepath.Join(home, "registry") }

// New returns the service. The blobs are those in BlobsDir.
func New(env service.Env, blobs *registry.Blobs) *Service {
	return &Service{
		env: env, store: env.Store, sealer: env.Sealer, blobs: blobs, log: env.Log, now: env.Now,
		host: fmt.Sprintf("127.0.0.1:%d", env.Port),
	}
}

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	return []api.Route{
		ecrapi.CreateRepository.Handle(s.createRepository).Limited("the encryption setting is kept; the disk is not encrypted by it"),
		ecrapi.DescribeRepositories.Handle(s.describeRepositories),
		ecrapi.DeleteRepository.Handle(s.deleteRepository),
		ecrapi.PutImageTagMutability.Handle(s.putImageTagMutability),
		ecrapi.PutImageScanningConfiguration.Handle(s.putImageScanningConfiguration).StoredOnly("images are not scanned"),
		ecrapi.BatchGetRepositoryScanningConfiguration.Handle(s.batchGetRepositoryScanningConfiguration).StoredOnly("images are not scanned"),
		ecrapi.TagResource.Handle(s.tagResource),
		ecrapi.UntagResource.Handle(s.untagResource),
		ecrapi.ListTagsForResource.Handle(s.listTagsForResource),
		ecrapi.SetRepositoryPolicy.Handle(s.setRepositoryPolicy),
		ecrapi.GetRepositoryPolicy.Handle(s.getRepositoryPolicy),
		ecrapi.DeleteRepositoryPolicy.Handle(s.deleteRepositoryPolicy),
		ecrapi.PutLifecyclePolicy.Handle(s.putLifecyclePolicy).Limited("actions other than expire, and counts since pull, are refused"),
		ecrapi.GetLifecyclePolicy.Handle(s.getLifecyclePolicy),
		ecrapi.DeleteLifecyclePolicy.Handle(s.deleteLifecyclePolicy),
		ecrapi.StartLifecyclePolicyPreview.Handle(s.startLifecyclePolicyPreview),
		ecrapi.GetLifecyclePolicyPreview.Handle(s.getLifecyclePolicyPreview),
		ecrapi.GetAuthorizationToken.Handle(s.getAuthorizationToken),
		ecrapi.DescribeImages.Handle(s.describeImages).Limited("the time of the last pull is not recorded"),
		ecrapi.ListImages.Handle(s.listImages),
		ecrapi.BatchGetImage.Handle(s.batchGetImage),
		ecrapi.BatchDeleteImage.Handle(s.batchDeleteImage),
		ecrapi.PutImage.Handle(s.putImage),
		ecrapi.StartImageScan.Handle(s.startImageScan).Limited("refused: scanning is not built"),
		ecrapi.DescribeImageScanFindings.Handle(s.describeImageScanFindings).Limited("no image has been scanned"),
		ecrapi.BatchCheckLayerAvailability.Handle(s.batchCheckLayerAvailability),
		ecrapi.InitiateLayerUpload.Handle(s.initiateLayerUpload),
		ecrapi.UploadLayerPart.Handle(s.uploadLayerPart),
		ecrapi.CompleteLayerUpload.Handle(s.completeLayerUpload),
		ecrapi.GetDownloadUrlForLayer.Handle(s.getDownloadURLForLayer),
		ecrapi.DescribeRegistry.Handle(s.describeRegistry),
		ecrapi.PutReplicationConfiguration.Handle(s.putReplicationConfiguration).StoredOnly("nothing is replicated"),
		ecrapi.DescribeImageReplicationStatus.Handle(s.describeImageReplicationStatus).Limited("no image is replicated"),
		ecrapi.PutRegistryPolicy.Handle(s.putRegistryPolicy).StoredOnly("no other account is let in by it"),
		ecrapi.GetRegistryPolicy.Handle(s.getRegistryPolicy),
		ecrapi.DeleteRegistryPolicy.Handle(s.deleteRegistryPolicy),
		ecrapi.PutRegistryScanningConfiguration.Handle(s.putRegistryScanningConfiguration).StoredOnly("images are not scanned"),
		ecrapi.GetRegistryScanningConfiguration.Handle(s.getRegistryScanningConfiguration),
		ecrapi.CreatePullThroughCacheRule.Handle(s.createPullThroughCacheRule).StoredOnly("nothing is pulled through"),
		ecrapi.DescribePullThroughCacheRules.Handle(s.describePullThroughCacheRules),
		ecrapi.UpdatePullThroughCacheRule.Handle(s.updatePullThroughCacheRule).StoredOnly("nothing is pulled through"),
		ecrapi.DeletePullThroughCacheRule.Handle(s.deletePullThroughCacheRule),
		ecrapi.ValidatePullThroughCacheRule.Handle(s.validatePullThroughCacheRule).Limited("no rule is valid: nothing is pulled through"),
		ecrapi.CreateRepositoryCreationTemplate.Handle(s.createRepositoryCreationTemplate).StoredOnly("no repository is made of it"),
		ecrapi.DescribeRepositoryCreationTemplates.Handle(s.describeRepositoryCreationTemplates),
		ecrapi.UpdateRepositoryCreationTemplate.Handle(s.updateRepositoryCreationTemplate).StoredOnly("no repository is made of it"),
		ecrapi.DeleteRepositoryCreationTemplate.Handle(s.deleteRepositoryCreationTemplate),
	}
}
