package route53

import (
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/route53api"
	"apex/internal/store"
)

// mostChanges bounds a batch: 1,000 elements, of which an UPSERT is two.
const mostChanges = 1000

func (s *Service) changeResourceRecordSets(ctx context.Context, call *api.Call, in *route53api.ChangeResourceRecordSetsRequest) (*route53api.ChangeResourceRecordSetsResponse, error) {
	info, err := s.change(ctx, call, in.HostedZoneId, in.ChangeBatch.Comment, func(tx *store.Tx, zone *HostedZone) error {
		if weightOf(in.ChangeBatch.Changes) > mostChanges {
			return route53api.NewInvalidChangeBatch("[Number of records limit of %d exceeded.]", mostChanges)
		}
		b := batch{tx: tx, zone: zone}
		return b.run(in.ChangeBatch.Changes)
	})
	return &route53api.ChangeResourceRecordSetsResponse{ChangeInfo: info}, err
}

func weightOf(changes []route53api.Change) (n int) {
	for _, c := range changes {
		size := max(len(c.ResourceRecordSet.ResourceRecords), 1)
		if *c.Action == route53api.ChangeActionUpsert {
			size *= 2
		}
		n += size
	}
	return n
}

func (s *Service) getChange(_ context.Context, call *api.Call, in *route53api.GetChangeRequest) (*route53api.GetChangeResponse, error) {
	snap := s.store.Snapshot()
	c, ok := Changes.Get(snap, scopeOf(call).Key(bareID(*in.Id)))
	if !ok {
		return nil, route53api.NewNoSuchChange("Could not find resource with ID: %s", bareID(*in.Id))
	}
	return &route53api.GetChangeResponse{ChangeInfo: infoOf(snap, &c)}, nil
}

func (s *Service) listResourceRecordSets(_ context.Context, call *api.Call, in *route53api.ListResourceRecordSetsRequest) (*route53api.ListResourceRecordSetsResponse, error) {
	limit, err := pageSize(in.MaxItems, mostRecords)
	if err != nil {
		return nil, err
	}
	snap := s.store.Snapshot()
	zone, err := find(snap, scopeOf(call), in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	start, err := startOf(&zone, in)
	if err != nil {
		return nil, err
	}
	out := &route53api.ListResourceRecordSetsResponse{ResourceRecordSets: []route53api.ResourceRecordSet{}, IsTruncated: api.Ptr(false), MaxItems: countText(limit)}
	for key, r := range Records.Prefix(snap, recordPrefix(&zone)) {
		if key < start {
			continue
		}
		if len(out.ResourceRecordSets) == limit {
			out.IsTruncated = api.Ptr(true)
			out.NextRecordName, out.NextRecordType, out.NextRecordIdentifier = r.Spec.Name, r.Spec.Type, r.Spec.SetIdentifier
			break
		}
		out.ResourceRecordSets = append(out.ResourceRecordSets, r.Spec)
	}
	return out, nil
}

// startOf returns the key that a page begins at.
func startOf(zone *HostedZone, in *route53api.ListResourceRecordSetsRequest) (string, error) {
	switch {
	case in.StartRecordName == nil && in.StartRecordType != nil:
		return "", route53api.NewInvalidInput("StartRecordType cannot be given without StartRecordName")
	case in.StartRecordType == nil && in.StartRecordIdentifier != nil:
		return "", route53api.NewInvalidInput("StartRecordIdentifier cannot be given without StartRecordName and StartRecordType")
	case in.StartRecordName == nil:
		return "", nil
	}
	name, err := canonical(*in.StartRecordName)
	if err != nil {
		return "", route53api.NewInvalidInput("The domain name %s is not valid: %v", *in.StartRecordName, err)
	}
	return recordKey(zone, &route53api.ResourceRecordSet{
		Name: &name, Type: api.Ptr(api.Val(in.StartRecordType)), SetIdentifier: in.StartRecordIdentifier,
	}), nil
}

func (s *Service) testDNSAnswer(_ context.Context, call *api.Call, in *route53api.TestDNSAnswerRequest) (*route53api.TestDNSAnswerResponse, error) {
	snap := s.store.Snapshot()
	zone, err := find(snap, scopeOf(call), in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	name, err := canonical(*in.RecordName)
	if err != nil || !within(name, zone.Spec.Name) {
		return nil, route53api.NewInvalidInput("The record name %s does not lie in the hosted zone %s", *in.RecordName, zone.Spec.Name)
	}
	code, data := domainOf(snap, &zone, call.Region).Ask(wire(name), *in.RecordType)
	slices.Sort(data)
	return &route53api.TestDNSAnswerResponse{
		Nameserver: api.Ptr(zone.Spec.NameServers[0]), RecordName: in.RecordName, RecordType: in.RecordType,
		RecordData: append([]string{}, data...), ResponseCode: &code, Protocol: api.Ptr("UDP"),
	}, nil
}
