package route53_test

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/service/cloudwatch"
	"apex/internal/service/ec2"
	"apex/internal/service/elbv2"
	"apex/internal/service/logs"
	"apex/internal/service/route53"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

// A world is the service with its controllers, and what it reads of others.
type world struct {
	*sdk.Client
	env service.Env
}

func newWorld(t *testing.T) *world {
	env := servicetest.Env(t, slices.Concat(route53.Tables(), ec2.Tables(), elbv2.Tables(), cloudwatch.Tables(), logs.Tables())...)
	s := route53.New(env)
	servicetest.Run(t, env, s.Controllers()...)
	return &world{sdk.NewFromConfig(servicetest.Config(t, env, s.Routes())), env}
}

// put writes rows of other services.
func (w *world) put(t *testing.T, write func(*store.Tx)) {
	t.Helper()
	err := w.env.Store.Update(t.Context(), func(tx *store.Tx) error { write(tx); return nil })
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) vpc(t *testing.T, id string) *types.VPC {
	t.Helper()
	w.put(t, func(tx *store.Tx) { ec2.VPCs.Put(tx, ec2.VPC{Key: scope.Key(id)}) })
	return &types.VPC{VPCId: &id, VPCRegion: types.VPCRegionUsEast1}
}

func (w *world) name(t *testing.T, vpc, name string, addrs ...string) {
	t.Helper()
	var list []netip.Addr
	for _, a := range addrs {
		list = append(list, netip.MustParseAddr(a))
	}
	w.put(t, func(tx *store.Tx) { ec2.PutName(tx, scope, vpc, name, list) })
}

func (w *world) zone(t *testing.T, name string, vpc *types.VPC) string {
	t.Helper()
	out, err := w.CreateHostedZone(t.Context(), &sdk.CreateHostedZoneInput{Name: &name, CallerReference: aws.String(name + t.Name()), VPC: vpc})
	if err != nil {
		t.Fatal(err)
	}
	w.synced(t, out.ChangeInfo)
	return *out.HostedZone.Id
}

// synced waits until a change is INSYNC.
func (w *world) synced(t *testing.T, info *types.ChangeInfo) {
	t.Helper()
	servicetest.Await(t, w.env, "change in sync", func(store.Snapshot) bool {
		got, err := w.GetChange(t.Context(), &sdk.GetChangeInput{Id: info.Id})
		return err == nil && got.ChangeInfo.Status == types.ChangeStatusInsync
	})
}

func (w *world) change(t *testing.T, zone string, changes ...types.Change) error {
	t.Helper()
	out, err := w.ChangeResourceRecordSets(t.Context(), &sdk.ChangeResourceRecordSetsInput{HostedZoneId: &zone, ChangeBatch: &types.ChangeBatch{Changes: changes}})
	if err == nil {
		w.synced(t, out.ChangeInfo)
	}
	return err
}

func (w *world) mustChange(t *testing.T, zone string, changes ...types.Change) {
	t.Helper()
	if err := w.change(t, zone, changes...); err != nil {
		t.Fatal(err)
	}
}

// plain is a change of a simple record set.
func plain(action types.ChangeAction, name string, kind types.RRType, values ...string) types.Change {
	set := &types.ResourceRecordSet{Name: &name, Type: kind, TTL: aws.Int64(60)}
	for _, v := range values {
		set.ResourceRecords = append(set.ResourceRecords, types.ResourceRecord{Value: &v})
	}
	return types.Change{Action: action, ResourceRecordSet: set}
}

// with is a change whose record set is edited.
func with(c types.Change, edit func(*types.ResourceRecordSet)) types.Change {
	edit(c.ResourceRecordSet)
	return c
}

// answers asks the zone as a resolver in the region does.
func (w *world) answers(t *testing.T, zone, name string, kind types.RRType) []string {
	t.Helper()
	out, err := w.TestDNSAnswer(t.Context(), &sdk.TestDNSAnswerInput{HostedZoneId: &zone, RecordName: &name, RecordType: kind})
	if err != nil {
		t.Fatal(err)
	}
	if *out.ResponseCode != "NOERROR" {
		return []string{*out.ResponseCode}
	}
	return out.RecordData
}
