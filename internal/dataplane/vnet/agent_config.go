package vnet

import (
	"net/netip"

	"apex/internal/dataplane/dns"
	"apex/internal/dataplane/firewall"
)

// An agentConfig is the file that an agent lives by. It holds what its packets
// and questions need and nothing of the interfaces, so that it seldom changes.
type agentConfig struct {
	Router    string // path of the router's namespace
	Uplink    string
	Allow     []netip.Prefix
	Resolvers []netip.AddrPort
	Endpoint  string
	Metadata  string

	Listen  []netip.Addr // where the resolver answers
	CIDRs   []netip.Prefix
	Subnets []Subnet
	Tables  []RouteTable
	Public  map[netip.Addr]netip.Addr // interface → its address outside
	Names   map[string][]netip.Addr
	Domain  string
	Domains []dns.Domain
}

// agent derives the file from a network's config.
func (c Config) agent(o Options) agentConfig {
	a := agentConfig{
		Router: Namespace(o.Hash, c.ID), Uplink: o.Uplink, Allow: o.AllowUplink,
		Resolvers: o.Resolvers, Endpoint: o.Endpoint, Metadata: o.Metadata,
		Listen: c.resolvers(), CIDRs: c.CIDRs, Subnets: c.Subnets, Tables: c.Tables,
		Public: map[netip.Addr]netip.Addr{}, Names: c.Names, Domain: c.Domain, Domains: c.Domains,
	}
	for _, i := range c.Interfaces {
		if i.Public.IsValid() {
			a.Public[i.Address] = i.Public
		}
	}
	return a
}

func (a *agentConfig) zone() *dns.Zone {
	return &dns.Zone{
		Names: a.Names, Domain: a.Domain, Blocks: a.CIDRs,
		Services: "amazonaws.com", Endpoint: EndpointAddress.Addr(), Domains: a.Domains,
	}
}

// exit says whether an interface may send to a destination outside, and the
// address it then has there.
func (a *agentConfig) exit(sender netip.Addr, destination netip.AddrPort) (netip.Addr, bool) {
	for _, block := range a.CIDRs {
		if block.Contains(destination.Addr()) {
			return netip.Addr{}, false
		}
	}
	route, ok := longest(a.routes(sender), destination.Addr())
	if !ok {
		return netip.Addr{}, false
	}
	switch route.Target {
	case firewall.NAT:
		return route.Source, true
	case firewall.Internet:
		public, ok := a.Public[sender]
		return public, ok
	}
	return netip.Addr{}, false
}

// somewhere stands for the whole outside when all that is asked is whether
// there is a way to it.
var somewhere = netip.MustParseAddrPort("192.0.2.1:53")

// mayLeave reports whether an interface has a way outside. One in a public
// subnet has, though it own no public address: its questions go by the gateway.
func (a *agentConfig) mayLeave(sender netip.Addr) bool {
	route, ok := longest(a.routes(sender), somewhere.Addr())
	return ok && route.Target != firewall.Blackhole && route.Target != firewall.Peer
}

// routes are those of the subnet that an address lies in.
func (a *agentConfig) routes(addr netip.Addr) []Route {
	for _, s := range a.Subnets {
		if !s.CIDR.Contains(addr) {
			continue
		}
		for _, t := range a.Tables {
			if t.ID == s.Table {
				return t.Routes
			}
		}
	}
	return nil
}

func longest(routes []Route, addr netip.Addr) (best Route, ok bool) {
	for _, r := range routes {
		if r.Destination.Contains(addr) && (!ok || r.Destination.Bits() > best.Destination.Bits()) {
			best, ok = r, true
		}
	}
	return best, ok
}
