package graph

import (
	"fmt"
	"net/netip"

	"apex/internal/stack"
)

// A VPC is a network of its own.
type VPC struct {
	Meta
	CIDR netip.Prefix
}

// An InternetGateway joins a VPC to the internet.
type InternetGateway struct {
	Meta
	VPC ID
}

// A Subnet is a part of a VPC in one availability zone.
type Subnet struct {
	Meta
	VPC    ID
	Zone   string // "us-east-1a"
	CIDR   netip.Prefix
	Public bool
}

// An ElasticIP is a public address that stays.
type ElasticIP struct{ Meta }

// A NATGateway lets private subnets reach the internet.
type NATGateway struct {
	Meta
	Subnet  ID
	Address ID
	Gateway ID // the InternetGateway behind it
}

// A RouteTable sends what leaves its subnets to a gateway.
type RouteTable struct {
	Meta
	VPC     ID
	Subnets []ID
	Gateway ID // an InternetGateway or a NATGateway; empty: no way out
}

// A SecurityGroup says who may open connections to its members.
type SecurityGroup struct {
	Meta
	VPC         ID
	Description string
	Ingress     []Ingress
}

// An Ingress lets a TCP port be reached from a block of addresses or from the
// members of a group.
type Ingress struct {
	Port  int
	CIDR  netip.Prefix
	Group ID
}

// network adds the VPC with its subnets and ways out.
func (b *builder) network() {
	n := b.stack.Network
	vpc := b.add(VPC{b.meta("VPC", ""), n.CIDR.Prefix})
	gateway := b.add(InternetGateway{b.meta("InternetGateway", ""), vpc})
	b.gateway = gateway
	for i := range n.Zones {
		zone := string("abc"[i])
		b.public = append(b.public, b.add(Subnet{b.meta("Subnet", "public-"+zone), vpc, b.stack.Region + zone, n.Public[i].Prefix, true}))
		b.private = append(b.private, b.add(Subnet{b.meta("Subnet", "private-"+zone), vpc, b.stack.Region + zone, n.Private[i].Prefix, false}))
	}
	b.routes = append(b.routes, b.add(RouteTable{b.meta("RouteTable", "public"), vpc, b.public, gateway}))
	nat := b.nat()
	for i, subnet := range b.private {
		table := RouteTable{b.meta("RouteTable", "private-"+string("abc"[i])), vpc, []ID{subnet}, ""}
		if len(nat) > 0 {
			table.Gateway = nat[i%len(nat)]
		}
		b.routes = append(b.routes, b.add(table))
	}
	b.vpc = vpc
}

// nat adds NAT gateways: none, one, or one for each zone.
func (b *builder) nat() []ID {
	count := map[stack.NAT]int{stack.NATNone: 0, stack.NATSingle: 1, stack.NATPerZone: b.stack.Network.Zones}[b.stack.Network.NAT]
	var gateways []ID
	for i := range count {
		label := "nat-" + string("abc"[i])
		address := b.add(ElasticIP{b.meta("ElasticIP", label)})
		gateways = append(gateways, b.add(NATGateway{b.meta("NATGateway", label), b.public[i], address, b.gateway}))
	}
	return gateways
}

// groups adds the security groups: internet → balancer → services → data.
func (b *builder) groups() {
	var open []Ingress
	for _, port := range []int{80, 443} {
		for _, from := range b.stack.Balancer.From {
			open = append(open, Ingress{Port: port, CIDR: from.Prefix})
		}
	}
	b.balancerGroup = b.group("alb", "the load balancer: web traffic from outside", open)
	b.serviceGroup = b.group("ecs", "services: from the load balancer only", from(b.balancerGroup, b.ports()...))
	if b.stack.Database != nil {
		b.databaseGroup = b.group("rds", "the database: from services only", from(b.serviceGroup, databasePort))
	}
	if b.stack.Cache != nil {
		b.cacheGroup = b.group("redis", "the cache: from services only", from(b.serviceGroup, cachePort))
	}
}

func (b *builder) group(label, description string, ingress []Ingress) ID {
	return b.add(SecurityGroup{
		Meta: b.meta("SecurityGroup", label), VPC: b.vpc,
		Description: fmt.Sprintf("%s %s - %s", b.stack.Name, b.stack.Environment, description), Ingress: ingress,
	})
}

func from(group ID, ports ...int) []Ingress {
	var ingress []Ingress
	for _, port := range ports {
		ingress = append(ingress, Ingress{Port: port, Group: group})
	}
	return ingress
}
