package ec2

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/vishvananda/netlink"

	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/dataplane/supervisor"
	"apex/internal/dataplane/vnet"
	"apex/internal/dataplane/vnet/netns"
	"apex/internal/service"
	"apex/internal/service/servicetest"
	"apex/internal/store"
)

// The test binary stands for the apex binary, which agents are started from.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "vnet":
			os.Exit(vnet.Main(os.Args[2:]))
		case "supervise":
			os.Exit(supervisor.Main(os.Args[2:]))
		}
	}
	os.Exit(m.Run())
}

var scope = arn.Scope{Account: servicetest.Account, Region: servicetest.Region}

// A bench is the service with an SDK client on it.
type bench struct {
	testing.TB
	*sdk.Client
	env service.Env
	svc *Service
}

// newBench serves the API alone: nothing is built.
func newBench(t testing.TB, uplink string) *bench {
	t.Helper()
	env := servicetest.Env(t, Tables()...)
	executable, err := os.Executable()
	check(t, err)
	env.Hash, env.Executable = awsid.Hex(6), executable
	svc := newService(env, uplink)
	cfg := servicetest.Config(t, env, svc.Routes())
	return &bench{t, sdk.NewFromConfig(cfg), env, svc}
}

// newWorld serves the API and builds what it says, with a made internet that
// owns the given addresses.
func newWorld(t testing.TB, internet ...string) *bench {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root to make network namespaces")
	}
	name := "apex-net" + awsid.Hex(6)
	check(t, netns.Create(name, func() error { return own(internet) }))
	t.Cleanup(func() { check(t, netns.Delete(name)) })
	b := newBench(t, netns.Path(name))
	t.Cleanup(func() { check(t, b.svc.Stop(context.Background())) })
	servicetest.Run(t, b.env, b.svc.Controllers()...)
	return b
}

func own(addresses []string) error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	fault := netlink.LinkSetUp(lo)
	for _, a := range addresses {
		addr, err := netlink.ParseAddr(a + "/32")
		fault = errors.Join(fault, err, netlink.AddrAdd(lo, addr))
	}
	return fault
}

// update runs a transaction, as another service would.
func (b *bench) update(fn func(tx *store.Tx) error) {
	b.Helper()
	check(b, b.env.Store.Update(b.Context(), fn))
}

// iface requests an interface and waits until packets can reach it.
func (b *bench) iface(want InterfaceSpec) NetworkInterface {
	b.Helper()
	return b.ifaceOf(scope, want)
}

func (b *bench) vpc(block string) string {
	b.Helper()
	out, err := b.CreateVpc(b.Context(), &sdk.CreateVpcInput{CidrBlock: &block})
	check(b, err)
	return *out.Vpc.VpcId
}

func (b *bench) subnet(vpc, block, zone string) string {
	b.Helper()
	out, err := b.CreateSubnet(b.Context(), &sdk.CreateSubnetInput{VpcId: &vpc, CidrBlock: &block, AvailabilityZone: &zone})
	check(b, err)
	return *out.Subnet.SubnetId
}

func (b *bench) group(vpc, name string) string {
	b.Helper()
	out, err := b.CreateSecurityGroup(b.Context(), &sdk.CreateSecurityGroupInput{VpcId: &vpc, GroupName: &name, Description: &name})
	check(b, err)
	return *out.GroupId
}

// admit opens a TCP port of a group to a block or to another group.
func (b *bench) admit(group string, port int32, peer string) {
	b.Helper()
	p := types.IpPermission{IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port}
	if _, err := netip.ParsePrefix(peer); err == nil {
		p.IpRanges = []types.IpRange{{CidrIp: &peer}}
	} else {
		p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: &peer}}
	}
	_, err := b.AuthorizeSecurityGroupIngress(b.Context(), &sdk.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: []types.IpPermission{p}})
	check(b, err)
}

// gateway attaches an internet gateway to a VPC.
func (b *bench) gateway(vpc string) string {
	b.Helper()
	out, err := b.CreateInternetGateway(b.Context(), &sdk.CreateInternetGatewayInput{})
	check(b, err)
	_, err = b.AttachInternetGateway(b.Context(), &sdk.AttachInternetGatewayInput{VpcId: &vpc, InternetGatewayId: out.InternetGateway.InternetGatewayId})
	check(b, err)
	return *out.InternetGateway.InternetGatewayId
}

// routed makes a route table with a default route to a gateway for subnets.
func (b *bench) routed(vpc, target string, subnets ...string) string {
	b.Helper()
	out, err := b.CreateRouteTable(b.Context(), &sdk.CreateRouteTableInput{VpcId: &vpc})
	check(b, err)
	table := out.RouteTable.RouteTableId
	route := &sdk.CreateRouteInput{RouteTableId: table, DestinationCidrBlock: aws.String("0.0.0.0/0")}
	if isNAT(target) {
		route.NatGatewayId = &target
	} else {
		route.GatewayId = &target
	}
	_, err = b.CreateRoute(b.Context(), route)
	check(b, err)
	for _, s := range subnets {
		_, err = b.AssociateRouteTable(b.Context(), &sdk.AssociateRouteTableInput{RouteTableId: table, SubnetId: &s})
		check(b, err)
	}
	return *table
}

// nat makes a NAT gateway with a new elastic address.
func (b *bench) nat(subnet string) (id, public string) {
	b.Helper()
	address, err := b.AllocateAddress(b.Context(), &sdk.AllocateAddressInput{})
	check(b, err)
	out, err := b.CreateNatGateway(b.Context(), &sdk.CreateNatGatewayInput{SubnetId: &subnet, AllocationId: address.AllocationId})
	check(b, err)
	return *out.NatGateway.NatGatewayId, *address.PublicIp
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// filters makes filters of names and their one value.
func filters(pairs ...string) []types.Filter {
	var out []types.Filter
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, types.Filter{Name: &pairs[i], Values: []string{pairs[i+1]}})
	}
	return out
}
