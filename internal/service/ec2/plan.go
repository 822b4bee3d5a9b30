package ec2

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"apex/internal/api/ec2api"
	"apex/internal/arn"
	"apex/internal/dataplane/firewall"
	"apex/internal/dataplane/vnet"
	"apex/internal/store"
)

// network compiles a VPC and all that belongs to it into the data plane's
// config. It decides nothing by itself: the same rows give the same config.
func network(r store.Reader, scope arn.Scope, vpc VPC) vnet.Config {
	v := view{r: r, scope: scope, index: &index{}}
	cfg := vnet.Config{ID: vpc.ID(), Domain: internalDomain(scope.Region), NoDNS: !vpc.Spec.DNSSupport, Names: map[string][]netip.Addr{}}
	for _, b := range vpc.Spec.Blocks {
		cfg.CIDRs = append(cfg.CIDRs, b.CIDR)
	}
	cfg.Peers = peersOf(r, vpc)
	tables := v.tablesOf(vpc.ID())
	for _, s := range Subnets.Prefix(r, scope.Prefix()) {
		if s.Spec.VPCID == vpc.ID() {
			cfg.Subnets = append(cfg.Subnets, vnet.Subnet{ID: s.ID(), CIDR: s.Spec.CIDR, Table: tableOf(tables, s).ID(), ACL: s.Spec.ACLID})
		}
	}
	for _, t := range tables {
		cfg.Tables = append(cfg.Tables, v.planTable(tables, t))
	}
	for _, g := range SecurityGroups.Prefix(r, scope.Prefix()) {
		if g.Spec.VPCID == vpc.ID() {
			cfg.Groups = append(cfg.Groups, v.planGroup(g))
		}
	}
	for _, a := range NetworkACLs.Prefix(r, scope.Prefix()) {
		if a.Spec.VPCID == vpc.ID() {
			cfg.ACLs = append(cfg.ACLs, planACL(a))
		}
	}
	for _, i := range NetworkInterfaces.Prefix(r, scope.Prefix()) {
		if i.Spec.VPCID == vpc.ID() && !i.Spec.hollow() {
			cfg.Interfaces = append(cfg.Interfaces, vnet.Interface{
				ID: i.ID(), Subnet: i.Spec.SubnetID, Address: i.Spec.PrivateIP, Public: v.publicIP(i), Groups: i.Spec.GroupIDs,
			})
		}
	}
	for _, n := range Names.Prefix(r, scope.Key(vpc.ID()+"/")) {
		cfg.Names[n.Spec.Name] = n.Spec.Addresses
	}
	cfg.Domains = v.domains(vpc.ID())
	return cfg
}

// peersOf lists the networks that a VPC's active peerings join it to.
func peersOf(r store.Reader, vpc VPC) []vnet.Peer {
	var peers []vnet.Peer
	for _, p := range Peerings.All(r) {
		if p.Spec.State != ec2api.VpcPeeringConnectionStateReasonCodeActive || !p.has(vpc.ID()) {
			continue
		}
		other, ok := VPCs.Get(r, p.other(vpc.ID()).scope().Key(p.other(vpc.ID()).VPCID))
		if !ok {
			continue
		}
		peer := vnet.Peer{ID: p.ID(), Network: other.ID()}
		for _, b := range other.Spec.Blocks {
			peer.Blocks = append(peer.Blocks, b.CIDR)
		}
		peers = append(peers, peer)
	}
	return peers
}

func (v view) tablesOf(vpcID string) []RouteTable {
	var tables []RouteTable
	for _, t := range RouteTables.Prefix(v.r, v.scope.Prefix()) {
		if t.Spec.VPCID == vpcID {
			tables = append(tables, t)
		}
	}
	return tables
}

// tableOf is the table that a subnet is associated with, or the main one.
func tableOf(tables []RouteTable, s Subnet) RouteTable {
	if i := slices.IndexFunc(tables, func(t RouteTable) bool { return slices.ContainsFunc(t.Spec.Associations, s.associated) }); i >= 0 {
		return tables[i]
	}
	if i := slices.IndexFunc(tables, func(t RouteTable) bool { return t.Spec.MainAssociation != "" }); i >= 0 {
		return tables[i]
	}
	return RouteTable{}
}

func (v view) planTable(tables []RouteTable, t RouteTable) vnet.RouteTable {
	out := vnet.RouteTable{ID: t.ID()}
	for _, r := range t.Spec.Routes {
		route := vnet.Route{Target: firewall.Blackhole}
		switch {
		case !v.targetThere(t.Spec.VPCID, r.Target), isEgressOnly(r.Target):
		case isPeering(r.Target):
			route.Target = firewall.Peer
		case !isNAT(r.Target):
			route.Target = firewall.Internet
		case v.natWorks(tables, r.Target):
			g, _ := NATGateways.Get(v.r, v.key(r.Target))
			route.Target, route.Source = firewall.NAT, g.Spec.PublicIP
		}
		for _, block := range v.blocks(r) {
			route.Destination = block
			out.Routes = append(out.Routes, route)
		}
	}
	return out
}

// blocks are the IPv4 blocks that a route is for: there is no IPv6 in a VPC.
func (v view) blocks(r Route) []netip.Prefix {
	switch {
	case r.PrefixList != "":
		return blocksOf(v.r, v.scope, r.PrefixList)
	case r.Destination.Addr().Is4():
		return []netip.Prefix{r.Destination}
	}
	return nil
}

// natWorks reports whether a NAT gateway's own subnet has a route to an internet
// gateway: without it, its packets lead nowhere.
func (v view) natWorks(tables []RouteTable, id string) bool {
	g, ok := NATGateways.Get(v.r, v.key(id))
	if !ok || !g.Spec.DeletedAt.IsZero() {
		return false
	}
	s, ok := Subnets.Get(v.r, v.key(g.Spec.SubnetID))
	return ok && slices.ContainsFunc(tableOf(tables, s).Spec.Routes, func(r Route) bool {
		return r.Destination.Bits() == 0 && r.Destination.Addr().Is4() && strings.HasPrefix(r.Target, "igw-") && v.targetThere(g.Spec.VPCID, r.Target)
	})
}

func (v view) planGroup(g SecurityGroup) firewall.Group {
	out := firewall.Group{ID: g.ID()}
	for _, r := range g.Spec.Rules {
		rules := v.planRule(r)
		if r.Egress {
			out.Egress = append(out.Egress, rules...)
		} else {
			out.Ingress = append(out.Ingress, rules...)
		}
	}
	return out
}

// planRule is the rule as the firewall has it: one for each block of a prefix list.
func (v view) planRule(r GroupRule) []firewall.Rule {
	if r.PrefixListID == "" {
		if rule, ok := r.plan(); ok {
			return []firewall.Rule{rule}
		}
		return nil
	}
	var rules []firewall.Rule
	for _, block := range blocksOf(v.r, v.scope, r.PrefixListID) {
		r.CIDR = block.String()
		if rule, ok := r.plan(); ok {
			rules = append(rules, rule)
		}
	}
	return rules
}

// plan is the rule as the firewall has it. A rule about IPv6 admits nothing:
// there is no IPv6 in a VPC.
func (r GroupRule) plan() (firewall.Rule, bool) {
	out := firewall.Rule{From: int(r.FromPort), To: int(r.ToPort), Group: r.GroupID}
	switch r.Protocol {
	case "-1":
		out.Protocol = firewall.AnyProtocol
	case "tcp":
		out.Protocol = firewall.TCP
	case "udp":
		out.Protocol = firewall.UDP
	case "icmp":
		out.Protocol = firewall.ICMP
	default:
		number, err := strconv.Atoi(r.Protocol)
		if err != nil {
			return out, false // icmpv6
		}
		out.Protocol = firewall.Protocol(number)
	}
	if r.GroupID != "" {
		return out, true
	}
	block, err := netip.ParsePrefix(r.CIDR)
	out.Peer = block
	return out, err == nil
}
