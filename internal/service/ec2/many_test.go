package ec2

import (
	"fmt"
	"net/netip"
	"testing"

	"apex/internal/api/ec2api"
	"apex/internal/arn"
	"apex/internal/dataplane/vnet"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// VPCs with one block, of two accounts and two regions, each have a host at the
// same address: everybody reaches his own.
func TestManyVPCsWithTheSameBlock(t *testing.T) {
	b := newWorld(t)
	hosts := map[string]NetworkInterface{} // by VPC, the one that asks
	for n, owner := range []arn.Scope{scope, scope, {Account: "111111111111", Region: scope.Region}, {Account: scope.Account, Region: "eu-west-1"}, scope, scope} {
		var vpc string
		var subnet *ec2api.CreateSubnetResult
		b.update(func(tx *store.Tx) error {
			c := change{view{r: tx, scope: owner}, tx}
			made, err := createVpc(c, &ec2api.CreateVpcRequest{CidrBlock: ptr("10.0.0.0/16")})
			if err != nil {
				return err
			}
			vpc = *made.Vpc.VpcId
			subnet, err = createSubnet(c, &ec2api.CreateSubnetRequest{VpcId: &vpc, CidrBlock: ptr("10.0.0.0/24")})
			return err
		})
		for _, address := range []string{"10.0.0.4", "10.0.0.5"} {
			i := b.ifaceOf(owner, InterfaceSpec{SubnetID: *subnet.Subnet.SubnetId, PrivateIP: netip.MustParseAddr(address), Requester: "ecs"})
			hosts[vpc] = i
			if address == "10.0.0.4" {
				b.say(i.Status.Namespace, address+":80", vpc)
			}
		}
		t.Logf("VPC %d of %s in %s", n, owner.Account, owner.Region)
	}
	for vpc, host := range hosts {
		if got := b.answer(vnet.DialerIn(host.Status.Namespace), "10.0.0.4:80"); got != vpc {
			t.Errorf("in %s 10.0.0.4 answers as %q", vpc, got)
		}
	}
}

func ptr(s string) *string { return &s }

// ifaceOf is iface for another account or region.
func (b *bench) ifaceOf(owner arn.Scope, want InterfaceSpec) NetworkInterface {
	b.Helper()
	var i NetworkInterface
	b.update(func(tx *store.Tx) (err error) {
		i, err = RequestInterface(tx, owner, want)
		return err
	})
	servicetest.Await(b, b.env, "interface ready", func(s store.Snapshot) bool {
		now, ok := NetworkInterfaces.Get(s, i.Key)
		i = now
		return ok && now.Status.Ready
	})
	return i
}

// say answers every connection with a text.
func (b *bench) say(namespace, address, text string) {
	b.Helper()
	listener, err := vnet.ListenIn(namespace, address)
	check(b, err)
	b.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			fmt.Fprint(conn, text)
			conn.Close()
		}
	}()
}
