package ec2

import (
	"net/netip"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/cidr"
)

func isNAT(target string) bool { return strings.HasPrefix(target, "nat-") }

// destination reads a route's destination. Host bits are cleared, as AWS does.
func destination(v4, v6 *string) (netip.Prefix, error) {
	if v6 != nil {
		return netip.Prefix{}, unsupported("this region has no IPv6: route an IPv4 block")
	}
	p, err := netip.ParsePrefix(api.Val(v4))
	if err != nil || !p.Addr().Is4() {
		return p, invalidValue("Value (%s) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.", api.Val(v4))
	}
	return p.Masked(), nil
}

// target checks that a gateway may be routed to from a VPC.
func (v view) target(vpcID string, gateway, nat *string, others ...*string) (string, error) {
	for _, other := range others {
		if other != nil {
			return "", unsupported("routes of this region lead to internet gateways and NAT gateways only, not to %s", *other)
		}
	}
	switch {
	case gateway != nil && nat == nil:
		g, ok := InternetGateways.Get(v.r, v.key(*gateway))
		if !ok {
			return "", notFound("InvalidGatewayID.NotFound", "gateway", *gateway)
		}
		if g.Spec.VPCID != vpcID {
			return "", invalidValue("route table and network gateway %s belong to different networks", *gateway)
		}
		return *gateway, nil
	case nat != nil && gateway == nil:
		g, ok := NATGateways.Get(v.r, v.key(*nat))
		if !ok || !g.Spec.DeletedAt.IsZero() {
			return "", notFound("InvalidNatGatewayID.NotFound", "natGateway", *nat)
		}
		if g.Spec.VPCID != vpcID {
			return "", invalidValue("route table and NAT gateway %s belong to different networks", *nat)
		}
		return *nat, nil
	}
	return "", api.Invalid("InvalidParameterCombination", "You must specify exactly one target for the route")
}

// targetThere reports whether a route's gateway still exists.
func (v view) targetThere(vpcID, target string) bool {
	if isNAT(target) {
		g, ok := NATGateways.Get(v.r, v.key(target))
		return ok && g.Spec.DeletedAt.IsZero()
	}
	g, ok := InternetGateways.Get(v.r, v.key(target))
	return ok && g.Spec.VPCID == vpcID
}

func createRoute(c change, in *ec2api.CreateRouteRequest) (*ec2api.CreateRouteResult, error) {
	table, err := c.getRouteTable(in.RouteTableId)
	if err != nil {
		return nil, err
	}
	p, err := destination(in.DestinationCidrBlock, in.DestinationIpv6CidrBlock)
	if err != nil {
		return nil, err
	}
	target, err := c.target(table.Spec.VPCID, in.GatewayId, in.NatGatewayId, in.InstanceId, in.NetworkInterfaceId,
		in.TransitGatewayId, in.LocalGatewayId, in.CarrierGatewayId, in.EgressOnlyInternetGatewayId, in.VpcPeeringConnectionId, in.VpcEndpointId, in.CoreNetworkArn)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(table.Spec.Routes, func(r Route) bool { return r.Destination == p }) {
		return nil, api.Invalid("RouteAlreadyExists", "The route identified by %s already exists.", p)
	}
	vpc, _ := VPCs.Get(c.r, c.key(table.Spec.VPCID))
	for _, b := range vpc.Spec.Blocks {
		if cidr.Contains(b.CIDR, p) {
			return nil, invalidValue("The destination CIDR block %s is equal to or more specific than one of this VPC's CIDR blocks.", p)
		}
	}
	RouteTables.Modify(c.tx, table.Key, func(t *RouteTable) { t.Spec.Routes = append(t.Spec.Routes, Route{p, target}) })
	return &ec2api.CreateRouteResult{Return: api.Ptr(true)}, nil
}

func replaceRoute(c change, in *ec2api.ReplaceRouteRequest) (*ec2api.ReplaceRouteOutput, error) {
	table, at, err := c.findRoute(in.RouteTableId, in.DestinationCidrBlock, in.DestinationIpv6CidrBlock)
	if err != nil {
		return nil, err
	}
	target, err := c.target(table.Spec.VPCID, in.GatewayId, in.NatGatewayId, in.InstanceId, in.NetworkInterfaceId,
		in.TransitGatewayId, in.LocalGatewayId, in.CarrierGatewayId, in.EgressOnlyInternetGatewayId, in.VpcPeeringConnectionId, in.VpcEndpointId, in.CoreNetworkArn)
	if err != nil {
		return nil, err
	}
	RouteTables.Modify(c.tx, table.Key, func(t *RouteTable) { t.Spec.Routes[at].Target = target })
	return nil, nil
}

func deleteRoute(c change, in *ec2api.DeleteRouteRequest) (*ec2api.DeleteRouteOutput, error) {
	table, at, err := c.findRoute(in.RouteTableId, in.DestinationCidrBlock, in.DestinationIpv6CidrBlock)
	if err != nil {
		return nil, err
	}
	RouteTables.Modify(c.tx, table.Key, func(t *RouteTable) { t.Spec.Routes = slices.Delete(t.Spec.Routes, at, at+1) })
	return nil, nil
}

func (v view) findRoute(tableID, v4, v6 *string) (RouteTable, int, error) {
	table, err := v.getRouteTable(tableID)
	if err != nil {
		return table, 0, err
	}
	p, err := destination(v4, v6)
	if err != nil {
		return table, 0, err
	}
	at := slices.IndexFunc(table.Spec.Routes, func(r Route) bool { return r.Destination == p })
	if at < 0 {
		return table, 0, api.Invalid("InvalidRoute.NotFound", "no route with destination-cidr-block %s in route table %s", p, table.ID())
	}
	return table, at, nil
}
