package ec2

import (
	"context"
	"net"
	"slices"
	"testing"
	"time"

	"apex/internal/dataplane/dns"
	"apex/internal/dataplane/vnet"
	"apex/internal/store"
)

// TestZonesAnswerInTheirVPCs asks the real resolvers of two VPCs for the names of
// a private zone, which one of them sees, and of a public one.
func TestZonesAnswerInTheirVPCs(t *testing.T) {
	b := newWorld(t, webServer)
	one, two := b.vpc("10.0.0.0/16"), b.vpc("10.1.0.0/16")
	here := b.iface(InterfaceSpec{SubnetID: b.subnet(one, "10.0.1.0/24", "us-east-1a")})
	there := b.iface(InterfaceSpec{SubnetID: b.subnet(two, "10.1.1.0/24", "us-east-1a")})
	set := func(name, kind string, values ...string) dns.Set {
		return dns.Set{Name: name, Type: kind, Choices: []dns.Choice{{TTL: 60, Values: values}}}
	}
	check(t, b.env.Store.Update(t.Context(), func(tx *store.Tx) error {
		PutZone(tx, scope, "ZPRIVATE", ZoneSpec{VPCs: []string{one}, Domain: dns.Domain{Name: "corp.internal", Private: true, Sets: []dns.Set{
			set("db.corp.internal", "A", "10.0.1.77"), set("alias.corp.internal", "CNAME", "db.corp.internal"),
		}}})
		PutZone(tx, scope, "ZPUBLIC", ZoneSpec{Domain: dns.Domain{Name: "example.com", Sets: []dns.Set{set("www.example.com", "A", "192.0.2.5")}}})
		return nil
	}))
	b.awaitName(here, "db.corp.internal", "10.0.1.77")
	b.awaitName(here, "alias.corp.internal", "10.0.1.77")
	b.awaitName(here, "www.example.com", "192.0.2.5")
	b.awaitName(there, "www.example.com", "192.0.2.5")
	b.awaitName(there, "db.corp.internal", "")
	check(t, b.env.Store.Update(t.Context(), func(tx *store.Tx) error {
		DeleteZone(tx, scope, "ZPRIVATE")
		return nil
	}))
	b.awaitName(here, "db.corp.internal", "")
}

// awaitName waits until a host's resolver answers with the address, "" for none.
func (b *bench) awaitName(i NetworkInterface, name, want string) {
	b.Helper()
	subnet, _ := Subnets.Get(b.env.Store.Snapshot(), scope.Key(i.Spec.SubnetID))
	vpc, _ := VPCs.Get(b.env.Store.Snapshot(), scope.Key(subnet.Spec.VPCID))
	server := net.JoinHostPort(vpc.Spec.Blocks[0].CIDR.Addr().Next().Next().String(), "53")
	resolver := net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return vnet.DialerIn(i.Status.Namespace).DialContext(ctx, network[:3]+"4", server)
	}}
	var got []string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var err error
		got, err = resolver.LookupHost(b.Context(), name)
		if want == "" && err != nil || want != "" && slices.Equal(got, []string{want}) {
			return
		}
	}
	b.Errorf("%s is %v, want %q", name, got, want)
}
