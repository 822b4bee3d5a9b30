package ec2

import (
	"net/netip"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
	"apex/internal/cidr"
)

// kept are blocks that no VPC may use: the router answers there, or Linux does.
var kept = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("224.0.0.0/3"),
}

// vpcBlock reads the block of a VPC. Host bits are cleared, as AWS does.
func vpcBlock(text *string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(api.Val(text))
	if err != nil || !p.Addr().Is4() {
		return p, invalidValue("Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.", api.Val(text))
	}
	if _, bad := cidr.Overlapping(p, kept); bad || p.Bits() < 16 || p.Bits() > 28 {
		return p, api.Invalid("InvalidVpc.Range", "The CIDR '%s' is invalid.", p)
	}
	return p.Masked(), nil
}

func createVpc(c change, in *ec2api.CreateVpcRequest) (*ec2api.CreateVpcResult, error) {
	if in.Ipv6CidrBlock != nil || in.Ipv6Pool != nil || in.Ipv4IpamPoolId != nil || in.Ipv6IpamPoolId != nil {
		return nil, unsupported("VPCs of this region have IPv4 blocks that the caller gives, and IPv6 blocks that the region gives")
	}
	block, err := vpcBlock(in.CidrBlock)
	if err != nil {
		return nil, err
	}
	vpc := VPC{Key: c.key(awsid.New("vpc")), Spec: VPCSpec{
		Blocks:  []Block{{awsid.New("vpc-cidr-assoc"), block}},
		Tenancy: api.Or(in.InstanceTenancy, ec2api.TenancyDefault), DHCPOptions: dhcpOptions, DNSSupport: true,
	}}
	if api.Val(in.AmazonProvidedIpv6CidrBlock) {
		block, err := c.newBlock6()
		if err != nil {
			return nil, err
		}
		vpc.Spec.Blocks6 = []Block{block}
	}
	VPCs.Put(c.tx, vpc)
	if err := c.tagNew("vpc", vpc.ID(), in.TagSpecifications); err != nil {
		return nil, err
	}
	c.furnish(vpc.ID())
	shown := c.vpc(vpc)
	shown.State = api.Ptr(ec2api.VpcStatePending)
	return &ec2api.CreateVpcResult{Vpc: &shown}, nil
}

// furnish makes what every VPC has from the start: its main route table, its
// default security group and its default network ACL.
func (c change) furnish(vpcID string) {
	RouteTables.Put(c.tx, RouteTable{Key: c.key(awsid.New("rtb")), Spec: RouteTableSpec{VPCID: vpcID, MainAssociation: awsid.New("rtbassoc")}})
	NetworkACLs.Put(c.tx, NetworkACL{Key: c.key(awsid.New("acl")), Spec: NetworkACLSpec{VPCID: vpcID, Default: true, Entries: openEntries()}})
	id := awsid.New("sg")
	SecurityGroups.Put(c.tx, SecurityGroup{Key: c.key(id), Spec: SecurityGroupSpec{
		VPCID: vpcID, Name: "default", Description: "default VPC security group",
		Rules: []GroupRule{
			{ID: awsid.New("sgr"), Protocol: "-1", FromPort: -1, ToPort: -1, GroupID: id},
			allTraffic(),
		},
	}})
}

func deleteVpc(c change, in *ec2api.DeleteVpcRequest) (*ec2api.DeleteVpcOutput, error) {
	vpc, err := c.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	if c.furnished(vpc.ID()) {
		return nil, inUse("vpc", vpc.ID())
	}
	for key, t := range RouteTables.Prefix(c.r, c.scope.Prefix()) {
		if t.Spec.VPCID == vpc.ID() {
			c.remove(t.ID(), RouteTables.Delete(c.tx, key))
		}
	}
	for key, g := range SecurityGroups.Prefix(c.r, c.scope.Prefix()) {
		if g.Spec.VPCID == vpc.ID() {
			for _, r := range g.Spec.Rules {
				c.remove(r.ID, true)
			}
			c.remove(g.ID(), SecurityGroups.Delete(c.tx, key))
		}
	}
	for key, a := range NetworkACLs.Prefix(c.r, c.scope.Prefix()) {
		if a.Spec.VPCID == vpc.ID() {
			c.remove(a.ID(), NetworkACLs.Delete(c.tx, key))
		}
	}
	for _, p := range Peerings.All(c.r) {
		if p.has(vpc.ID()) {
			c.unpeer(p)
		}
	}
	for key := range Names.Prefix(c.r, c.key(vpc.ID()+"/")) {
		Names.Delete(c.tx, key)
	}
	c.remove(vpc.ID(), VPCs.Delete(c.tx, vpc.Key))
	return nil, nil
}

// remove forgets the tags of a resource that is gone.
func (c change) remove(id string, _ bool) { TagSets.Delete(c.tx, c.key(id)) }

// furnished reports whether the VPC holds more than it was made with.
func (v view) furnished(vpcID string) bool {
	for _, a := range NetworkACLs.Prefix(v.r, v.scope.Prefix()) {
		if a.Spec.VPCID == vpcID && !a.Spec.Default {
			return true
		}
	}
	for _, g := range EgressOnlyGateways.Prefix(v.r, v.scope.Prefix()) {
		if g.Spec.VPCID == vpcID {
			return true
		}
	}
	for _, e := range Endpoints.Prefix(v.r, v.scope.Prefix()) {
		if e.Spec.VPCID == vpcID {
			return true
		}
	}
	for _, s := range Subnets.Prefix(v.r, v.scope.Prefix()) {
		if s.Spec.VPCID == vpcID {
			return true
		}
	}
	for _, g := range InternetGateways.Prefix(v.r, v.scope.Prefix()) {
		if g.Spec.VPCID == vpcID {
			return true
		}
	}
	for _, t := range RouteTables.Prefix(v.r, v.scope.Prefix()) {
		if t.Spec.VPCID == vpcID && t.Spec.MainAssociation == "" {
			return true
		}
	}
	for _, g := range SecurityGroups.Prefix(v.r, v.scope.Prefix()) {
		if g.Spec.VPCID == vpcID && g.Spec.Name != "default" {
			return true
		}
	}
	return false
}

func (v view) getVPC(id *string) (VPC, error) {
	vpc, ok := VPCs.Get(v.r, v.key(api.Val(id)))
	if !ok {
		return VPC{}, notFound("InvalidVpcID.NotFound", "vpc", api.Val(id))
	}
	return vpc, nil
}

// vpc shows a VPC. One that the data plane has not built yet is available all
// the same: nothing that asks for it can tell.
func (v view) vpc(o VPC) ec2api.Vpc {
	id := o.ID()
	out := ec2api.Vpc{
		VpcId: &id, CidrBlock: api.Ptr(o.Spec.Blocks[0].CIDR.String()), DhcpOptionsId: &o.Spec.DHCPOptions,
		State: api.Ptr(ec2api.VpcStateAvailable), OwnerId: &v.scope.Account, InstanceTenancy: &o.Spec.Tenancy,
		IsDefault: &o.Spec.Default, Tags: v.tags(id),
	}
	for _, b := range o.Spec.Blocks6 {
		out.Ipv6CidrBlockAssociationSet = append(out.Ipv6CidrBlockAssociationSet, v.showBlock6(b))
	}
	for _, b := range o.Spec.Blocks {
		out.CidrBlockAssociationSet = append(out.CidrBlockAssociationSet, b.show())
	}
	return out
}

func (b Block) show() ec2api.VpcCidrBlockAssociation {
	return ec2api.VpcCidrBlockAssociation{
		AssociationId: &b.AssociationID, CidrBlock: api.Ptr(b.CIDR.String()),
		CidrBlockState: &ec2api.VpcCidrBlockState{State: api.Ptr(ec2api.VpcCidrBlockStateCodeAssociated)},
	}
}

func vpcBlocks6Of(o *ec2api.Vpc) []ec2api.VpcIpv6CidrBlockAssociation {
	return o.Ipv6CidrBlockAssociationSet
}

var vpcCatalog = catalog[ec2api.Vpc]{
	id:      func(o *ec2api.Vpc) string { return *o.VpcId },
	tags:    func(o *ec2api.Vpc) []ec2api.Tag { return o.Tags },
	missing: func(id string) error { return notFound("InvalidVpcID.NotFound", "vpc", id) },
	filters: map[string]func(*ec2api.Vpc) []string{
		"vpc-id":          one(func(o *ec2api.Vpc) *string { return o.VpcId }),
		"cidr":            one(func(o *ec2api.Vpc) *string { return o.CidrBlock }),
		"cidrBlock":       one(func(o *ec2api.Vpc) *string { return o.CidrBlock }),
		"state":           one(func(o *ec2api.Vpc) *string { return o.State }),
		"owner-id":        one(func(o *ec2api.Vpc) *string { return o.OwnerId }),
		"dhcp-options-id": one(func(o *ec2api.Vpc) *string { return o.DhcpOptionsId }),
		"is-default":      flag(func(o *ec2api.Vpc) *bool { return o.IsDefault }),
		"isDefault":       flag(func(o *ec2api.Vpc) *bool { return o.IsDefault }),
		"cidr-block-association.cidr-block": each(func(o *ec2api.Vpc) []ec2api.VpcCidrBlockAssociation { return o.CidrBlockAssociationSet },
			func(a *ec2api.VpcCidrBlockAssociation) *string { return a.CidrBlock }),
		"tenancy":       one(func(o *ec2api.Vpc) *string { return o.InstanceTenancy }),
		"dhcpOptionsId": one(func(o *ec2api.Vpc) *string { return o.DhcpOptionsId }),
		"ipv6-cidr-block-association.ipv6-cidr-block": each(vpcBlocks6Of, func(a *ec2api.VpcIpv6CidrBlockAssociation) *string { return a.Ipv6CidrBlock }),
		"ipv6-cidr-block-association.association-id":  each(vpcBlocks6Of, func(a *ec2api.VpcIpv6CidrBlockAssociation) *string { return a.AssociationId }),
		"ipv6-cidr-block-association.state":           each(vpcBlocks6Of, func(a *ec2api.VpcIpv6CidrBlockAssociation) *string { return a.Ipv6CidrBlockState.State }),
		"cidr-block-association.state": each(func(o *ec2api.Vpc) []ec2api.VpcCidrBlockAssociation { return o.CidrBlockAssociationSet },
			func(a *ec2api.VpcCidrBlockAssociation) *string { return a.CidrBlockState.State }),
		"cidr-block-association.association-id": each(func(o *ec2api.Vpc) []ec2api.VpcCidrBlockAssociation { return o.CidrBlockAssociationSet },
			func(a *ec2api.VpcCidrBlockAssociation) *string { return a.AssociationId }),
	},
}

func describeVpcs(v view, in *ec2api.DescribeVpcsRequest) (*ec2api.DescribeVpcsResult, error) {
	page, next, err := listed(v, VPCs, v.vpc, vpcCatalog, query{in.VpcIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeVpcsResult{Vpcs: page, NextToken: next}, err
}

func describeVpcAttribute(v view, in *ec2api.DescribeVpcAttributeRequest) (*ec2api.DescribeVpcAttributeResult, error) {
	vpc, err := v.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	out := &ec2api.DescribeVpcAttributeResult{VpcId: in.VpcId}
	switch api.Val(in.Attribute) {
	case ec2api.VpcAttributeNameEnableDnsSupport:
		out.EnableDnsSupport = &ec2api.AttributeBooleanValue{Value: &vpc.Spec.DNSSupport}
	case ec2api.VpcAttributeNameEnableDnsHostnames:
		out.EnableDnsHostnames = &ec2api.AttributeBooleanValue{Value: &vpc.Spec.DNSHostnames}
	case ec2api.VpcAttributeNameEnableNetworkAddressUsageMetrics:
		out.EnableNetworkAddressUsageMetrics = &ec2api.AttributeBooleanValue{Value: &vpc.Spec.UsageMetrics}
	default:
		return nil, invalidValue("Value (%s) for parameter attribute is invalid.", api.Val(in.Attribute))
	}
	return out, nil
}

func modifyVpcAttribute(c change, in *ec2api.ModifyVpcAttributeRequest) (*ec2api.ModifyVpcAttributeOutput, error) {
	vpc, err := c.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	VPCs.Modify(c.tx, vpc.Key, func(o *VPC) {
		set(&o.Spec.DNSSupport, in.EnableDnsSupport)
		set(&o.Spec.DNSHostnames, in.EnableDnsHostnames)
		set(&o.Spec.UsageMetrics, in.EnableNetworkAddressUsageMetrics)
	})
	return nil, nil
}

// set takes an attribute over if the call gives it.
func set(to *bool, from *ec2api.AttributeBooleanValue) {
	if from != nil && from.Value != nil {
		*to = *from.Value
	}
}

// modifyVpcTenancy makes a dedicated VPC one of shared hardware, which every VPC
// of this region is.
func modifyVpcTenancy(c change, in *ec2api.ModifyVpcTenancyRequest) (*ec2api.ModifyVpcTenancyResult, error) {
	vpc, err := c.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	VPCs.Modify(c.tx, vpc.Key, func(o *VPC) { o.Spec.Tenancy = api.Or(in.InstanceTenancy, ec2api.TenancyDefault) })
	return &ec2api.ModifyVpcTenancyResult{ReturnValue: api.Ptr(true)}, nil
}
