package vnet

import (
	"crypto/sha256"
	"net"
	"net/netip"
	"path/filepath"
	"strings"

	"apex/internal/dataplane/dns"
	"apex/internal/dataplane/firewall"
	"apex/internal/dataplane/vnet/netns"
)

// Options say where a Network keeps its things and what lies outside.
type Options struct {
	Hash       string // distinguishes the namespaces of several homes
	RunDir     string // the agents' directories
	Executable string // the apex binary

	// Uplink is the path of the namespace that is the outside; empty: the host.
	Uplink string
	// AllowUplink lists blocks that gateways may reach although a Guard keeps
	// VPCs from them.
	AllowUplink []netip.Prefix
	// Resolvers answer names of the outside; empty: those of /etc/resolv.conf.
	Resolvers []netip.AddrPort

	Endpoint string // where EndpointAddress leads: "127.0.0.1:4566"
	Metadata string // the unix socket behind MetadataAddress
}

// The addresses at which every network's router answers, besides its DNS at the
// first block's base + 2.
var (
	ResolverAddress = netip.MustParseAddr("169.254.169.253")
	EndpointAddress = netip.MustParseAddrPort("169.254.170.23:4566")
	MetadataAddress = netip.MustParseAddrPort("169.254.170.2:80")
)

// A Config is one network as it should be.
type Config struct {
	ID         string
	CIDRs      []netip.Prefix
	Subnets    []Subnet
	Tables     []RouteTable
	Interfaces []Interface
	Peers      []Peer
	Groups     []firewall.Group
	ACLs       []firewall.ACL
	Names      map[string][]netip.Addr // private names
	Domain     string                  // of interfaces' own names: "ec2.internal"
	Domains    []dns.Domain            // that the resolver answers for in full
	NoDNS      bool                    // the resolver answers nobody
}

// A Subnet is a part of the network whose interfaces share a route table, and an
// ACL at their border.
type Subnet struct {
	ID    string
	CIDR  netip.Prefix
	Table string
	ACL   string
}

// A RouteTable says where packets leave the network. What it does not mention
// does not leave.
type RouteTable struct {
	ID     string
	Routes []Route
}

// A Route leads some destinations to a gateway.
type Route struct {
	Destination netip.Prefix
	Target      firewall.Target
	Source      netip.Addr // of a NAT gateway: its address outside
}

// An Interface is an attachment with a namespace of its own.
type Interface struct {
	ID      string
	Subnet  string
	Address netip.Addr
	Public  netip.Addr // its address outside, if it has one
	Groups  []string
}

// Namespace returns the path of an interface's or a router's namespace.
func Namespace(hash, id string) string { return netns.Path(namespace(hash, id)) }

func namespace(hash, id string) string { return prefix(hash) + id }

func prefix(hash string) string { return "apex-" + hash + "-" }

// MAC is an interface's hardware address, which follows from its id.
func MAC(id string) net.HardwareAddr {
	sum := sha256.Sum256([]byte(id))
	return net.HardwareAddr{0x02, sum[0], sum[1], sum[2], sum[3], sum[4]} // locally administered
}

// routerMAC is the router's end of every cable.
var routerMAC = net.HardwareAddr{0x02, 0, 0, 0, 0, 1}

// device names the router's end of an interface's cable. The kernel allows 15
// characters; the end of an id is what differs.
func device(id string) string {
	name := strings.Map(func(r rune) rune {
		if r == '-' || r == '/' || r == ' ' {
			return -1
		}
		return r
	}, id)
	return "v" + name[max(0, len(name)-14):]
}

// resolvers lists the addresses of a network's DNS.
func (c Config) resolvers() []netip.Addr {
	addrs := []netip.Addr{ResolverAddress}
	if len(c.CIDRs) > 0 {
		addrs = append(addrs, c.CIDRs[0].Masked().Addr().Next().Next())
	}
	return addrs
}

// firewall derives the rules of a network.
func (c Config) firewall() firewall.Config {
	fw := firewall.Config{Local: c.CIDRs, Groups: c.Groups, ACLs: c.ACLs, Neighbours: c.neighbours(), Proxy: proxyPort}
	table := map[string]string{}
	for _, s := range c.Subnets {
		table[s.ID] = s.Table
		fw.Subnets = append(fw.Subnets, firewall.Subnet{ID: s.ID, Block: s.CIDR, ACL: s.ACL})
	}
	for _, i := range c.Interfaces {
		fw.Interfaces = append(fw.Interfaces, firewall.Interface{
			Device: device(i.ID), Address: i.Address, Groups: i.Groups, Subnet: i.Subnet,
			Table: table[i.Subnet], Public: i.Public.IsValid(),
		})
	}
	for _, t := range c.Tables {
		fw.Tables = append(fw.Tables, firewall.RouteTable{ID: t.ID, Routes: t.firewall()})
	}
	fw.Services = c.services()
	return fw
}

func (t RouteTable) firewall() []firewall.Route {
	routes := make([]firewall.Route, len(t.Routes))
	for i, r := range t.Routes {
		routes[i] = firewall.Route{Destination: r.Destination, Target: r.Target}
	}
	return routes
}

func (c Config) services() []firewall.Service {
	services := []firewall.Service{
		{Address: EndpointAddress.Addr(), Protocol: firewall.TCP, Port: EndpointAddress.Port()},
		{Address: MetadataAddress.Addr(), Protocol: firewall.TCP, Port: MetadataAddress.Port()},
	}
	if c.NoDNS {
		return services
	}
	for _, a := range c.resolvers() {
		services = append(services,
			firewall.Service{Address: a, Protocol: firewall.TCP, Port: 53},
			firewall.Service{Address: a, Protocol: firewall.UDP, Port: 53})
	}
	return services
}

// agentDir is where a network's agent lives.
func (o Options) agentDir(id string) string { return filepath.Join(o.RunDir, id) }
