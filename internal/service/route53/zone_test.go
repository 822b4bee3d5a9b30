package route53_test

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"apex/internal/service/ec2"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if got := servicetest.Code(err); got != code {
		t.Errorf("answered %q, want %q (%v)", got, code, err)
	}
}

func TestZoneLife(t *testing.T) {
	w := newWorld(t)
	in := &sdk.CreateHostedZoneInput{Name: aws.String("Example.COM"), CallerReference: aws.String("once"), HostedZoneConfig: &types.HostedZoneConfig{Comment: aws.String("ours")}}
	made, err := w.CreateHostedZone(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if *made.HostedZone.Name != "example.com." || *made.HostedZone.ResourceRecordSetCount != 2 || len(made.DelegationSet.NameServers) != 4 || made.Location == nil {
		t.Errorf("made %+v %+v", made.HostedZone, made.DelegationSet)
	}
	w.synced(t, made.ChangeInfo)
	_, err = w.CreateHostedZone(t.Context(), in)
	wantCode(t, err, "HostedZoneAlreadyExists")
	_, err = w.CreateHostedZone(t.Context(), &sdk.CreateHostedZoneInput{Name: aws.String("a..b"), CallerReference: aws.String("x")})
	wantCode(t, err, "InvalidDomainName")

	id := made.HostedZone.Id
	got, err := w.GetHostedZone(t.Context(), &sdk.GetHostedZoneInput{Id: id})
	if err != nil || *got.HostedZone.Config.Comment != "ours" || got.HostedZone.Config.PrivateZone || !slices.Equal(got.DelegationSet.NameServers, made.DelegationSet.NameServers) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := w.UpdateHostedZoneComment(t.Context(), &sdk.UpdateHostedZoneCommentInput{Id: id, Comment: aws.String("new")}); err != nil {
		t.Error(err)
	}
	_, err = w.ChangeTagsForResource(t.Context(), &sdk.ChangeTagsForResourceInput{ResourceType: types.TagResourceTypeHostedzone, ResourceId: aws.String((*id)[len("/hostedzone/"):]), AddTags: []types.Tag{{Key: aws.String("team"), Value: aws.String("web")}}})
	if err != nil {
		t.Error(err)
	}
	tags, err := w.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceType: types.TagResourceTypeHostedzone, ResourceId: aws.String((*id)[len("/hostedzone/"):])})
	if err != nil || len(tags.ResourceTagSet.Tags) != 1 || *tags.ResourceTagSet.Tags[0].Value != "web" {
		t.Errorf("tags %+v, %v", tags, err)
	}

	w.mustChange(t, *id, plain(types.ChangeActionCreate, "www.example.com", types.RRTypeA, "192.0.2.1"))
	_, err = w.DeleteHostedZone(t.Context(), &sdk.DeleteHostedZoneInput{Id: id})
	wantCode(t, err, "HostedZoneNotEmpty")
	w.mustChange(t, *id, plain(types.ChangeActionDelete, "www.example.com", types.RRTypeA, "192.0.2.1"))
	gone, err := w.DeleteHostedZone(t.Context(), &sdk.DeleteHostedZoneInput{Id: id})
	if err != nil {
		t.Fatal(err)
	}
	w.synced(t, gone.ChangeInfo)
	_, err = w.GetHostedZone(t.Context(), &sdk.GetHostedZoneInput{Id: id})
	wantCode(t, err, "NoSuchHostedZone")
}

func TestPrivateZoneIsSeenByItsVPCs(t *testing.T) {
	w := newWorld(t)
	first, second := w.vpc(t, "vpc-1"), w.vpc(t, "vpc-2")
	zone := w.zone(t, "corp.internal", first)
	id := zone[len("/hostedzone/"):]
	seenBy := func(snap store.Snapshot) []string {
		z, _ := ec2.Zones.Get(snap, scope.Key(id))
		return z.Spec.VPCs
	}
	if got := seenBy(w.env.Store.Snapshot()); !slices.Equal(got, []string{"vpc-1"}) {
		t.Errorf("seen by %v", got)
	}
	_, err := w.CreateHostedZone(t.Context(), &sdk.CreateHostedZoneInput{Name: aws.String("corp.internal"), CallerReference: aws.String("again"), VPC: first})
	wantCode(t, err, "ConflictingDomainExists")
	_, err = w.CreateHostedZone(t.Context(), &sdk.CreateHostedZoneInput{Name: aws.String("x.internal"), CallerReference: aws.String("y"), VPC: &types.VPC{VPCId: aws.String("vpc-9"), VPCRegion: types.VPCRegionUsEast1}})
	wantCode(t, err, "InvalidVPCId")

	_, err = w.DisassociateVPCFromHostedZone(t.Context(), &sdk.DisassociateVPCFromHostedZoneInput{HostedZoneId: &id, VPC: first})
	wantCode(t, err, "LastVPCAssociation")
	_, err = w.DisassociateVPCFromHostedZone(t.Context(), &sdk.DisassociateVPCFromHostedZoneInput{HostedZoneId: &id, VPC: second})
	wantCode(t, err, "VPCAssociationNotFound")
	joined, err := w.AssociateVPCWithHostedZone(t.Context(), &sdk.AssociateVPCWithHostedZoneInput{HostedZoneId: &id, VPC: second})
	if err != nil {
		t.Fatal(err)
	}
	w.synced(t, joined.ChangeInfo)
	if got := seenBy(w.env.Store.Snapshot()); !slices.Equal(got, []string{"vpc-1", "vpc-2"}) {
		t.Errorf("seen by %v", got)
	}
	byVPC, err := w.ListHostedZonesByVPC(t.Context(), &sdk.ListHostedZonesByVPCInput{VPCId: second.VPCId, VPCRegion: second.VPCRegion})
	if err != nil || len(byVPC.HostedZoneSummaries) != 1 || *byVPC.HostedZoneSummaries[0].Owner.OwningAccount != servicetest.Account {
		t.Errorf("by VPC: %+v, %v", byVPC, err)
	}
	got, err := w.GetHostedZone(t.Context(), &sdk.GetHostedZoneInput{Id: &id})
	if err != nil || len(got.VPCs) != 2 || got.DelegationSet != nil || !got.HostedZone.Config.PrivateZone {
		t.Errorf("got %+v, %v", got, err)
	}
	w.mustDelete(t, id)
	servicetest.Await(t, w.env, "zone taken away", func(snap store.Snapshot) bool { return ec2.Zones.Len(snap) == 0 })
}

func (w *world) mustDelete(t *testing.T, id string) {
	t.Helper()
	if _, err := w.DeleteHostedZone(t.Context(), &sdk.DeleteHostedZoneInput{Id: &id}); err != nil {
		t.Fatal(err)
	}
}

func TestAuthorizations(t *testing.T) {
	w := newWorld(t)
	zone := w.zone(t, "corp.internal", w.vpc(t, "vpc-1"))
	public := w.zone(t, "example.com", nil)
	other := &types.VPC{VPCId: aws.String("vpc-other"), VPCRegion: types.VPCRegionUsWest2}
	_, err := w.DeleteVPCAssociationAuthorization(t.Context(), &sdk.DeleteVPCAssociationAuthorizationInput{HostedZoneId: &zone, VPC: other})
	wantCode(t, err, "VPCAssociationAuthorizationNotFound")
	for range 2 { // as often as one likes
		if _, err := w.CreateVPCAssociationAuthorization(t.Context(), &sdk.CreateVPCAssociationAuthorizationInput{HostedZoneId: &zone, VPC: other}); err != nil {
			t.Fatal(err)
		}
	}
	list, err := w.ListVPCAssociationAuthorizations(t.Context(), &sdk.ListVPCAssociationAuthorizationsInput{HostedZoneId: &zone})
	if err != nil || len(list.VPCs) != 1 || *list.VPCs[0].VPCId != "vpc-other" {
		t.Errorf("authorized %+v, %v", list, err)
	}
	if _, err = w.DeleteVPCAssociationAuthorization(t.Context(), &sdk.DeleteVPCAssociationAuthorizationInput{HostedZoneId: &zone, VPC: other}); err != nil {
		t.Error(err)
	}
	_, err = w.AssociateVPCWithHostedZone(t.Context(), &sdk.AssociateVPCWithHostedZoneInput{HostedZoneId: &public, VPC: w.vpc(t, "vpc-1")})
	wantCode(t, err, "PublicZoneVPCAssociation")
}

func TestListsOfZones(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"b.example", "a.example", "example", "a.test"} {
		w.zone(t, name, nil)
	}
	var names []string
	in := &sdk.ListHostedZonesByNameInput{MaxItems: aws.Int32(1)}
	for {
		out, err := w.ListHostedZonesByName(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, z := range out.HostedZones {
			names = append(names, *z.Name)
		}
		if !out.IsTruncated {
			break
		}
		in.DNSName, in.HostedZoneId = out.NextDNSName, out.NextHostedZoneId
	}
	if want := []string{"example.", "a.example.", "b.example.", "a.test."}; !slices.Equal(names, want) {
		t.Errorf("by name: %v", names)
	}
	found := map[string]bool{}
	pages := sdk.NewListHostedZonesPaginator(w, &sdk.ListHostedZonesInput{MaxItems: aws.Int32(3)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, z := range page.HostedZones {
			found[*z.Id] = true
		}
	}
	if count, err := w.GetHostedZoneCount(t.Context(), nil); err != nil || *count.HostedZoneCount != 4 || len(found) != 4 {
		t.Errorf("%v zones, paged %d: %v", count, len(found), err)
	}
}

func TestDelegationSets(t *testing.T) {
	w := newWorld(t)
	set, err := w.CreateReusableDelegationSet(t.Context(), &sdk.CreateReusableDelegationSetInput{CallerReference: aws.String("s")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.CreateReusableDelegationSet(t.Context(), &sdk.CreateReusableDelegationSetInput{CallerReference: aws.String("s")})
	wantCode(t, err, "DelegationSetAlreadyCreated")
	zone, err := w.CreateHostedZone(t.Context(), &sdk.CreateHostedZoneInput{Name: aws.String("example.com"), CallerReference: aws.String("z"), DelegationSetId: set.DelegationSet.Id})
	if err != nil || !slices.Equal(zone.DelegationSet.NameServers, set.DelegationSet.NameServers) || *zone.DelegationSet.Id != *set.DelegationSet.Id {
		t.Fatalf("made %+v, %v", zone, err)
	}
	_, err = w.DeleteReusableDelegationSet(t.Context(), &sdk.DeleteReusableDelegationSetInput{Id: set.DelegationSet.Id})
	wantCode(t, err, "DelegationSetInUse")
	w.mustDelete(t, *zone.HostedZone.Id)
	if _, err = w.DeleteReusableDelegationSet(t.Context(), &sdk.DeleteReusableDelegationSetInput{Id: set.DelegationSet.Id}); err != nil {
		t.Error(err)
	}
	_, err = w.GetReusableDelegationSet(t.Context(), &sdk.GetReusableDelegationSetInput{Id: set.DelegationSet.Id})
	wantCode(t, err, "NoSuchDelegationSet")
}
