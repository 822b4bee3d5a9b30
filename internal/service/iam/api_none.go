package iam

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/iamapi"
)

// noneRoutes list what nobody has in this region: Terraform and the aws CLI ask
// for all of it before they delete a user.
func (s *Service) noneRoutes() []api.Route {
	const none = "there are none"
	return []api.Route{
		iamapi.ListMFADevices.Handle(s.listMFADevices).Limited(none),
		iamapi.ListVirtualMFADevices.Handle(func(context.Context, *api.Call, *iamapi.ListVirtualMFADevicesRequest) (*iamapi.ListVirtualMFADevicesResponse, error) {
			return &iamapi.ListVirtualMFADevicesResponse{VirtualMFADevices: []iamapi.VirtualMFADevice{}, IsTruncated: api.Ptr(false)}, nil
		}).Limited(none),
		iamapi.ListSSHPublicKeys.Handle(func(context.Context, *api.Call, *iamapi.ListSSHPublicKeysRequest) (*iamapi.ListSSHPublicKeysResponse, error) {
			return &iamapi.ListSSHPublicKeysResponse{SSHPublicKeys: []iamapi.SSHPublicKeyMetadata{}, IsTruncated: api.Ptr(false)}, nil
		}).Limited(none),
		iamapi.ListSigningCertificates.Handle(func(context.Context, *api.Call, *iamapi.ListSigningCertificatesRequest) (*iamapi.ListSigningCertificatesResponse, error) {
			return &iamapi.ListSigningCertificatesResponse{Certificates: []iamapi.SigningCertificate{}, IsTruncated: api.Ptr(false)}, nil
		}).Limited(none),
		iamapi.ListServiceSpecificCredentials.Handle(func(context.Context, *api.Call, *iamapi.ListServiceSpecificCredentialsRequest) (*iamapi.ListServiceSpecificCredentialsResponse, error) {
			return &iamapi.ListServiceSpecificCredentialsResponse{ServiceSpecificCredentials: []iamapi.ServiceSpecificCredentialMetadata{}}, nil
		}).Limited(none),
		iamapi.ListServerCertificates.Handle(func(context.Context, *api.Call, *iamapi.ListServerCertificatesRequest) (*iamapi.ListServerCertificatesResponse, error) {
			return &iamapi.ListServerCertificatesResponse{ServerCertificateMetadataList: []iamapi.ServerCertificateMetadata{}, IsTruncated: api.Ptr(false)}, nil
		}).Limited(none),
		iamapi.ListSAMLProviders.Handle(func(context.Context, *api.Call, *iamapi.ListSAMLProvidersRequest) (*iamapi.ListSAMLProvidersResponse, error) {
			return &iamapi.ListSAMLProvidersResponse{SAMLProviderList: []iamapi.SAMLProviderListEntry{}}, nil
		}).Limited(none),
	}
}

func (s *Service) listMFADevices(_ context.Context, call *api.Call, in *iamapi.ListMFADevicesRequest) (*iamapi.ListMFADevicesResponse, error) {
	if in.UserName != nil {
		if _, err := users.find(s.store.Snapshot(), call, *in.UserName); err != nil {
			return nil, err
		}
	}
	return &iamapi.ListMFADevicesResponse{MFADevices: []iamapi.MFADevice{}, IsTruncated: api.Ptr(false)}, nil
}
