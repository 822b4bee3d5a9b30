package ec2

import (
	"net/netip"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
)

// defaultBlock is the block of a default VPC, and defaultBits the size of its
// subnets.
var defaultBlock = netip.MustParsePrefix("172.31.0.0/16")

const defaultBits = 20

// createDefaultVpc makes what AWS makes in each region of a new account: a VPC
// with an internet gateway and a public subnet in each zone.
func createDefaultVpc(c change, _ *ec2api.CreateDefaultVpcRequest) (*ec2api.CreateDefaultVpcResult, error) {
	if have, ok := c.defaultVPC(); ok {
		return nil, api.Invalid("DefaultVpcAlreadyExists", "A default VPC already exists for this account in this region: %s", have.ID())
	}
	vpc := VPC{Key: c.key(awsid.New("vpc")), Spec: VPCSpec{
		Blocks: []Block{{awsid.New("vpc-cidr-assoc"), defaultBlock}}, Default: true,
		Tenancy: ec2api.TenancyDefault, DHCPOptions: dhcpOptions, DNSSupport: true, DNSHostnames: true,
	}}
	VPCs.Put(c.tx, vpc)
	c.furnish(vpc.ID())
	gateway := InternetGateway{Key: c.key(awsid.New("igw")), Spec: InternetGatewaySpec{VPCID: vpc.ID()}}
	InternetGateways.Put(c.tx, gateway)
	for _, t := range c.tablesOf(vpc.ID()) {
		RouteTables.Modify(c.tx, t.Key, func(t *RouteTable) {
			t.Spec.Routes = []Route{{Destination: netip.MustParsePrefix("0.0.0.0/0"), Target: gateway.ID()}}
		})
	}
	for _, z := range zonesOf(c.scope.Region) {
		if _, err := c.defaultSubnet(vpc, *z.ZoneName); err != nil {
			return nil, err
		}
	}
	return &ec2api.CreateDefaultVpcResult{Vpc: api.Ptr(c.vpc(vpc))}, nil
}

func (v view) defaultVPC() (VPC, bool) {
	for _, vpc := range VPCs.Prefix(v.r, v.scope.Prefix()) {
		if vpc.Spec.Default {
			return vpc, true
		}
	}
	return VPC{}, false
}

// defaultSubnet makes a zone's subnet of the default VPC, in its first free block.
func (c change) defaultSubnet(vpc VPC, zone string) (Subnet, error) {
	var taken []netip.Prefix
	for _, s := range Subnets.Prefix(c.r, c.scope.Prefix()) {
		if s.Spec.VPCID == vpc.ID() {
			taken = append(taken, s.Spec.CIDR)
		}
	}
	for n := range 1 << (defaultBits - defaultBlock.Bits()) {
		block := netip.PrefixFrom(netip.AddrFrom4([4]byte{172, 31, byte(n << (24 - defaultBits)), 0}), defaultBits)
		if slices.ContainsFunc(taken, block.Overlaps) {
			continue
		}
		subnet := c.newSubnet(vpc.ID(), zone, block)
		subnet.Spec.MapPublicIP, subnet.Spec.Default = true, true
		Subnets.Put(c.tx, subnet)
		return subnet, nil
	}
	return Subnet{}, api.Invalid("InsufficientCidrBlocks", "The default VPC has no free block for a subnet")
}

func createDefaultSubnet(c change, in *ec2api.CreateDefaultSubnetRequest) (*ec2api.CreateDefaultSubnetResult, error) {
	vpc, ok := c.defaultVPC()
	if !ok {
		return nil, api.Invalid("DefaultVpcDoesNotExist", "No default VPC exists for this account in this region")
	}
	zone, err := c.zone(in.AvailabilityZone, nil)
	if err != nil {
		return nil, err
	}
	if api.Val(in.Ipv6Native) {
		return nil, unsupported("subnets of this region have an IPv4 block")
	}
	for _, s := range Subnets.Prefix(c.r, c.scope.Prefix()) {
		if s.Spec.VPCID == vpc.ID() && s.Spec.Default && s.Spec.Zone == zone {
			return nil, api.Invalid("DefaultSubnetAlreadyExistsInAvailabilityZone", "'%s' is already the default subnet in %s.", s.ID(), zone)
		}
	}
	subnet, err := c.defaultSubnet(vpc, zone)
	if err != nil {
		return nil, err
	}
	return &ec2api.CreateDefaultSubnetResult{Subnet: api.Ptr(c.subnet(subnet))}, nil
}
