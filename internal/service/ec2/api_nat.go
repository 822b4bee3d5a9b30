package ec2

import (
	"net/netip"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/awsid"
)

func createNatGateway(c change, in *ec2api.CreateNatGatewayRequest) (*ec2api.CreateNatGatewayResult, error) {
	if api.Or(in.ConnectivityType, ec2api.ConnectivityTypePublic) != ec2api.ConnectivityTypePublic ||
		len(in.SecondaryAllocationIds) > 0 || len(in.SecondaryPrivateIpAddresses) > 0 || in.SecondaryPrivateIpAddressCount != nil ||
		api.Or(in.AvailabilityMode, ec2api.AvailabilityModeZonal) != ec2api.AvailabilityModeZonal {
		return nil, unsupported("NAT gateways of this region are public, zonal and have one address")
	}
	subnet, err := c.getSubnet(in.SubnetId)
	if err != nil {
		return nil, err
	}
	if in.AllocationId == nil {
		return nil, api.Invalid("MissingParameter", "The request must include the AllocationId parameter for a public NAT gateway.")
	}
	elastic, err := c.getAddress(in.AllocationId, nil)
	if err != nil {
		return nil, err
	}
	if elastic.Spec.AssociationID != "" {
		return nil, api.Invalid("Resource.AlreadyAssociated", "Elastic IP address [%s] is already associated", elastic.ID())
	}
	want, err := addressOrNone(in.PrivateIpAddress)
	if err != nil {
		return nil, err
	}
	id := awsid.New("nat")
	i, err := RequestInterface(c.tx, c.scope, InterfaceSpec{
		SubnetID: subnet.ID(), Description: "Interface for NAT Gateway " + id, Requester: "nat", Type: natInterface,
		PrivateIP: want, CreatedAt: c.now(),
	})
	if err != nil {
		return nil, err
	}
	c.associate(elastic, i.ID(), netip.Addr{})
	g := NATGateway{Key: c.key(id), Spec: NATGatewaySpec{
		SubnetID: subnet.ID(), VPCID: subnet.Spec.VPCID, AllocationID: elastic.ID(), PublicIP: elastic.Spec.PublicIP,
		InterfaceID: i.ID(), PrivateIP: i.Spec.PrivateIP, CreatedAt: c.now(),
	}}
	NATGateways.Put(c.tx, g)
	if err := c.tagNew("natgateway", id, in.TagSpecifications); err != nil {
		return nil, err
	}
	return &ec2api.CreateNatGatewayResult{NatGateway: api.Ptr(c.natGateway(g)), ClientToken: in.ClientToken}, nil
}

// deleteNatGateway takes the gateway's way out at once; its row stays for a
// while, as it does on AWS.
func deleteNatGateway(c change, in *ec2api.DeleteNatGatewayRequest) (*ec2api.DeleteNatGatewayResult, error) {
	g, ok := NATGateways.Get(c.r, c.key(api.Val(in.NatGatewayId)))
	if !ok {
		return nil, api.Invalid("NatGatewayNotFound", "The Nat Gateway %s was not found", api.Val(in.NatGatewayId))
	}
	if g.Spec.DeletedAt.IsZero() {
		ReleaseInterface(c.tx, c.scope, g.Spec.InterfaceID)
		NATGateways.Modify(c.tx, g.Key, func(g *NATGateway) { g.Spec.DeletedAt = c.now() })
		c.remove(g.ID(), true)
	}
	return &ec2api.DeleteNatGatewayResult{NatGatewayId: in.NatGatewayId}, nil
}

// state is the gateway's state as AWS names it.
func (g NATGateway) state() string {
	deleted := !g.Spec.DeletedAt.IsZero()
	switch {
	case deleted && g.Status.State == ec2api.NatGatewayStateDeleted:
		return ec2api.NatGatewayStateDeleted
	case deleted:
		return ec2api.NatGatewayStateDeleting
	case g.Status.State == ec2api.NatGatewayStateAvailable:
		return ec2api.NatGatewayStateAvailable
	}
	return ec2api.NatGatewayStatePending
}

func (v view) natGateway(o NATGateway) ec2api.NatGateway {
	id := o.ID()
	out := ec2api.NatGateway{
		NatGatewayId: &id, SubnetId: &o.Spec.SubnetID, VpcId: &o.Spec.VPCID, State: api.Ptr(o.state()), CreateTime: &o.Spec.CreatedAt,
		ConnectivityType: api.Ptr(ec2api.ConnectivityTypePublic), AvailabilityMode: api.Ptr(ec2api.AvailabilityModeZonal), Tags: v.tags(id),
	}
	address := ec2api.NatGatewayAddress{
		AllocationId: &o.Spec.AllocationID, NetworkInterfaceId: &o.Spec.InterfaceID, IsPrimary: api.Ptr(true),
		PrivateIp: api.Ptr(o.Spec.PrivateIP.String()), PublicIp: api.Ptr(o.Spec.PublicIP.String()),
		Status: api.Ptr(ec2api.NatGatewayAddressStatusSucceeded),
	}
	if !o.Spec.DeletedAt.IsZero() {
		out.DeleteTime = &o.Spec.DeletedAt
	} else if a, ok := Addresses.Get(v.r, v.key(o.Spec.AllocationID)); ok {
		address.AssociationId = &a.Spec.AssociationID
	}
	out.NatGatewayAddresses = []ec2api.NatGatewayAddress{address}
	return out
}

var natGatewayCatalog = catalog[ec2api.NatGateway]{
	id:   func(o *ec2api.NatGateway) string { return *o.NatGatewayId },
	tags: func(o *ec2api.NatGateway) []ec2api.Tag { return o.Tags },
	missing: func(id string) error {
		return api.Invalid("NatGatewayNotFound", "The Nat Gateway %s was not found", id)
	},
	filters: map[string]func(*ec2api.NatGateway) []string{
		"nat-gateway-id": one(func(o *ec2api.NatGateway) *string { return o.NatGatewayId }),
		"state":          one(func(o *ec2api.NatGateway) *string { return o.State }),
		"subnet-id":      one(func(o *ec2api.NatGateway) *string { return o.SubnetId }),
		"vpc-id":         one(func(o *ec2api.NatGateway) *string { return o.VpcId }),
	},
}

func describeNatGateways(v view, in *ec2api.DescribeNatGatewaysRequest) (*ec2api.DescribeNatGatewaysResult, error) {
	page, next, err := listed(v, NATGateways, v.natGateway, natGatewayCatalog, query{in.NatGatewayIds, in.Filter, in.MaxResults, in.NextToken})
	return &ec2api.DescribeNatGatewaysResult{NatGateways: page, NextToken: next}, err
}
