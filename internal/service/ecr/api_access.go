package ecr

import (
	"context"
	"encoding/base64"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecrapi"
)

// issue makes a token for the caller.
func (s *Service) issue(call *api.Call) (password string, expires time.Time, err error) {
	expires = call.Now.Add(tokenLifetime)
	password, err = token{Scope: scopeOf(call), Principal: call.Principal, Expires: expires}.seal(s.sealer)
	return password, expires, err
}

func (s *Service) getAuthorizationToken(_ context.Context, call *api.Call, in *ecrapi.GetAuthorizationTokenRequest) (*ecrapi.GetAuthorizationTokenResponse, error) {
	for _, id := range in.RegistryIds {
		if id != call.Account {
			return nil, ecrapi.NewInvalidParameterException("Invalid parameter at 'registryIds' failed to satisfy constraint: 'only the registry of the caller's own account'")
		}
	}
	password, expires, err := s.issue(call)
	if err != nil {
		return nil, err
	}
	return &ecrapi.GetAuthorizationTokenResponse{AuthorizationData: []ecrapi.AuthorizationData{{
		AuthorizationToken: api.Ptr(base64.StdEncoding.EncodeToString([]byte(tokenUser + ":" + password))),
		ExpiresAt:          &expires, ProxyEndpoint: api.Ptr("http://" + s.host),
	}}}, nil
}

func (s *Service) startImageScan(_ context.Context, call *api.Call, in *ecrapi.StartImageScanRequest) (*ecrapi.StartImageScanResponse, error) {
	snap := s.store.Snapshot()
	repository, err := find(snap, call, in.RegistryId, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if _, miss := identify(snap, repository.Key, *in.ImageId); miss != nil {
		return nil, notFound(call, repository, *in.ImageId)
	}
	return nil, ecrapi.NewUnsupportedImageTypeException("Scanning is not built in this region.")
}

func (s *Service) describeImageScanFindings(_ context.Context, call *api.Call, in *ecrapi.DescribeImageScanFindingsRequest) (*ecrapi.DescribeImageScanFindingsResponse, error) {
	snap := s.store.Snapshot()
	repository, err := find(snap, call, in.RegistryId, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	image, miss := identify(snap, repository.Key, *in.ImageId)
	if miss != nil {
		return nil, notFound(call, repository, *in.ImageId)
	}
	return nil, ecrapi.NewScanNotFoundException("Image scan does not exist for the image with '{imageDigest:'%s'}' in the repository with name '%s' in the registry with id '%s'",
		image.Spec.Digest, repository.Spec.Name, call.Account)
}
