package ecr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"

	"apex/internal/api"
	"apex/internal/api/ecrapi"
	"apex/internal/dataplane/registry"
	"apex/internal/store"
)

// partSize is how much of a layer a client should send at once.
const partSize = 2 << 20

func (s *Service) batchCheckLayerAvailability(_ context.Context, call *api.Call, in *ecrapi.BatchCheckLayerAvailabilityRequest) (*ecrapi.BatchCheckLayerAvailabilityResponse, error) {
	snap := s.store.Snapshot()
	repository, err := find(snap, call, in.RegistryId, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	out := &ecrapi.BatchCheckLayerAvailabilityResponse{Layers: []ecrapi.Layer{}, Failures: []ecrapi.LayerFailure{}}
	for _, text := range in.LayerDigests {
		d, err := registry.ParseDigest(text)
		if err != nil {
			out.Failures = append(out.Failures, ecrapi.LayerFailure{
				LayerDigest: &text, FailureCode: api.Ptr(ecrapi.LayerFailureCodeInvalidLayerDigest), FailureReason: api.Ptr(err.Error()),
			})
			continue
		}
		layer := ecrapi.Layer{LayerDigest: &text, LayerAvailability: api.Ptr(ecrapi.LayerAvailabilityUnavailable)}
		if row, ok := Layers.Get(snap, layerKey(repository.Key, d)); ok && s.hasLayer(snap, repository.Key, d) {
			layer.LayerAvailability, layer.LayerSize = api.Ptr(ecrapi.LayerAvailabilityAvailable), &row.Spec.Size
		}
		out.Layers = append(out.Layers, layer)
	}
	return out, nil
}

func (s *Service) initiateLayerUpload(_ context.Context, call *api.Call, in *ecrapi.InitiateLayerUploadRequest) (*ecrapi.InitiateLayerUploadResponse, error) {
	if _, err := find(s.store.Snapshot(), call, in.RegistryId, in.RepositoryName); err != nil {
		return nil, err
	}
	id, err := s.blobs.StartUpload()
	return &ecrapi.InitiateLayerUploadResponse{UploadId: &id, PartSize: api.Ptr(int64(partSize))}, err
}

func (s *Service) uploadLayerPart(_ context.Context, call *api.Call, in *ecrapi.UploadLayerPartRequest) (*ecrapi.UploadLayerPartResponse, error) {
	if _, err := find(s.store.Snapshot(), call, in.RegistryId, in.RepositoryName); err != nil {
		return nil, err
	}
	if *in.PartLastByte-*in.PartFirstByte+1 != int64(len(in.LayerPartBlob)) {
		return nil, ecrapi.NewInvalidLayerPartException("The part has %d bytes and says it is bytes %d to %d.", len(in.LayerPartBlob), *in.PartFirstByte, *in.PartLastByte)
	}
	size, err := s.blobs.ExtendUpload(*in.UploadId, *in.PartFirstByte, bytes.NewReader(in.LayerPartBlob))
	switch {
	case errors.Is(err, registry.ErrUploadUnknown):
		return nil, noUpload(in.UploadId)
	case errors.Is(err, registry.ErrRange):
		return nil, ecrapi.NewInvalidLayerPartException("The part begins at byte %d, the upload has %d bytes.", *in.PartFirstByte, size)
	case errors.Is(err, registry.ErrUploadInvalid):
		return nil, ecrapi.NewInvalidLayerPartException("%v", err)
	case err != nil:
		return nil, err
	}
	return &ecrapi.UploadLayerPartResponse{
		RegistryId: &call.Account, RepositoryName: in.RepositoryName, UploadId: in.UploadId, LastByteReceived: api.Ptr(size - 1),
	}, nil
}

func noUpload(id *string) error {
	return ecrapi.NewUploadNotFoundException("The upload '%s' does not exist or was completed.", api.Val(id))
}

func (s *Service) completeLayerUpload(ctx context.Context, call *api.Call, in *ecrapi.CompleteLayerUploadRequest) (*ecrapi.CompleteLayerUploadResponse, error) {
	repository, err := find(s.store.Snapshot(), call, in.RegistryId, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	d, err := registry.ParseDigest(in.LayerDigests[0])
	if err != nil {
		return nil, ecrapi.NewInvalidParameterException("Invalid parameter at 'layerDigests' failed to satisfy constraint: '%v'", err)
	}
	if got, err := s.blobs.UploadSize(*in.UploadId); err == nil && got == 0 {
		return nil, ecrapi.NewEmptyUploadException("The upload '%s' has no parts.", *in.UploadId)
	}
	size, err := s.blobs.FinishUpload(*in.UploadId, d)
	switch {
	case errors.Is(err, registry.ErrUploadUnknown):
		return nil, noUpload(in.UploadId)
	case errors.Is(err, registry.ErrDigestInvalid):
		return nil, ecrapi.NewInvalidLayerException("%v", err)
	case err != nil:
		return nil, err
	}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := Repositories.Get(tx, repository.Key); !ok {
			_, err := find(tx, call, in.RegistryId, in.RepositoryName)
			return err
		}
		if _, ok := Layers.Get(tx, layerKey(repository.Key, d)); ok {
			return ecrapi.NewLayerAlreadyExistsException("Layer with digest '%s' already exists in the repository with name '%s' in registry with id '%s'", d, repository.Spec.Name, call.Account)
		}
		putLayer(tx, repository.Key, d, size, call.Now)
		return nil
	})
	return &ecrapi.CompleteLayerUploadResponse{
		RegistryId: &call.Account, RepositoryName: in.RepositoryName, UploadId: in.UploadId, LayerDigest: api.Ptr(string(d)),
	}, err
}

// getDownloadURLForLayer answers with a URL that carries a token of the caller.
func (s *Service) getDownloadURLForLayer(_ context.Context, call *api.Call, in *ecrapi.GetDownloadUrlForLayerRequest) (*ecrapi.GetDownloadUrlForLayerResponse, error) {
	snap := s.store.Snapshot()
	repository, err := find(snap, call, in.RegistryId, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	d, err := registry.ParseDigest(*in.LayerDigest)
	if err != nil || !s.hasLayer(snap, repository.Key, d) {
		return nil, ecrapi.NewLayersNotFoundException("The layer with digest '%s' does not exist in the repository with name '%s' in registry with id '%s'", *in.LayerDigest, repository.Spec.Name, call.Account)
	}
	password, _, err := s.issue(call)
	if err != nil {
		return nil, err
	}
	at := url.URL{Scheme: "http", User: url.UserPassword(tokenUser, password), Host: s.host, Path: fmt.Sprintf("/v2/%s/blobs/%s", repository.Spec.Name, d)}
	return &ecrapi.GetDownloadUrlForLayerResponse{DownloadUrl: api.Ptr(at.String()), LayerDigest: in.LayerDigest}, nil
}
