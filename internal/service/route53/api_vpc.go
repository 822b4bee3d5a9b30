package route53

import (
	"cmp"
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/route53api"
	"apex/internal/store"
)

// reachable finds the zone that a VPC is to be associated with: the caller's own,
// or another account's that admits the VPC.
func reachable(r store.Reader, call *api.Call, id *string, vpc VPC) (HostedZone, error) {
	if zone, err := find(r, scopeOf(call), id); err == nil {
		return zone, nil
	}
	for _, z := range HostedZones.All(r) {
		if z.ID() != bareID(api.Val(id)) {
			continue
		}
		if slices.Contains(z.Spec.VPCs, vpc) || slices.Contains(z.Spec.Authorized, VPC{Region: vpc.Region, ID: vpc.ID}) {
			return z, nil
		}
		return z, route53api.NewNotAuthorizedException("The VPC: %s has not authorized to associate with your hosted zone.", vpc.ID)
	}
	return find(r, scopeOf(call), id)
}

func (s *Service) associateVPC(ctx context.Context, call *api.Call, in *route53api.AssociateVPCWithHostedZoneRequest) (*route53api.AssociateVPCWithHostedZoneResponse, error) {
	out := &route53api.AssociateVPCWithHostedZoneResponse{}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		vpc, vpcErr := ownVPC(tx, call, in.VPC)
		zone, err := reachable(tx, call, in.HostedZoneId, vpc)
		switch {
		case err != nil:
			return err
		case !zone.Spec.Private:
			return route53api.NewPublicZoneVPCAssociation("You're trying to associate a VPC with a public hosted zone. Amazon Route 53 doesn't support associating a VPC with a public hosted zone.")
		case vpcErr != nil:
			return vpcErr
		}
		if err := checkConflict(tx, &zone, vpc); err != nil {
			return err
		}
		if slices.Contains(zone.Spec.VPCs, vpc) {
			return route53api.NewConflictingDomainExists("The VPC %s in region %s has already been associated with the hosted zone %s.", vpc.ID, vpc.Region, zone.ID())
		}
		zone.Spec.VPCs = append(slices.Clone(zone.Spec.VPCs), vpc)
		out.ChangeInfo = record(tx, call, &zone, in.Comment)
		return nil
	})
	return out, err
}

func (s *Service) disassociateVPC(ctx context.Context, call *api.Call, in *route53api.DisassociateVPCFromHostedZoneRequest) (*route53api.DisassociateVPCFromHostedZoneResponse, error) {
	out := &route53api.DisassociateVPCFromHostedZoneResponse{}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		vpc := VPC{Account: call.Account, Region: api.Or(in.VPC.VPCRegion, call.Region), ID: api.Val(in.VPC.VPCId)}
		zone, err := reachable(tx, call, in.HostedZoneId, vpc)
		if err != nil {
			return err
		}
		// The zone's owner may take away another account's VPC, too.
		at := slices.IndexFunc(zone.Spec.VPCs, func(v VPC) bool { return v.ID == vpc.ID && v.Region == vpc.Region })
		switch {
		case at < 0:
			return route53api.NewVPCAssociationNotFound("The VPC %s in region %s is not associated with the hosted zone %s.", vpc.ID, vpc.Region, zone.ID())
		case len(zone.Spec.VPCs) == 1:
			return route53api.NewLastVPCAssociation("The VPC %s is the only VPC that is associated with the hosted zone %s.", vpc.ID, zone.ID())
		}
		zone.Spec.VPCs = slices.Delete(slices.Clone(zone.Spec.VPCs), at, at+1)
		out.ChangeInfo = record(tx, call, &zone, in.Comment)
		return nil
	})
	return out, err
}

// private edits a private zone of the caller's.
func (s *Service) private(ctx context.Context, call *api.Call, id *string, edit func(*HostedZone) error) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		zone, err := find(tx, scopeOf(call), id)
		switch {
		case err != nil:
			return err
		case !zone.Spec.Private:
			return route53api.NewInvalidInput("The hosted zone %s is not a private hosted zone.", zone.ID())
		}
		if err := edit(&zone); err != nil {
			return err
		}
		HostedZones.Put(tx, zone)
		return nil
	})
}

func (s *Service) createAuthorization(ctx context.Context, call *api.Call, in *route53api.CreateVPCAssociationAuthorizationRequest) (*route53api.CreateVPCAssociationAuthorizationResponse, error) {
	vpc := VPC{Region: api.Or(in.VPC.VPCRegion, call.Region), ID: api.Val(in.VPC.VPCId)}
	if vpc.ID == "" {
		return nil, route53api.NewInvalidVPCId("The VPC ID that you specified is empty.")
	}
	err := s.private(ctx, call, in.HostedZoneId, func(z *HostedZone) error {
		if !slices.Contains(z.Spec.Authorized, vpc) {
			z.Spec.Authorized = append(slices.Clone(z.Spec.Authorized), vpc)
		}
		return nil
	})
	return &route53api.CreateVPCAssociationAuthorizationResponse{HostedZoneId: api.Ptr(bareID(*in.HostedZoneId)), VPC: in.VPC}, err
}

func (s *Service) deleteAuthorization(ctx context.Context, call *api.Call, in *route53api.DeleteVPCAssociationAuthorizationRequest) (*route53api.DeleteVPCAssociationAuthorizationResponse, error) {
	vpc := VPC{Region: api.Or(in.VPC.VPCRegion, call.Region), ID: api.Val(in.VPC.VPCId)}
	return nil, s.private(ctx, call, in.HostedZoneId, func(z *HostedZone) error {
		at := slices.Index(z.Spec.Authorized, vpc)
		if at < 0 {
			return route53api.NewVPCAssociationAuthorizationNotFound("The VPC %s is not authorized to be associated with the hosted zone %s.", vpc.ID, z.ID())
		}
		z.Spec.Authorized = slices.Delete(slices.Clone(z.Spec.Authorized), at, at+1)
		return nil
	})
}

func (s *Service) listAuthorizations(_ context.Context, call *api.Call, in *route53api.ListVPCAssociationAuthorizationsRequest) (*route53api.ListVPCAssociationAuthorizationsResponse, error) {
	zone, err := find(s.store.Snapshot(), scopeOf(call), in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	limit, err := pageSize(in.MaxResults, 50)
	if err != nil {
		return nil, err
	}
	byID := func(v *VPC) string { return v.ID }
	all := slices.SortedFunc(slices.Values(zone.Spec.Authorized), func(a, b VPC) int { return cmp.Compare(a.ID, b.ID) })
	shown, next := page(all, byID, in.NextToken, limit)
	return &route53api.ListVPCAssociationAuthorizationsResponse{HostedZoneId: api.Ptr(zone.ID()), VPCs: vpcsOf(shown), NextToken: next}, nil
}
