package ec2

import (
	"net/netip"
	"slices"

	"apex/internal/api"
	"apex/internal/api/ec2api"
	"apex/internal/cidr"
)

// destination reads a route's destination into a route without a target. Host
// bits are cleared, as AWS does.
func (v view) destination(v4, v6, list *string) (Route, error) {
	given := 0
	for _, p := range []*string{v4, v6, list} {
		if p != nil {
			given++
		}
	}
	if given != 1 {
		return Route{}, api.Invalid("InvalidParameterCombination", "You must specify exactly one destination: an IPv4 block, an IPv6 block or a prefix list")
	}
	if list != nil {
		if !v.knownPrefixList(*list) {
			return Route{}, noPrefixList(*list)
		}
		return Route{PrefixList: *list}, nil
	}
	p, err := netip.ParsePrefix(api.Or(v4, api.Val(v6)))
	if err != nil || p.Addr().Is4() != (v4 != nil) {
		return Route{}, invalidValue("Value (%s) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.", api.Or(v4, api.Val(v6)))
	}
	return Route{Destination: p.Masked()}, nil
}

// to is the destination as messages name it.
func (r Route) to() string {
	if r.PrefixList != "" {
		return r.PrefixList
	}
	return r.Destination.String()
}

func (r Route) sameDestination(o Route) bool {
	return r.Destination == o.Destination && r.PrefixList == o.PrefixList
}

func createRoute(c change, in *ec2api.CreateRouteRequest) (*ec2api.CreateRouteResult, error) {
	table, err := c.getRouteTable(in.RouteTableId)
	if err != nil {
		return nil, err
	}
	route, err := c.destination(in.DestinationCidrBlock, in.DestinationIpv6CidrBlock, in.DestinationPrefixListId)
	if err != nil {
		return nil, err
	}
	if route.Target, err = c.target(table.Spec.VPCID, route, targetsOf(in)); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(table.Spec.Routes, route.sameDestination) {
		return nil, api.Invalid("RouteAlreadyExists", "The route identified by %s already exists.", route.to())
	}
	vpc, _ := VPCs.Get(c.r, c.key(table.Spec.VPCID))
	for _, b := range vpc.Spec.Blocks {
		if cidr.Contains(b.CIDR, route.Destination) {
			return nil, invalidValue("The destination CIDR block %s is equal to or more specific than one of this VPC's CIDR blocks.", route.to())
		}
	}
	RouteTables.Modify(c.tx, table.Key, func(t *RouteTable) { t.Spec.Routes = append(t.Spec.Routes, route) })
	return &ec2api.CreateRouteResult{Return: api.Ptr(true)}, nil
}

func replaceRoute(c change, in *ec2api.ReplaceRouteRequest) (*ec2api.ReplaceRouteOutput, error) {
	table, at, err := c.findRoute(in.RouteTableId, in.DestinationCidrBlock, in.DestinationIpv6CidrBlock, in.DestinationPrefixListId)
	if err != nil {
		return nil, err
	}
	target, err := c.target(table.Spec.VPCID, table.Spec.Routes[at], targetsOf(&ec2api.CreateRouteRequest{
		GatewayId: in.GatewayId, NatGatewayId: in.NatGatewayId, VpcPeeringConnectionId: in.VpcPeeringConnectionId,
		EgressOnlyInternetGatewayId: in.EgressOnlyInternetGatewayId, InstanceId: in.InstanceId, NetworkInterfaceId: in.NetworkInterfaceId,
		TransitGatewayId: in.TransitGatewayId, LocalGatewayId: in.LocalGatewayId, CarrierGatewayId: in.CarrierGatewayId,
		VpcEndpointId: in.VpcEndpointId, CoreNetworkArn: in.CoreNetworkArn,
	}))
	if err != nil {
		return nil, err
	}
	RouteTables.Modify(c.tx, table.Key, func(t *RouteTable) { t.Spec.Routes[at].Target = target })
	return nil, nil
}

func deleteRoute(c change, in *ec2api.DeleteRouteRequest) (*ec2api.DeleteRouteOutput, error) {
	table, at, err := c.findRoute(in.RouteTableId, in.DestinationCidrBlock, in.DestinationIpv6CidrBlock, in.DestinationPrefixListId)
	if err != nil {
		return nil, err
	}
	RouteTables.Modify(c.tx, table.Key, func(t *RouteTable) { t.Spec.Routes = slices.Delete(t.Spec.Routes, at, at+1) })
	return nil, nil
}

func (v view) findRoute(tableID, v4, v6, list *string) (RouteTable, int, error) {
	table, err := v.getRouteTable(tableID)
	if err != nil {
		return table, 0, err
	}
	route, err := v.destination(v4, v6, list)
	if err != nil {
		return table, 0, err
	}
	at := slices.IndexFunc(table.Spec.Routes, route.sameDestination)
	if at < 0 {
		return table, 0, api.Invalid("InvalidRoute.NotFound", "no route with destination %s in route table %s", route.to(), table.ID())
	}
	return table, at, nil
}
