package route53_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"apex/internal/api/elbv2api"
	"apex/internal/service/elbv2"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

const (
	create = types.ChangeActionCreate
	upsert = types.ChangeActionUpsert
	remove = types.ChangeActionDelete
)

func TestBatchIsAllOrNothing(t *testing.T) {
	w := newWorld(t)
	zone := w.zone(t, "example.com", nil)
	err := w.change(t, zone,
		plain(create, "a.example.com", types.RRTypeA, "192.0.2.1"),
		plain(create, "b.example.com", types.RRTypeA, "192.0.2.999"))
	wantCode(t, err, "InvalidChangeBatch")
	if got := w.answers(t, zone, "a.example.com", types.RRTypeA); !slices.Equal(got, []string{"NXDOMAIN"}) {
		t.Errorf("after a refused batch: %v", got)
	}
	w.mustChange(t, zone, plain(create, "a.example.com", types.RRTypeA, "192.0.2.1"), plain(create, "t.example.com", types.RRTypeTxt, `"one" "t\"wo"`))
	w.mustChange(t, zone, plain(upsert, "A.example.com.", types.RRTypeA, "192.0.2.2"), plain(remove, "t.example.com", types.RRTypeTxt, `"one" "t\"wo"`))
	if got := w.answers(t, zone, "a.example.com", types.RRTypeA); !slices.Equal(got, []string{"192.0.2.2"}) {
		t.Errorf("after an upsert: %v", got)
	}
}

func TestRefusedChanges(t *testing.T) {
	w := newWorld(t)
	zone := w.zone(t, "example.com", nil)
	w.mustChange(t, zone, plain(create, "a.example.com", types.RRTypeA, "192.0.2.1"),
		with(plain(create, "w.example.com", types.RRTypeA, "192.0.2.1"), weight("one", 1)))
	for name, tt := range map[string]struct {
		change types.Change
		code   string
		says   string
	}{
		"exists":            {plain(create, "a.example.com", types.RRTypeA, "192.0.2.1"), "InvalidChangeBatch", "but it already exists"},
		"absent":            {plain(remove, "x.example.com", types.RRTypeA, "192.0.2.1"), "InvalidChangeBatch", "but it was not found"},
		"other values":      {plain(remove, "a.example.com", types.RRTypeA, "192.0.2.2"), "InvalidChangeBatch", "do not match the current values"},
		"outside":           {plain(create, "a.example.org", types.RRTypeA, "192.0.2.1"), "InvalidChangeBatch", "is not permitted in zone"},
		"CNAME at the apex": {plain(create, "example.com", types.RRTypeCname, "a.example.org"), "InvalidChangeBatch", "not permitted at apex"},
		"CNAME beside A":    {plain(create, "a.example.com", types.RRTypeCname, "b.example.com"), "InvalidChangeBatch", "conflicts with other records"},
		"two CNAMEs":        {plain(create, "c.example.com", types.RRTypeCname, "b.example.com", "d.example.com"), "InvalidChangeBatch", "CannotHaveMultipleValues"},
		"twice the same":    {plain(create, "d.example.com", types.RRTypeA, "192.0.2.1", "192.0.2.1"), "InvalidChangeBatch", "Duplicate"},
		"last NS":           {plain(remove, "example.com", types.RRTypeNs, "ns.example.org"), "InvalidChangeBatch", "at least one NS"},
		"SOA":               {plain(remove, "example.com", types.RRTypeSoa, "x"), "InvalidChangeBatch", "exactly one SOA"},
		"text unquoted":     {plain(create, "t.example.com", types.RRTypeTxt, "hello"), "InvalidChangeBatch", "quotation marks"},
		"no values":         {plain(create, "n.example.com", types.RRTypeA), "InvalidInput", "but found none"},
		"no identifier":     {with(plain(create, "n.example.com", types.RRTypeA, "192.0.2.1"), func(r *types.ResourceRecordSet) { r.Weight = aws.Int64(1) }), "InvalidInput", "SetIdentifier"},
		"no policy":         {with(plain(create, "n.example.com", types.RRTypeA, "192.0.2.1"), func(r *types.ResourceRecordSet) { r.SetIdentifier = aws.String("x") }), "InvalidInput", "but found none"},
		"two policies": {with(plain(create, "n.example.com", types.RRTypeA, "192.0.2.1"), func(r *types.ResourceRecordSet) {
			r.SetIdentifier, r.Weight, r.Failover = aws.String("x"), aws.Int64(1), types.ResourceRecordSetFailoverPrimary
		}), "InvalidInput", "at most one"},
		"another policy":   {with(plain(create, "w.example.com", types.RRTypeA, "192.0.2.2"), failover("two", types.ResourceRecordSetFailoverPrimary)), "InvalidChangeBatch", "another routing policy"},
		"no health check":  {with(plain(create, "h.example.com", types.RRTypeA, "192.0.2.2"), func(r *types.ResourceRecordSet) { r.HealthCheckId = aws.String("none") }), "NoSuchHealthCheck", "none"},
		"alias to nothing": {alias(create, "z.example.com", zone, "absent.example.com"), "InvalidChangeBatch", "was not found"},
		"alias outside":    {alias(create, "z.example.com", zone, "a.example.org"), "InvalidChangeBatch", "does not lie within"},
	} {
		t.Run(name, func(t *testing.T) {
			err := w.change(t, zone, tt.change)
			wantCode(t, err, tt.code)
			if !strings.Contains(fmt.Sprint(err), tt.says) {
				t.Errorf("says %v, want %q", err, tt.says)
			}
		})
	}
}

func weight(id string, n int64) func(*types.ResourceRecordSet) {
	return func(r *types.ResourceRecordSet) { r.SetIdentifier, r.Weight = &id, &n }
}

func failover(id string, role types.ResourceRecordSetFailover) func(*types.ResourceRecordSet) {
	return func(r *types.ResourceRecordSet) { r.SetIdentifier, r.Failover = &id, role }
}

func alias(action types.ChangeAction, name, zone, target string) types.Change {
	return types.Change{Action: action, ResourceRecordSet: &types.ResourceRecordSet{
		Name: &name, Type: types.RRTypeA,
		AliasTarget: &types.AliasTarget{HostedZoneId: aws.String(zone[strings.LastIndex(zone, "/")+1:]), DNSName: &target, EvaluateTargetHealth: true},
	}}
}

func TestListOrderAndPages(t *testing.T) {
	w := newWorld(t)
	zone := w.zone(t, "example.com", nil)
	for _, name := range []string{"b.example.com", "a.b.example.com", "*.example.com", "a-1.example.com"} {
		w.mustChange(t, zone, plain(create, name, types.RRTypeA, "192.0.2.1"), plain(create, name, types.RRTypeTxt, `"x"`))
	}
	for _, id := range []string{"two", "one"} {
		w.mustChange(t, zone, with(plain(create, "w.example.com", types.RRTypeA, "192.0.2.1"), weight(id, 1)))
	}
	want := []string{
		"example.com. NS", "example.com. SOA", `\052.example.com. A`, `\052.example.com. TXT`, "a-1.example.com. A", "a-1.example.com. TXT",
		"b.example.com. A", "b.example.com. TXT", "a.b.example.com. A", "a.b.example.com. TXT", "w.example.com. A one", "w.example.com. A two",
	}
	for _, size := range []int32{1, 2, 5, 100} {
		var got []string
		in := &sdk.ListResourceRecordSetsInput{HostedZoneId: &zone, MaxItems: &size}
		for {
			out, err := w.ListResourceRecordSets(t.Context(), in)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range out.ResourceRecordSets {
				got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", *r.Name, r.Type, aws.ToString(r.SetIdentifier))))
			}
			if !out.IsTruncated {
				break
			}
			in.StartRecordName, in.StartRecordType, in.StartRecordIdentifier = out.NextRecordName, out.NextRecordType, out.NextRecordIdentifier
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d:\n%q, want\n%q", size, got, want)
		}
	}
}

func TestAliasFollowsTheLoadBalancer(t *testing.T) {
	w := newWorld(t)
	const name = "web-1234.us-east-1.elb.amazonaws.com"
	w.vpc(t, "vpc-1")
	zone := w.zone(t, "example.com", nil)
	w.name(t, "vpc-1", name, "10.0.0.4", "10.0.1.4")
	w.mustChange(t, zone, plain(create, "backup.example.com", types.RRTypeA, "192.0.2.9"))
	primary := with(alias(create, "www.example.com", "Z35SXDOTRQ7X7K", "dualstack."+name+"."), failover("p", types.ResourceRecordSetFailoverPrimary))
	secondary := with(alias(create, "www.example.com", zone, "backup.example.com"), failover("s", types.ResourceRecordSetFailoverSecondary))
	balancer := func(health string) {
		w.put(t, func(tx *store.Tx) {
			elbv2.LoadBalancers.Put(tx, elbv2.LoadBalancer{
				Key: scope.Key("loadbalancer/app/web/1"), Spec: elbv2.LoadBalancerSpec{DNSName: name},
				Status: elbv2.LoadBalancerStatus{Targets: map[string]elbv2.Observed{"t": {Health: health}}},
			})
		})
	}
	balancer(elbv2api.TargetHealthStateEnumHealthy)
	w.mustChange(t, zone, primary, secondary)
	if got := w.answers(t, zone, "www.example.com", types.RRTypeA); !slices.Equal(got, []string{"10.0.0.4", "10.0.1.4"}) {
		t.Errorf("answered %v", got)
	}
	balancer(elbv2api.TargetHealthStateEnumUnhealthy)
	if got := w.answers(t, zone, "www.example.com", types.RRTypeA); !slices.Equal(got, []string{"192.0.2.9"}) {
		t.Errorf("with ill targets answered %v", got)
	}
	list, err := w.ListResourceRecordSets(t.Context(), &sdk.ListResourceRecordSetsInput{HostedZoneId: &zone, StartRecordName: aws.String("www.example.com"), MaxItems: aws.Int32(1)})
	if err != nil || *list.ResourceRecordSets[0].AliasTarget.DNSName != "dualstack."+name+"." || !list.ResourceRecordSets[0].AliasTarget.EvaluateTargetHealth {
		t.Errorf("listed %+v, %v", list, err)
	}
}

func TestChangesAreKnown(t *testing.T) {
	w := newWorld(t)
	_, err := w.GetChange(t.Context(), &sdk.GetChangeInput{Id: aws.String("C123")})
	wantCode(t, err, "NoSuchChange")
	if got := servicetest.Code(w.change(t, "Z123", plain(create, "a.b", types.RRTypeA, "192.0.2.1"))); got != "NoSuchHostedZone" {
		t.Errorf("change of no zone: %s", got)
	}
}
