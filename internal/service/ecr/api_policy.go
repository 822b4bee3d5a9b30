package ecr

import (
	"context"
	"encoding/json"

	"apex/internal/api"
	"apex/internal/api/ecrapi"
)

func (s *Service) setRepositoryPolicy(ctx context.Context, call *api.Call, in *ecrapi.SetRepositoryPolicyRequest) (*ecrapi.SetRepositoryPolicyResponse, error) {
	if !json.Valid([]byte(*in.PolicyText)) {
		return nil, ecrapi.NewInvalidParameterException("Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'")
	}
	_, err := s.change(ctx, call, in.RegistryId, in.RepositoryName, func(own *Repository) error {
		own.Spec.Policy = *in.PolicyText
		return nil
	})
	return &ecrapi.SetRepositoryPolicyResponse{RegistryId: &call.Account, RepositoryName: in.RepositoryName, PolicyText: in.PolicyText}, err
}

func (s *Service) getRepositoryPolicy(_ context.Context, call *api.Call, in *ecrapi.GetRepositoryPolicyRequest) (*ecrapi.GetRepositoryPolicyResponse, error) {
	repository, err := find(s.store.Snapshot(), call, in.RegistryId, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if repository.Spec.Policy == "" {
		return nil, noPolicy(call, in.RepositoryName)
	}
	return &ecrapi.GetRepositoryPolicyResponse{RegistryId: &call.Account, RepositoryName: in.RepositoryName, PolicyText: &repository.Spec.Policy}, nil
}

func (s *Service) deleteRepositoryPolicy(ctx context.Context, call *api.Call, in *ecrapi.DeleteRepositoryPolicyRequest) (*ecrapi.DeleteRepositoryPolicyResponse, error) {
	var had string
	_, err := s.change(ctx, call, in.RegistryId, in.RepositoryName, func(own *Repository) error {
		if had = own.Spec.Policy; had == "" {
			return noPolicy(call, in.RepositoryName)
		}
		own.Spec.Policy = ""
		return nil
	})
	return &ecrapi.DeleteRepositoryPolicyResponse{RegistryId: &call.Account, RepositoryName: in.RepositoryName, PolicyText: &had}, err
}

func noPolicy(call *api.Call, name *string) error {
	return ecrapi.NewRepositoryPolicyNotFoundException("Repository policy does not exist for the repository with name '%s' in the registry with id '%s'", api.Val(name), call.Account)
}
