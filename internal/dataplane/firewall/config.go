package firewall

import "net/netip"

// A Config is all that a VPC's router needs to judge packets.
type Config struct {
	Local      []netip.Prefix // the VPC's own address blocks
	Neighbours []Neighbour
	Interfaces []Interface
	Groups     []Group
	Tables     []RouteTable
	Subnets    []Subnet
	ACLs       []ACL
	Services   []Service // what the router itself answers
	Proxy      uint16    // the port of the gateways' proxy on ProxyAddress
}

// ProxyAddress is where the router's proxy listens: the next hop of every
// interface, which no packet names as its destination.
var ProxyAddress = netip.AddrFrom4([4]byte{169, 254, 1, 1})

// An Interface is one attachment to the VPC.
type Interface struct {
	Device  string // the router's end of the cable
	Address netip.Addr
	Groups  []string // ids; what any of them admits is admitted
	Subnet  string
	Table   string // the id of its subnet's route table
	Public  bool   // it owns a public address, so an internet gateway carries it
}

// A Group is a security group. A group that does not exist admits nothing.
type Group struct {
	ID      string
	Ingress []Rule
	Egress  []Rule
}

// A RouteTable says where packets go that leave the VPC. The longest prefix wins.
type RouteTable struct {
	ID     string
	Routes []Route
}

// A Route sends the destinations it covers to a gateway.
type Route struct {
	Destination netip.Prefix
	Target      Target
}

// A Target is what a route leads to.
type Target string

// The targets that a route can have.
const (
	Internet  Target = "internet"  // an internet gateway: only for interfaces with a public address
	NAT       Target = "nat"       // a NAT gateway, which has a way out
	Peer      Target = "peer"      // another network; the router's own routes lead there
	Blackhole Target = "blackhole" // a gateway that is gone
)

// A Service is an address of the router that interfaces may always reach.
type Service struct {
	Address  netip.Addr
	Protocol Protocol
	Port     uint16
}
