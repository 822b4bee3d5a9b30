package ecr

import (
	"context"
	"encoding/json"

	"apex/internal/api"
	"apex/internal/api/ecrapi"
	"apex/internal/store"
)

const registryKey = "registry"

// registryOf returns what is set for the caller's registry; nothing is so at first.
func registryOf(r store.Reader, call *api.Call) Registry {
	key := scopeOf(call).Key(registryKey)
	own, _ := Registries.Get(r, key)
	own.Key = key
	return own
}

func (s *Service) changeRegistry(ctx context.Context, call *api.Call, edit func(*RegistrySpec) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		own := registryOf(tx, call)
		if err := edit(&own.Spec); err != nil {
			return err
		}
		Registries.Put(tx, own)
		return nil
	})
}

func (s *Service) describeRegistry(_ context.Context, call *api.Call, _ *ecrapi.DescribeRegistryRequest) (*ecrapi.DescribeRegistryResponse, error) {
	own := registryOf(s.store.Snapshot(), call)
	out := &ecrapi.DescribeRegistryResponse{RegistryId: &call.Account, ReplicationConfiguration: own.Spec.Replication}
	if out.ReplicationConfiguration == nil {
		out.ReplicationConfiguration = &ecrapi.ReplicationConfiguration{Rules: []ecrapi.ReplicationRule{}}
	}
	return out, nil
}

func (s *Service) putReplicationConfiguration(ctx context.Context, call *api.Call, in *ecrapi.PutReplicationConfigurationRequest) (*ecrapi.PutReplicationConfigurationResponse, error) {
	for _, rule := range in.ReplicationConfiguration.Rules {
		for _, to := range rule.Destinations {
			if api.Val(to.Region) == call.Region && api.Val(to.RegistryId) == call.Account {
				return nil, ecrapi.NewInvalidParameterException("Invalid parameter at 'replicationConfiguration' failed to satisfy constraint: 'destination cannot be the source registry'")
			}
		}
	}
	return &ecrapi.PutReplicationConfigurationResponse{ReplicationConfiguration: in.ReplicationConfiguration}, s.changeRegistry(ctx, call, func(own *RegistrySpec) error {
		own.Replication = in.ReplicationConfiguration
		return nil
	})
}

func (s *Service) describeImageReplicationStatus(_ context.Context, call *api.Call, in *ecrapi.DescribeImageReplicationStatusRequest) (*ecrapi.DescribeImageReplicationStatusResponse, error) {
	snap := s.store.Snapshot()
	repository, err := find(snap, call, in.RegistryId, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if _, miss := identify(snap, repository.Key, *in.ImageId); miss != nil {
		return nil, notFound(call, repository, *in.ImageId)
	}
	return &ecrapi.DescribeImageReplicationStatusResponse{
		RepositoryName: in.RepositoryName, ImageId: in.ImageId, ReplicationStatuses: []ecrapi.ImageReplicationStatus{},
	}, nil
}

func (s *Service) putRegistryPolicy(ctx context.Context, call *api.Call, in *ecrapi.PutRegistryPolicyRequest) (*ecrapi.PutRegistryPolicyResponse, error) {
	if !json.Valid([]byte(*in.PolicyText)) {
		return nil, ecrapi.NewInvalidParameterException("Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid registry policy provided'")
	}
	return &ecrapi.PutRegistryPolicyResponse{RegistryId: &call.Account, PolicyText: in.PolicyText}, s.changeRegistry(ctx, call, func(own *RegistrySpec) error {
		own.Policy = *in.PolicyText
		return nil
	})
}

func noRegistryPolicy(call *api.Call) error {
	return ecrapi.NewRegistryPolicyNotFoundException("Registry policy does not exist in the registry with id '%s'", call.Account)
}

func (s *Service) getRegistryPolicy(_ context.Context, call *api.Call, _ *ecrapi.GetRegistryPolicyRequest) (*ecrapi.GetRegistryPolicyResponse, error) {
	own := registryOf(s.store.Snapshot(), call)
	if own.Spec.Policy == "" {
		return nil, noRegistryPolicy(call)
	}
	return &ecrapi.GetRegistryPolicyResponse{RegistryId: &call.Account, PolicyText: &own.Spec.Policy}, nil
}

func (s *Service) deleteRegistryPolicy(ctx context.Context, call *api.Call, _ *ecrapi.DeleteRegistryPolicyRequest) (*ecrapi.DeleteRegistryPolicyResponse, error) {
	var had string
	err := s.changeRegistry(ctx, call, func(own *RegistrySpec) error {
		if had = own.Policy; had == "" {
			return noRegistryPolicy(call)
		}
		own.Policy = ""
		return nil
	})
	return &ecrapi.DeleteRegistryPolicyResponse{RegistryId: &call.Account, PolicyText: &had}, err
}

func (s *Service) getRegistryScanningConfiguration(_ context.Context, call *api.Call, _ *ecrapi.GetRegistryScanningConfigurationRequest) (*ecrapi.GetRegistryScanningConfigurationResponse, error) {
	own := registryOf(s.store.Snapshot(), call)
	out := &ecrapi.GetRegistryScanningConfigurationResponse{RegistryId: &call.Account, ScanningConfiguration: own.Spec.Scanning}
	if out.ScanningConfiguration == nil {
		out.ScanningConfiguration = &ecrapi.RegistryScanningConfiguration{ScanType: api.Ptr(ecrapi.ScanTypeBasic), Rules: []ecrapi.RegistryScanningRule{}}
	}
	return out, nil
}

func (s *Service) putRegistryScanningConfiguration(ctx context.Context, call *api.Call, in *ecrapi.PutRegistryScanningConfigurationRequest) (*ecrapi.PutRegistryScanningConfigurationResponse, error) {
	scanning := &ecrapi.RegistryScanningConfiguration{ScanType: api.Ptr(api.Or(in.ScanType, ecrapi.ScanTypeBasic)), Rules: in.Rules}
	return &ecrapi.PutRegistryScanningConfigurationResponse{RegistryScanningConfiguration: scanning}, s.changeRegistry(ctx, call, func(own *RegistrySpec) error {
		own.Scanning = scanning
		return nil
	})
}
