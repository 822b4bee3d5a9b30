package route53

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/route53api"
	"apex/internal/store"
)

func findSet(r store.Reader, call *api.Call, id *string) (DelegationSet, error) {
	d, ok := DelegationSets.Get(r, scopeOf(call).Key(bareID(api.Val(id))))
	if !ok {
		return d, route53api.NewNoSuchDelegationSet("No delegation set found with ID: %s", bareID(api.Val(id)))
	}
	return d, nil
}

func describeSet(d *DelegationSet) *route53api.DelegationSet {
	return &route53api.DelegationSet{Id: api.Ptr("/delegationset/" + idOf(d.Key)), CallerReference: &d.Spec.CallerReference, NameServers: d.Spec.NameServers}
}

func (s *Service) createDelegationSet(ctx context.Context, call *api.Call, in *route53api.CreateReusableDelegationSetRequest) (*route53api.CreateReusableDelegationSetResponse, error) {
	made := DelegationSet{Key: scopeOf(call).Key(newID("N")), Spec: DelegationSetSpec{CallerReference: *in.CallerReference, NameServers: newServers()}}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		for _, d := range DelegationSets.Prefix(tx, scopeOf(call).Prefix()) {
			if d.Spec.CallerReference == *in.CallerReference {
				return route53api.NewDelegationSetAlreadyCreated("A delegation set with the same owner and caller reference combination has already been created.")
			}
		}
		if in.HostedZoneId != nil {
			zone, err := find(tx, scopeOf(call), in.HostedZoneId)
			switch {
			case err != nil:
				return route53api.NewHostedZoneNotFound("The hosted zone %s was not found.", *in.HostedZoneId)
			case zone.Spec.Private:
				return route53api.NewInvalidArgument("The hosted zone %s is private.", zone.ID())
			case zone.Spec.DelegationSet != "":
				return route53api.NewDelegationSetAlreadyReusable("The delegation set of the hosted zone %s is already reusable.", zone.ID())
			}
			made.Spec.NameServers, zone.Spec.DelegationSet = zone.Spec.NameServers, idOf(made.Key)
			HostedZones.Put(tx, zone)
		}
		DelegationSets.Put(tx, made)
		return nil
	})
	location := api.Ptr("https://route53.amazonaws.com/2013-04-01/delegationset/" + idOf(made.Key))
	return &route53api.CreateReusableDelegationSetResponse{DelegationSet: describeSet(&made), Location: location}, err
}

func (s *Service) getDelegationSet(_ context.Context, call *api.Call, in *route53api.GetReusableDelegationSetRequest) (*route53api.GetReusableDelegationSetResponse, error) {
	d, err := findSet(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &route53api.GetReusableDelegationSetResponse{DelegationSet: describeSet(&d)}, nil
}

// zonesWith counts the zones that use a delegation set.
func zonesWith(r store.Reader, call *api.Call, id string) int {
	return len(zonesOf(r, call, func(z *HostedZone) bool { return z.Spec.DelegationSet == id }))
}

func (s *Service) deleteDelegationSet(ctx context.Context, call *api.Call, in *route53api.DeleteReusableDelegationSetRequest) (*route53api.DeleteReusableDelegationSetResponse, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		d, err := findSet(tx, call, in.Id)
		switch {
		case err != nil:
			return err
		case zonesWith(tx, call, idOf(d.Key)) > 0:
			return route53api.NewDelegationSetInUse("The delegation set %s is used by a hosted zone.", idOf(d.Key))
		}
		DelegationSets.Delete(tx, d.Key)
		return nil
	})
}

func (s *Service) listDelegationSets(_ context.Context, call *api.Call, in *route53api.ListReusableDelegationSetsRequest) (*route53api.ListReusableDelegationSetsResponse, error) {
	limit, err := pageSize(in.MaxItems, mostZones)
	if err != nil {
		return nil, err
	}
	var all []DelegationSet
	for _, d := range DelegationSets.Prefix(s.store.Snapshot(), scopeOf(call).Prefix()) {
		all = append(all, d)
	}
	shown, next := page(all, func(d *DelegationSet) string { return idOf(d.Key) }, in.Marker, limit)
	out := &route53api.ListReusableDelegationSetsResponse{
		DelegationSets: []route53api.DelegationSet{}, Marker: api.Ptr(api.Val(in.Marker)), NextMarker: next, IsTruncated: api.Ptr(next != nil), MaxItems: countText(limit),
	}
	for i := range shown {
		out.DelegationSets = append(out.DelegationSets, *describeSet(&shown[i]))
	}
	return out, nil
}

func (s *Service) getDelegationSetLimit(_ context.Context, call *api.Call, in *route53api.GetReusableDelegationSetLimitRequest) (*route53api.GetReusableDelegationSetLimitResponse, error) {
	snap := s.store.Snapshot()
	d, err := findSet(snap, call, in.DelegationSetId)
	if err != nil {
		return nil, err
	}
	return &route53api.GetReusableDelegationSetLimitResponse{
		Limit: &route53api.ReusableDelegationSetLimit{Type: in.Type, Value: api.Ptr[int64](quotaZones)},
		Count: api.Ptr(int64(zonesWith(snap, call, idOf(d.Key)))),
	}, nil
}
