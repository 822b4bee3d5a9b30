package ec2

import (
	"strings"

	"apex/internal/api"
	"apex/internal/api/ec2api"
)

// localTarget is the target of the routes inside a VPC.
const localTarget = "local"

// What a route's target is, by its id.
func isNAT(target string) bool        { return strings.HasPrefix(target, "nat-") }
func isEgressOnly(target string) bool { return strings.HasPrefix(target, "eigw-") }
func isPeering(target string) bool    { return strings.HasPrefix(target, "pcx-") }
func isEndpoint(target string) bool   { return strings.HasPrefix(target, "vpce-") }

// targets are the targets that a request may name; one of them must be given.
type targets struct {
	gateway, nat, egressOnly, peering *string
	others                            []*string // that this region does not have
}

func targetsOf(in *ec2api.CreateRouteRequest) targets {
	return targets{
		gateway: in.GatewayId, nat: in.NatGatewayId, egressOnly: in.EgressOnlyInternetGatewayId, peering: in.VpcPeeringConnectionId,
		others: []*string{
			in.InstanceId, in.NetworkInterfaceId, in.TransitGatewayId, in.LocalGatewayId, in.CarrierGatewayId, in.VpcEndpointId, in.CoreNetworkArn,
		},
	}
}

func (t targets) one() (string, error) {
	for _, other := range t.others {
		if other != nil {
			return "", unsupported("routes of this region lead to internet gateways, NAT gateways and VPC peering connections only, not to %s", *other)
		}
	}
	var given []string
	for _, p := range []*string{t.gateway, t.nat, t.egressOnly, t.peering} {
		if p != nil {
			given = append(given, *p)
		}
	}
	if len(given) != 1 {
		return "", api.Invalid("InvalidParameterCombination", "You must specify exactly one target for the route")
	}
	return given[0], nil
}

// target checks that a gateway may be routed to from a VPC.
func (v view) target(vpcID string, route Route, t targets) (string, error) {
	id, err := t.one()
	if err != nil {
		return "", err
	}
	switch {
	case id == localTarget:
		return "", unsupported("the local routes of a VPC cannot be replaced")
	case t.gateway != nil && isEndpoint(id):
		return "", invalidValue("Routes to the gateway endpoint %s follow from the route tables that the endpoint names", id)
	case t.gateway != nil:
		g, err := v.getInternetGateway(&id)
		if err != nil {
			return "", notFound("InvalidGatewayID.NotFound", "gateway", id)
		}
		if g.Spec.VPCID != vpcID {
			return "", invalidValue("route table and network gateway %s belong to different networks", id)
		}
	case t.nat != nil:
		g, ok := NATGateways.Get(v.r, v.key(id))
		if !ok || !g.Spec.DeletedAt.IsZero() {
			return "", notFound("InvalidNatGatewayID.NotFound", "natGateway", id)
		}
		if g.Spec.VPCID != vpcID {
			return "", invalidValue("route table and NAT gateway %s belong to different networks", id)
		}
	case t.egressOnly != nil:
		return id, v.egressOnlyTarget(vpcID, id, route)
	case t.peering != nil:
		p, ok := findPeering(v.r, v.scope, id)
		if !ok {
			return "", noPeering(id)
		}
		if !p.has(vpcID) {
			return "", invalidValue("route table and VPC peering connection %s belong to different networks", id)
		}
	}
	return id, nil
}

func (v view) egressOnlyTarget(vpcID, id string, route Route) error {
	g, ok := EgressOnlyGateways.Get(v.r, v.key(id))
	switch {
	case !ok:
		return notFound("InvalidGatewayID.NotFound", "gateway", id)
	case g.Spec.VPCID != vpcID:
		return invalidValue("route table and egress-only internet gateway %s belong to different networks", id)
	case route.PrefixList == "" && route.Destination.Addr().Is4():
		return invalidValue("an egress-only internet gateway carries IPv6: the destination %s is not an IPv6 block", route.to())
	}
	return nil
}

// targetThere reports whether a route's gateway still exists.
func (v view) targetThere(vpcID, target string) bool {
	switch {
	case isNAT(target):
		g, ok := NATGateways.Get(v.r, v.key(target))
		return ok && g.Spec.DeletedAt.IsZero()
	case isEgressOnly(target):
		_, ok := EgressOnlyGateways.Get(v.r, v.key(target))
		return ok
	case isPeering(target):
		p, ok := findPeering(v.r, v.scope, target)
		return ok && p.Spec.State == ec2api.VpcPeeringConnectionStateReasonCodeActive
	}
	g, ok := InternetGateways.Get(v.r, v.key(target))
	return ok && g.Spec.VPCID == vpcID
}

// route shows a route of a table of a VPC.
func (v view) route(vpcID string, r Route) ec2api.Route {
	out := ec2api.Route{Origin: api.Ptr(ec2api.RouteOriginCreateRoute), State: api.Ptr(ec2api.RouteStateActive)}
	switch {
	case r.PrefixList != "":
		out.DestinationPrefixListId = &r.PrefixList
	case r.Destination.Addr().Is4():
		out.DestinationCidrBlock = api.Ptr(r.Destination.String())
	default:
		out.DestinationIpv6CidrBlock = api.Ptr(r.Destination.String())
	}
	if !isEndpoint(r.Target) && r.Target != localTarget && !v.targetThere(vpcID, r.Target) {
		out.State = api.Ptr(ec2api.RouteStateBlackhole)
	}
	switch {
	case isNAT(r.Target):
		out.NatGatewayId = &r.Target
	case isEgressOnly(r.Target):
		out.EgressOnlyInternetGatewayId = &r.Target
	case isPeering(r.Target):
		out.VpcPeeringConnectionId = &r.Target
	default:
		out.GatewayId = &r.Target
	}
	return out
}
