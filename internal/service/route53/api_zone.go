package route53

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"apex/internal/api"
	"apex/internal/api/route53api"
	"apex/internal/arn"
	"apex/internal/service/ec2"
	"apex/internal/store"
)

// The bounds of a new zone's own records, in seconds.
const (
	nsTTL  = 172800
	soaTTL = 900
)

// privateServers stand in the NS records of private zones, which nobody asks.
var privateServers = []string{"ns-0.awsdns-00.com", "ns-512.awsdns-00.net", "ns-1024.awsdns-00.org", "ns-1536.awsdns-00.co.uk"}

// newServers returns four name servers in the form of Route 53's.
func newServers() []string {
	var out []string
	for i, domain := range []string{"com", "net", "org", "co.uk"} {
		n := i*512 + rand.IntN(512)
		out = append(out, fmt.Sprintf("ns-%d.awsdns-%02d.%s", n, n/8%64, domain))
	}
	return out
}

func (s *Service) createHostedZone(ctx context.Context, call *api.Call, in *route53api.CreateHostedZoneRequest) (*route53api.CreateHostedZoneResponse, error) {
	spec, err := newZone(in)
	if err != nil {
		return nil, err
	}
	zone := HostedZone{Key: scopeOf(call).Key(newID("Z")), Spec: spec}
	out := &route53api.CreateHostedZoneResponse{VPC: in.VPC}
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		if err := admit(tx, call, &zone, in); err != nil {
			return err
		}
		addOwnRecords(tx, &zone)
		out.ChangeInfo = record(tx, call, &zone, nil)
		out.HostedZone = describe(tx, &zone)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.DelegationSet = delegationOf(&zone)
	out.Location = api.Ptr("https://route53.amazonaws.com/2013-04-01/hostedzone/" + zone.ID())
	return out, nil
}

// newZone checks what can be checked without looking at other zones.
func newZone(in *route53api.CreateHostedZoneRequest) (ZoneSpec, error) {
	name, err := canonical(*in.Name)
	if err != nil {
		return ZoneSpec{}, route53api.NewInvalidDomainName("%s is not a valid domain name: %v", *in.Name, err)
	}
	spec := ZoneSpec{Name: name, CallerReference: *in.CallerReference, NameServers: newServers()}
	if c := in.HostedZoneConfig; c != nil {
		spec.Comment, spec.Private = c.Comment, api.Val(c.PrivateZone)
	}
	switch {
	case in.VPC != nil:
		spec.Private = true
	case spec.Private:
		return spec, route53api.NewInvalidInput("When you're creating a private hosted zone (when you specify true for PrivateZone), you must also specify values for VPCId and VPCRegion.")
	}
	if spec.Private && in.DelegationSetId != nil {
		return spec, route53api.NewInvalidInput("A private hosted zone cannot have a reusable delegation set")
	}
	if spec.Private {
		spec.NameServers = privateServers
	}
	return spec, nil
}

// admit looks at the account's other zones, the VPC and the delegation set.
func admit(tx *store.Tx, call *api.Call, zone *HostedZone, in *route53api.CreateHostedZoneRequest) error {
	for _, z := range HostedZones.Prefix(tx, scopeOf(call).Prefix()) {
		if z.Spec.CallerReference == zone.Spec.CallerReference {
			return route53api.NewHostedZoneAlreadyExists("A hosted zone has already been created with the specified caller reference.")
		}
	}
	if id := in.DelegationSetId; id != nil {
		set, ok := DelegationSets.Get(tx, scopeOf(call).Key(bareID(*id)))
		if !ok {
			return route53api.NewNoSuchDelegationSet("No delegation set found with ID: %s", bareID(*id))
		}
		zone.Spec.DelegationSet, zone.Spec.NameServers = idOf(set.Key), set.Spec.NameServers
	}
	if in.VPC == nil {
		return nil
	}
	vpc, err := ownVPC(tx, call, in.VPC)
	if err != nil {
		return err
	}
	zone.Spec.VPCs = []VPC{vpc}
	return checkConflict(tx, zone, vpc)
}

// ownVPC finds a VPC of the caller's account.
func ownVPC(r store.Reader, call *api.Call, v *route53api.VPC) (VPC, error) {
	out := VPC{Account: call.Account, Region: api.Or(v.VPCRegion, call.Region), ID: api.Val(v.VPCId)}
	if _, ok := ec2.VPCs.Get(r, arn.Scope{Account: out.Account, Region: out.Region}.Key(out.ID)); !ok {
		return out, route53api.NewInvalidVPCId("The VPC: %s in region %s that you provided is not authorized to make the association, or does not exist.", out.ID, out.Region)
	}
	return out, nil
}

// checkConflict refuses a second private zone of one name in a VPC.
func checkConflict(r store.Reader, zone *HostedZone, vpc VPC) error {
	for _, z := range HostedZones.All(r) {
		if z.Key == zone.Key || z.Spec.Name != zone.Spec.Name {
			continue
		}
		for _, v := range z.Spec.VPCs {
			if v == vpc {
				return route53api.NewConflictingDomainExists("The VPC %s in region %s has already been associated with the hosted zone %s with the same domain name.", v.ID, v.Region, z.ID())
			}
		}
	}
	return nil
}

// addOwnRecords makes the NS and SOA records that every zone has.
func addOwnRecords(tx *store.Tx, zone *HostedZone) {
	ns := route53api.ResourceRecordSet{Name: &zone.Spec.Name, Type: api.Ptr(route53api.RRTypeNs), TTL: api.Ptr[int64](nsTTL)}
	for _, server := range zone.Spec.NameServers {
		ns.ResourceRecords = append(ns.ResourceRecords, route53api.ResourceRecord{Value: api.Ptr(server + ".")})
	}
	soa := route53api.ResourceRecordSet{Name: &zone.Spec.Name, Type: api.Ptr(route53api.RRTypeSoa), TTL: api.Ptr[int64](soaTTL)}
	soa.ResourceRecords = []route53api.ResourceRecord{{Value: api.Ptr(zone.Spec.NameServers[0] + ". awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400")}}
	for _, r := range []route53api.ResourceRecordSet{ns, soa} {
		Records.Put(tx, Record{Key: recordKey(zone, &r), Spec: r})
	}
}

func describe(r store.Reader, zone *HostedZone) *route53api.HostedZone {
	count := int64(0)
	for range Records.Prefix(r, recordPrefix(zone)) {
		count++
	}
	return &route53api.HostedZone{
		Id: api.Ptr("/hostedzone/" + zone.ID()), Name: api.Ptr(zone.Spec.Name), CallerReference: api.Ptr(zone.Spec.CallerReference),
		Config:                 &route53api.HostedZoneConfig{Comment: zone.Spec.Comment, PrivateZone: api.Ptr(zone.Spec.Private)},
		ResourceRecordSetCount: &count, LinkedService: linked(zone),
	}
}

// delegationOf is a public zone's; a private one has none.
func delegationOf(zone *HostedZone) *route53api.DelegationSet {
	if zone.Spec.Private {
		return nil
	}
	set := &route53api.DelegationSet{NameServers: zone.Spec.NameServers}
	if zone.Spec.DelegationSet != "" {
		set.Id = api.Ptr("/delegationset/" + zone.Spec.DelegationSet)
	}
	return set
}

func (s *Service) getHostedZone(_ context.Context, call *api.Call, in *route53api.GetHostedZoneRequest) (*route53api.GetHostedZoneResponse, error) {
	snap := s.store.Snapshot()
	zone, err := find(snap, scopeOf(call), in.Id)
	if err != nil {
		return nil, err
	}
	return &route53api.GetHostedZoneResponse{HostedZone: describe(snap, &zone), DelegationSet: delegationOf(&zone), VPCs: vpcsOf(zone.Spec.VPCs)}, nil
}

func vpcsOf(list []VPC) (out []route53api.VPC) {
	for _, v := range list {
		out = append(out, route53api.VPC{VPCId: &v.ID, VPCRegion: &v.Region})
	}
	return out
}

func (s *Service) deleteHostedZone(ctx context.Context, call *api.Call, in *route53api.DeleteHostedZoneRequest) (*route53api.DeleteHostedZoneResponse, error) {
	out := &route53api.DeleteHostedZoneResponse{}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		zone, err := find(tx, scopeOf(call), in.Id)
		if err != nil {
			return err
		}
		if err := free(&zone); err != nil {
			return err
		}
		for key, r := range Records.Prefix(tx, recordPrefix(&zone)) {
			if !isOwn(&zone, &r.Spec) {
				return route53api.NewHostedZoneNotEmpty("The specified hosted zone contains non-required resource record sets  and so cannot be deleted.")
			}
			Records.Delete(tx, key)
		}
		for key, q := range QueryLogs.Prefix(tx, scopeOf(call).Prefix()) {
			if q.Spec.Zone == zone.ID() {
				QueryLogs.Delete(tx, key)
			}
		}
		out.ChangeInfo = record(tx, call, &zone, nil)
		out.ChangeInfo.Status = api.Ptr(route53api.ChangeStatusPending)
		HostedZones.Delete(tx, zone.Key)
		return nil
	})
	return out, err
}

// isOwn tells the records that every zone has.
func isOwn(zone *HostedZone, r *route53api.ResourceRecordSet) bool {
	return *r.Name == zone.Spec.Name && (*r.Type == route53api.RRTypeNs || *r.Type == route53api.RRTypeSoa)
}

func (s *Service) updateHostedZoneComment(ctx context.Context, call *api.Call, in *route53api.UpdateHostedZoneCommentRequest) (*route53api.UpdateHostedZoneCommentResponse, error) {
	out := &route53api.UpdateHostedZoneCommentResponse{}
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		zone, err := find(tx, scopeOf(call), in.Id)
		if err != nil {
			return err
		}
		if zone.Spec.Comment = in.Comment; strings.TrimSpace(api.Val(in.Comment)) == "" {
			zone.Spec.Comment = nil
		}
		HostedZones.Put(tx, zone)
		out.HostedZone = describe(tx, &zone)
		return nil
	})
	return out, err
}
