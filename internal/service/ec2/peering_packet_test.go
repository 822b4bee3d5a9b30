package ec2

import (
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"

	"apex/internal/dataplane/vnet"
)

// Packets of peered VPCs cross as soon as both sides have a route, and no more when
// the connection is gone.
func TestPeeredVPCsReachEachOther(t *testing.T) {
	b := newWorld(t)
	ctx := t.Context()
	one, two := b.vpc("10.1.0.0/16"), b.vpc("10.2.0.0/16")
	hosts := map[string]NetworkInterface{}
	for vpc, block := range map[string]string{one: "10.1.0.0/24", two: "10.2.0.0/24"} {
		group := b.group(vpc, "web")
		b.admit(group, 80, "10.0.0.0/8")
		hosts[vpc] = b.iface(InterfaceSpec{SubnetID: b.subnet(vpc, block, "us-east-1a"), GroupIDs: []string{group}, Requester: "ecs"})
		b.serve(hosts[vpc].Status.Namespace, netip.AddrPortFrom(hosts[vpc].Spec.PrivateIP, 80).String())
	}
	crosses := func(from, to string) bool {
		b.awaitNetwork(one)
		b.awaitNetwork(two)
		return b.answer(vnet.DialerIn(hosts[from].Status.Namespace), netip.AddrPortFrom(hosts[to].Spec.PrivateIP, 80).String()) != ""
	}
	out, err := b.CreateVpcPeeringConnection(ctx, &sdk.CreateVpcPeeringConnectionInput{VpcId: &one, PeerVpcId: &two})
	check(t, err)
	peering := out.VpcPeeringConnection.VpcPeeringConnectionId
	for vpc, block := range map[string]string{one: "10.2.0.0/16", two: "10.1.0.0/16"} {
		_, err := b.CreateRoute(ctx, &sdk.CreateRouteInput{RouteTableId: aws.String(b.mainTable(vpc)), DestinationCidrBlock: &block, VpcPeeringConnectionId: peering})
		check(t, err)
	}
	if crosses(one, two) {
		t.Error("packets cross before the connection is accepted")
	}
	_, err = b.AcceptVpcPeeringConnection(ctx, &sdk.AcceptVpcPeeringConnectionInput{VpcPeeringConnectionId: peering})
	check(t, err)
	if !crosses(one, two) || !crosses(two, one) {
		t.Error("packets do not cross")
	}
	_, err = b.DeleteVpcPeeringConnection(ctx, &sdk.DeleteVpcPeeringConnectionInput{VpcPeeringConnectionId: peering})
	check(t, err)
	if crosses(one, two) || crosses(two, one) {
		t.Error("packets cross after the connection is gone")
	}
}

func (b *bench) mainTable(vpc string) string {
	b.Helper()
	out, err := b.DescribeRouteTables(b.Context(), &sdk.DescribeRouteTablesInput{Filters: filters("vpc-id", vpc, "association.main", "true")})
	check(b, err)
	return *out.RouteTables[0].RouteTableId
}
