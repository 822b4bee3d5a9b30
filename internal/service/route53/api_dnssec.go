package route53

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/route53api"
)

func (s *Service) getDNSSEC(_ context.Context, call *api.Call, in *route53api.GetDNSSECRequest) (*route53api.GetDNSSECResponse, error) {
	if _, err := find(s.store.Snapshot(), scopeOf(call), in.HostedZoneId); err != nil {
		return nil, err
	}
	return &route53api.GetDNSSECResponse{Status: &route53api.DNSSECStatus{ServeSignature: api.Ptr("NOT_SIGNING")}, KeySigningKeys: []route53api.KeySigningKey{}}, nil
}

// unsigned refuses what would sign a zone.
func (s *Service) unsigned(call *api.Call, zone *string) error {
	if _, err := find(s.store.Snapshot(), scopeOf(call), zone); err != nil {
		return err
	}
	return route53api.NewInvalidArgument("DNSSEC signing is not built: the zones of this region are not signed")
}

func (s *Service) enableDNSSEC(_ context.Context, call *api.Call, in *route53api.EnableHostedZoneDNSSECRequest) (*route53api.EnableHostedZoneDNSSECResponse, error) {
	return nil, s.unsigned(call, in.HostedZoneId)
}

func (s *Service) disableDNSSEC(_ context.Context, call *api.Call, in *route53api.DisableHostedZoneDNSSECRequest) (*route53api.DisableHostedZoneDNSSECResponse, error) {
	return nil, s.unsigned(call, in.HostedZoneId)
}

func (s *Service) createKeySigningKey(_ context.Context, call *api.Call, in *route53api.CreateKeySigningKeyRequest) (*route53api.CreateKeySigningKeyResponse, error) {
	return nil, s.unsigned(call, in.HostedZoneId)
}
