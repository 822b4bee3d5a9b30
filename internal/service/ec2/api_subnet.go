package ec2

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
	"apex/internal/cidr"
)

func createSubnet(c change, in *ec2api.CreateSubnetRequest) (*ec2api.CreateSubnetResult, error) {
	if api.Val(in.Ipv6Native) || in.OutpostArn != nil || in.Ipv4IpamPoolId != nil || in.Ipv6IpamPoolId != nil {
		return nil, unsupported("subnets of this region have an IPv4 block that the caller gives")
	}
	vpc, err := c.getVPC(in.VpcId)
	if err != nil {
		return nil, err
	}
	block, err := c.subnetBlock(vpc, in.CidrBlock)
	if err != nil {
		return nil, err
	}
	zone, err := c.zone(in.AvailabilityZone, in.AvailabilityZoneId)
	if err != nil {
		return nil, err
	}
	subnet := c.newSubnet(vpc.ID(), zone, block)
	if in.Ipv6CidrBlock != nil {
		if subnet.Spec.Block6, err = c.subnetBlock6(vpc, *in.Ipv6CidrBlock); err != nil {
			return nil, err
		}
	}
	Subnets.Put(c.tx, subnet)
	if err := c.tagNew("subnet", subnet.ID(), in.TagSpecifications); err != nil {
		return nil, err
	}
	return &ec2api.CreateSubnetResult{Subnet: api.Ptr(c.subnet(subnet))}, nil
}

func (v view) newSubnet(vpcID, zone string, block netip.Prefix) Subnet {
	return Subnet{Key: v.key(awsid.New("subnet")), Spec: SubnetSpec{
		VPCID: vpcID, CIDR: block, Zone: zone, ACLID: v.defaultACL(vpcID),
		ACLAssociationID: awsid.New("aclassoc"), HostnameType: ec2api.HostnameTypeIpName,
	}}
}

// subnetBlock checks that a block is free in the VPC.
func (v view) subnetBlock(vpc VPC, text *string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(api.Val(text))
	if err != nil || !p.Addr().Is4() {
		return p, invalidValue("Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.", api.Val(text))
	}
	p = p.Masked()
	inside := slices.ContainsFunc(vpc.Spec.Blocks, func(b Block) bool { return cidr.Contains(b.CIDR, p) })
	if !inside || p.Bits() < 16 || p.Bits() > 28 {
		return p, api.Invalid("InvalidSubnet.Range", "The CIDR '%s' is invalid.", p)
	}
	for _, s := range Subnets.Prefix(v.r, v.scope.Prefix()) {
		if s.Spec.VPCID == vpc.ID() && s.Spec.CIDR.Overlaps(p) {
			return p, api.Invalid("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", p)
		}
	}
	return p, nil
}

// zone finds the zone that is asked for by name or id; none is the first.
func (v view) zone(name, id *string) (string, error) {
	zones := zonesOf(v.scope.Region)
	if name == nil && id == nil {
		return *zones[0].ZoneName, nil
	}
	var names []string
	for _, z := range zones {
		if name != nil && *z.ZoneName == *name || name == nil && *z.ZoneId == *id {
			return *z.ZoneName, nil
		}
		names = append(names, *z.ZoneName)
	}
	return "", invalidValue("Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: %s.",
		api.Or(name, api.Val(id)), strings.Join(names, ", "))
}

func deleteSubnet(c change, in *ec2api.DeleteSubnetRequest) (*ec2api.DeleteSubnetOutput, error) {
	subnet, err := c.getSubnet(in.SubnetId)
	if err != nil {
		return nil, err
	}
	if len(takenIn(c.r, c.scope, subnet.ID())) > 0 {
		return nil, inUse("subnet", subnet.ID())
	}
	for key, t := range RouteTables.Prefix(c.r, c.scope.Prefix()) {
		if slices.ContainsFunc(t.Spec.Associations, subnet.associated) {
			RouteTables.Modify(c.tx, key, func(t *RouteTable) {
				t.Spec.Associations = slices.DeleteFunc(t.Spec.Associations, subnet.associated)
			})
		}
	}
	c.remove(subnet.ID(), Subnets.Delete(c.tx, subnet.Key))
	return nil, nil
}

func (s Subnet) associated(a Association) bool { return a.SubnetID == s.ID() }

func (v view) getSubnet(id *string) (Subnet, error) {
	subnet, ok := Subnets.Get(v.r, v.key(api.Val(id)))
	if !ok {
		return Subnet{}, notFound("InvalidSubnetID.NotFound", "subnet", api.Val(id))
	}
	return subnet, nil
}

func (v view) subnet(o Subnet) ec2api.Subnet {
	id := o.ID()
	free := cidr.Size(o.Spec.CIDR) - cidr.Reserved - v.usedIn(id)
	return ec2api.Subnet{
		SubnetId: &id, VpcId: &o.Spec.VPCID, CidrBlock: api.Ptr(o.Spec.CIDR.String()), OwnerId: &v.scope.Account,
		AvailabilityZone: &o.Spec.Zone, AvailabilityZoneId: api.Ptr(zoneID(o.Spec.Zone)),
		AvailableIpAddressCount: api.Ptr(int64(free)), State: api.Ptr(ec2api.SubnetStateAvailable),
		DefaultForAz: &o.Spec.Default, Ipv6CidrBlockAssociationSet: o.Spec.blocks6(), MapPublicIpOnLaunch: &o.Spec.MapPublicIP, MapCustomerOwnedIpOnLaunch: api.Ptr(false),
		AssignIpv6AddressOnCreation: &o.Spec.AssignIPv6, EnableDns64: &o.Spec.DNS64, Ipv6Native: api.Ptr(false),
		SubnetArn: api.Ptr(v.scope.ARN("ec2", "subnet/"+id)), Tags: v.tags(id),
		PrivateDnsNameOptionsOnLaunch: &ec2api.PrivateDnsNameOptionsOnLaunch{
			HostnameType: &o.Spec.HostnameType, EnableResourceNameDnsARecord: &o.Spec.ResourceNameA,
			EnableResourceNameDnsAAAARecord: &o.Spec.ResourceNameAAAA,
		},
	}
}

func blocks6Of(o *ec2api.Subnet) []ec2api.SubnetIpv6CidrBlockAssociation {
	return o.Ipv6CidrBlockAssociationSet
}

var subnetCatalog = catalog[ec2api.Subnet]{
	id:      func(o *ec2api.Subnet) string { return *o.SubnetId },
	tags:    func(o *ec2api.Subnet) []ec2api.Tag { return o.Tags },
	missing: func(id string) error { return notFound("InvalidSubnetID.NotFound", "subnet", id) },
	filters: map[string]func(*ec2api.Subnet) []string{
		"subnet-id":            one(func(o *ec2api.Subnet) *string { return o.SubnetId }),
		"subnet-arn":           one(func(o *ec2api.Subnet) *string { return o.SubnetArn }),
		"vpc-id":               one(func(o *ec2api.Subnet) *string { return o.VpcId }),
		"cidr-block":           one(func(o *ec2api.Subnet) *string { return o.CidrBlock }),
		"cidr":                 one(func(o *ec2api.Subnet) *string { return o.CidrBlock }),
		"state":                one(func(o *ec2api.Subnet) *string { return o.State }),
		"owner-id":             one(func(o *ec2api.Subnet) *string { return o.OwnerId }),
		"availability-zone":    one(func(o *ec2api.Subnet) *string { return o.AvailabilityZone }),
		"availabilityZone":     one(func(o *ec2api.Subnet) *string { return o.AvailabilityZone }),
		"availability-zone-id": one(func(o *ec2api.Subnet) *string { return o.AvailabilityZoneId }),
		"default-for-az":       flag(func(o *ec2api.Subnet) *bool { return o.DefaultForAz }),
		"defaultForAz":         flag(func(o *ec2api.Subnet) *bool { return o.DefaultForAz }),
		"availabilityZoneId":   one(func(o *ec2api.Subnet) *string { return o.AvailabilityZoneId }),
		"cidrBlock":            one(func(o *ec2api.Subnet) *string { return o.CidrBlock }),
		"available-ip-address-count": one(func(o *ec2api.Subnet) *string {
			return api.Ptr(strconv.FormatInt(*o.AvailableIpAddressCount, 10))
		}),
		"ipv6-native":  flag(func(o *ec2api.Subnet) *bool { return o.Ipv6Native }),
		"enable-dns64": flag(func(o *ec2api.Subnet) *bool { return o.EnableDns64 }),
		"ipv6-cidr-block-association.ipv6-cidr-block": each(blocks6Of, func(a *ec2api.SubnetIpv6CidrBlockAssociation) *string { return a.Ipv6CidrBlock }),
		"ipv6-cidr-block-association.association-id":  each(blocks6Of, func(a *ec2api.SubnetIpv6CidrBlockAssociation) *string { return a.AssociationId }),
		"ipv6-cidr-block-association.state":           each(blocks6Of, func(a *ec2api.SubnetIpv6CidrBlockAssociation) *string { return a.Ipv6CidrBlockState.State }),
		"map-public-ip-on-launch":                     flag(func(o *ec2api.Subnet) *bool { return o.MapPublicIpOnLaunch }),
	},
}

func describeSubnets(v view, in *ec2api.DescribeSubnetsRequest) (*ec2api.DescribeSubnetsResult, error) {
	page, next, err := listed(v, Subnets, v.subnet, subnetCatalog, query{in.SubnetIds, in.Filters, in.MaxResults, in.NextToken})
	return &ec2api.DescribeSubnetsResult{Subnets: page, NextToken: next}, err
}

func modifySubnetAttribute(c change, in *ec2api.ModifySubnetAttributeRequest) (*ec2api.ModifySubnetAttributeOutput, error) {
	subnet, err := c.getSubnet(in.SubnetId)
	if err != nil {
		return nil, err
	}
	if in.MapCustomerOwnedIpOnLaunch != nil && api.Val(in.MapCustomerOwnedIpOnLaunch.Value) || in.EnableLniAtDeviceIndex != nil {
		return nil, unsupported("subnets of this region are on no Outpost")
	}
	if wanted := in.AssignIpv6AddressOnCreation; wanted != nil && api.Val(wanted.Value) && subnet.Spec.Block6.AssociationID == "" {
		return nil, invalidValue("Subnet %s has no IPv6 CIDR block", subnet.ID())
	}
	Subnets.Modify(c.tx, subnet.Key, func(o *Subnet) {
		set(&o.Spec.MapPublicIP, in.MapPublicIpOnLaunch)
		set(&o.Spec.AssignIPv6, in.AssignIpv6AddressOnCreation)
		set(&o.Spec.DNS64, in.EnableDns64)
		set(&o.Spec.ResourceNameAAAA, in.EnableResourceNameDnsAAAARecordOnLaunch)
		set(&o.Spec.ResourceNameA, in.EnableResourceNameDnsARecordOnLaunch)
		o.Spec.HostnameType = api.Or(in.PrivateDnsHostnameTypeOnLaunch, o.Spec.HostnameType)
	})
	return nil, nil
}
