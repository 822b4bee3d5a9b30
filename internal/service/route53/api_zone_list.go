package route53

import (
	"cmp"
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/route53api"
	"apex/internal/store"
)

// The most that one page of a list has.
const (
	mostZones   = 100
	mostRecords = 300
	mostChecks  = 1000
)

// The quotas of an account, which are not enforced.
const (
	quotaZones   = 500
	quotaChecks  = 200
	quotaSets    = 100
	quotaRecords = 10000
	quotaVPCs    = 300
)

func zonesOf(r store.Reader, call *api.Call, keep func(*HostedZone) bool) []HostedZone {
	var found []HostedZone
	for _, z := range HostedZones.Prefix(r, scopeOf(call).Prefix()) {
		if keep(&z) {
			found = append(found, z)
		}
	}
	return found
}

func (s *Service) listHostedZones(_ context.Context, call *api.Call, in *route53api.ListHostedZonesRequest) (*route53api.ListHostedZonesResponse, error) {
	limit, err := pageSize(in.MaxItems, mostZones)
	if err != nil {
		return nil, err
	}
	snap := s.store.Snapshot()
	if in.Marker != nil {
		if _, err := find(snap, scopeOf(call), in.Marker); err != nil {
			return nil, route53api.NewInvalidInput("Marker %s is not the ID of a hosted zone", *in.Marker)
		}
	}
	zones := zonesOf(snap, call, func(z *HostedZone) bool {
		return (in.DelegationSetId == nil || z.Spec.DelegationSet == bareID(*in.DelegationSetId)) &&
			(in.HostedZoneType == nil || z.Spec.Private)
	})
	shown, next := page(zones, (*HostedZone).ID, in.Marker, limit)
	out := &route53api.ListHostedZonesResponse{
		HostedZones: []route53api.HostedZone{}, Marker: in.Marker, NextMarker: next, IsTruncated: api.Ptr(next != nil), MaxItems: countText(limit),
	}
	for i := range shown {
		out.HostedZones = append(out.HostedZones, *describe(snap, &shown[i]))
	}
	return out, nil
}

func (s *Service) listHostedZonesByName(_ context.Context, call *api.Call, in *route53api.ListHostedZonesByNameRequest) (*route53api.ListHostedZonesByNameResponse, error) {
	limit, err := pageSize(in.MaxItems, mostZones)
	if err != nil {
		return nil, err
	}
	if in.HostedZoneId != nil && in.DNSName == nil {
		return nil, route53api.NewInvalidInput("HostedZoneId cannot be given without DNSName")
	}
	var start *string
	if in.DNSName != nil {
		name, err := canonical(*in.DNSName)
		if err != nil {
			return nil, route53api.NewInvalidDomainName("%s is not a valid domain name: %v", *in.DNSName, err)
		}
		start = api.Ptr(reversed(name) + " " + bareID(api.Val(in.HostedZoneId)))
	}
	snap := s.store.Snapshot()
	byName := func(z *HostedZone) string { return reversed(z.Spec.Name) + " " + z.ID() }
	zones := zonesOf(snap, call, func(*HostedZone) bool { return true })
	slices.SortFunc(zones, func(a, b HostedZone) int { return cmp.Compare(byName(&a), byName(&b)) })
	shown, next := page(zones, byName, start, limit)
	out := &route53api.ListHostedZonesByNameResponse{
		HostedZones: []route53api.HostedZone{}, DNSName: in.DNSName, HostedZoneId: in.HostedZoneId, IsTruncated: api.Ptr(next != nil), MaxItems: countText(limit),
	}
	for i := range shown {
		out.HostedZones = append(out.HostedZones, *describe(snap, &shown[i]))
	}
	if next != nil {
		after := zones[slices.IndexFunc(zones, func(z HostedZone) bool { return byName(&z) == *next })]
		out.NextDNSName, out.NextHostedZoneId = api.Ptr(after.Spec.Name), api.Ptr(after.ID())
	}
	return out, nil
}

func (s *Service) listHostedZonesByVPC(_ context.Context, call *api.Call, in *route53api.ListHostedZonesByVPCRequest) (*route53api.ListHostedZonesByVPCResponse, error) {
	limit, err := pageSize(in.MaxItems, mostZones)
	if err != nil {
		return nil, err
	}
	snap := s.store.Snapshot()
	if _, err := ownVPC(snap, call, &route53api.VPC{VPCId: in.VPCId, VPCRegion: in.VPCRegion}); err != nil {
		return nil, route53api.NewInvalidInput("The VPC %s in region %s does not exist.", *in.VPCId, *in.VPCRegion)
	}
	var zones []HostedZone
	for _, z := range HostedZones.All(snap) {
		if slices.Contains(z.Spec.VPCs, VPC{Account: call.Account, Region: *in.VPCRegion, ID: *in.VPCId}) {
			zones = append(zones, z)
		}
	}
	shown, next := page(zones, func(z *HostedZone) string { return z.Key }, in.NextToken, limit)
	out := &route53api.ListHostedZonesByVPCResponse{HostedZoneSummaries: []route53api.HostedZoneSummary{}, MaxItems: countText(limit), NextToken: next}
	for _, z := range shown {
		account := compiler{zone: &z}.account()
		out.HostedZoneSummaries = append(out.HostedZoneSummaries, route53api.HostedZoneSummary{
			HostedZoneId: api.Ptr(z.ID()), Name: api.Ptr(z.Spec.Name), Owner: &route53api.HostedZoneOwner{OwningAccount: &account},
		})
	}
	return out, nil
}

func (s *Service) getHostedZoneCount(_ context.Context, call *api.Call, _ *route53api.GetHostedZoneCountRequest) (*route53api.GetHostedZoneCountResponse, error) {
	zones := zonesOf(s.store.Snapshot(), call, func(*HostedZone) bool { return true })
	return &route53api.GetHostedZoneCountResponse{HostedZoneCount: api.Ptr(int64(len(zones)))}, nil
}

func (s *Service) getHostedZoneLimit(_ context.Context, call *api.Call, in *route53api.GetHostedZoneLimitRequest) (*route53api.GetHostedZoneLimitResponse, error) {
	snap := s.store.Snapshot()
	zone, err := find(snap, scopeOf(call), in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	value, count := int64(quotaRecords), *describe(snap, &zone).ResourceRecordSetCount
	if *in.Type == route53api.HostedZoneLimitTypeMaxVpcsAssociatedByZone {
		if !zone.Spec.Private {
			return nil, route53api.NewHostedZoneNotPrivate("The hosted zone %s is not a private hosted zone.", zone.ID())
		}
		value, count = quotaVPCs, int64(len(zone.Spec.VPCs))
	}
	return &route53api.GetHostedZoneLimitResponse{Limit: &route53api.HostedZoneLimit{Type: in.Type, Value: &value}, Count: &count}, nil
}

func (s *Service) getAccountLimit(_ context.Context, call *api.Call, in *route53api.GetAccountLimitRequest) (*route53api.GetAccountLimitResponse, error) {
	snap, prefix := s.store.Snapshot(), scopeOf(call).Prefix()
	value, count := int64(0), int64(0)
	switch *in.Type {
	case route53api.AccountLimitTypeMaxHostedZonesByOwner:
		value, count = quotaZones, countOf(HostedZones, snap, prefix)
	case route53api.AccountLimitTypeMaxHealthChecksByOwner:
		value, count = quotaChecks, countOf(HealthChecks, snap, prefix)
	case route53api.AccountLimitTypeMaxReusableDelegationSetsByOwner:
		value, count = quotaSets, countOf(DelegationSets, snap, prefix)
	}
	return &route53api.GetAccountLimitResponse{Limit: &route53api.AccountLimit{Type: in.Type, Value: &value}, Count: &count}, nil
}

func countOf[T any](table *store.Table[T], r store.Reader, prefix string) (n int64) {
	for range table.Prefix(r, prefix) {
		n++
	}
	return n
}
