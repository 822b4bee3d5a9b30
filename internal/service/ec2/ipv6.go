package ec2

import (
	"net/netip"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
	"apex/internal/cidr"
)

// pool6 is where IPv6 blocks of VPCs come from: the block for documentation. They
// are kept and given back; packets of VPCs are IPv4.
var pool6 = netip.MustParsePrefix("2001:db8::/32")

// The sizes of IPv6 blocks, of a VPC and of a subnet.
const (
	vpcBits6    = 56
	subnetBits6 = 64
)

// newBlock6 finds an IPv6 block that no VPC of any account has.
func (v view) newBlock6() (Block, error) {
	taken := map[netip.Prefix]bool{}
	for _, vpc := range VPCs.All(v.r) {
		for _, b := range vpc.Spec.Blocks6 {
			taken[b.CIDR] = true
		}
	}
	for n := range 1 << (vpcBits6 - 32) {
		raw := pool6.Addr().As16()
		raw[4], raw[5], raw[6] = byte(n>>16), byte(n>>8), byte(n)
		if p := netip.PrefixFrom(netip.AddrFrom16(raw), vpcBits6); !taken[p] {
			return Block{awsid.New("vpc-cidr-assoc"), p}, nil
		}
	}
	return Block{}, api.Invalid("InsufficientCidrBlocks", "all IPv6 blocks are in use")
}

// subnetBlock6 checks the IPv6 block of a subnet.
func (v view) subnetBlock6(vpc VPC, text string) (Block, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil || !p.Addr().Is6() || p.Bits() != subnetBits6 {
		return Block{}, invalidValue("Value (%s) for parameter ipv6CidrBlock is invalid. A subnet's IPv6 block has the size /%d.", text, subnetBits6)
	}
	p = p.Masked()
	if !slices.ContainsFunc(vpc.Spec.Blocks6, func(b Block) bool { return cidr.Contains(b.CIDR, p) }) {
		return Block{}, api.Invalid("InvalidSubnet.Range", "The IPv6 CIDR '%s' is invalid.", p)
	}
	for _, s := range Subnets.Prefix(v.r, v.scope.Prefix()) {
		if s.Spec.VPCID == vpc.ID() && s.Spec.Block6.CIDR == p {
			return Block{}, api.Invalid("InvalidSubnet.Conflict", "The IPv6 CIDR '%s' conflicts with another subnet", p)
		}
	}
	return Block{awsid.New("subnet-cidr-assoc"), p}, nil
}

func (v view) showBlock6(b Block) ec2api.VpcIpv6CidrBlockAssociation {
	return ec2api.VpcIpv6CidrBlockAssociation{
		AssociationId: &b.AssociationID, Ipv6CidrBlock: api.Ptr(b.CIDR.String()), Ipv6Pool: api.Ptr("Amazon"), NetworkBorderGroup: &v.scope.Region,
		Ipv6CidrBlockState: &ec2api.VpcCidrBlockState{State: api.Ptr(ec2api.VpcCidrBlockStateCodeAssociated)},
		IpSource:           api.Ptr("amazon"), Ipv6AddressAttribute: api.Ptr("public"),
	}
}

func (s SubnetSpec) blocks6() []ec2api.SubnetIpv6CidrBlockAssociation {
	if s.Block6.AssociationID == "" {
		return nil
	}
	return []ec2api.SubnetIpv6CidrBlockAssociation{s.Block6.showInSubnet(ec2api.SubnetCidrBlockStateCodeAssociated)}
}

func (b Block) showInSubnet(state string) ec2api.SubnetIpv6CidrBlockAssociation {
	return ec2api.SubnetIpv6CidrBlockAssociation{
		AssociationId: &b.AssociationID, Ipv6CidrBlock: api.Ptr(b.CIDR.String()),
		Ipv6CidrBlockState: &ec2api.SubnetCidrBlockState{State: &state},
		IpSource:           api.Ptr("amazon"), Ipv6AddressAttribute: api.Ptr("public"),
	}
}

func associateSubnetCidrBlock(c change, in *ec2api.AssociateSubnetCidrBlockRequest) (*ec2api.AssociateSubnetCidrBlockResult, error) {
	subnet, err := c.getSubnet(in.SubnetId)
	if err != nil {
		return nil, err
	}
	if subnet.Spec.Block6.AssociationID != "" {
		return nil, api.Invalid("InvalidSubnet.Conflict", "Subnet %s already has the IPv6 CIDR block %s", subnet.ID(), subnet.Spec.Block6.CIDR)
	}
	vpc, _ := VPCs.Get(c.r, c.key(subnet.Spec.VPCID))
	block, err := c.subnetBlock6(vpc, api.Val(in.Ipv6CidrBlock))
	if err != nil {
		return nil, err
	}
	Subnets.Modify(c.tx, subnet.Key, func(s *Subnet) { s.Spec.Block6 = block })
	return &ec2api.AssociateSubnetCidrBlockResult{
		SubnetId: in.SubnetId, Ipv6CidrBlockAssociation: api.Ptr(block.showInSubnet(ec2api.SubnetCidrBlockStateCodeAssociating)),
	}, nil
}

func disassociateSubnetCidrBlock(c change, in *ec2api.DisassociateSubnetCidrBlockRequest) (*ec2api.DisassociateSubnetCidrBlockResult, error) {
	for key, s := range Subnets.Prefix(c.r, c.scope.Prefix()) {
		if s.Spec.Block6.AssociationID == "" || s.Spec.Block6.AssociationID != api.Val(in.AssociationId) {
			continue
		}
		Subnets.Modify(c.tx, key, func(s *Subnet) { s.Spec.Block6, s.Spec.AssignIPv6 = Block{}, false })
		return &ec2api.DisassociateSubnetCidrBlockResult{
			SubnetId: api.Ptr(s.ID()), Ipv6CidrBlockAssociation: api.Ptr(s.Spec.Block6.showInSubnet(ec2api.SubnetCidrBlockStateCodeDisassociating)),
		}, nil
	}
	return nil, notFound("InvalidSubnetCidrBlockAssociationID.NotFound", "subnet CIDR block association", api.Val(in.AssociationId))
}
