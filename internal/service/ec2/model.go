package ec2

import (
	"net/netip"
	"time"

	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// The tables of the service. Keys are scope.Key(id).
var (
	VPCs               = store.NewTable("ec2.vpcs", func(v *VPC) string { return v.Key })
	Subnets            = store.NewTable("ec2.subnets", func(s *Subnet) string { return s.Key })
	RouteTables        = store.NewTable("ec2.route-tables", func(t *RouteTable) string { return t.Key })
	EgressOnlyGateways = store.NewTable("ec2.egress-only-gateways", func(g *EgressOnlyGateway) string { return g.Key })
	InternetGateways   = store.NewTable("ec2.internet-gateways", func(g *InternetGateway) string { return g.Key })
	Addresses          = store.NewTable("ec2.addresses", func(a *Address) string { return a.Key })
	NATGateways        = store.NewTable("ec2.nat-gateways", func(g *NATGateway) string { return g.Key })
	NetworkInterfaces  = store.NewTable("ec2.interfaces", func(i *NetworkInterface) string { return i.Key })
	SecurityGroups     = store.NewTable("ec2.security-groups", func(g *SecurityGroup) string { return g.Key })
	NetworkACLs        = store.NewTable("ec2.network-acls", func(a *NetworkACL) string { return a.Key })
	DHCPOptionSets     = store.NewTable("ec2.dhcp-options", func(o *DHCPOptions) string { return o.Key })
	PrefixLists        = store.NewTable("ec2.prefix-lists", func(l *PrefixList) string { return l.Key })
	Endpoints          = store.NewTable("ec2.endpoints", func(e *Endpoint) string { return e.Key })
	Peerings           = store.NewTable("ec2.peerings", func(p *Peering) string { return p.Key })
	FlowLogs           = store.NewTable("ec2.flow-logs", func(l *FlowLog) string { return l.Key })
	Tokens             = store.NewTable("ec2.tokens", func(t *Token) string { return t.Key })
	Names              = store.NewTable("ec2.names", func(n *Name) string { return n.Key })
	TagSets            = store.NewTable("ec2.tags", func(t *TagSet) string { return t.Key })
)

// Tables lists the service's tables.
func Tables() []store.AnyTable {
	return []store.AnyTable{
		VPCs, Subnets, RouteTables, InternetGateways, Addresses, NATGateways,
		NetworkInterfaces, SecurityGroups, NetworkACLs, Names, Zones, TagSets,
		DHCPOptionSets, EgressOnlyGateways, PrefixLists, Endpoints, Peerings, FlowLogs, Tokens,
	}
}

func idOf(key string) string {
	_, id := arn.SplitKey(key)
	return id
}

// A VPC is a private network.
type VPC struct {
	Key    string
	Spec   VPCSpec
	Status VPCStatus
}

// ID returns "vpc-…".
func (v VPC) ID() string { return idOf(v.Key) }

// VPCSpec is what the caller asked for.
type VPCSpec struct {
	Blocks       []Block
	Blocks6      []Block // kept and given back: there is no IPv6 in a VPC
	Default      bool    // the region's default VPC
	Tenancy      string
	DHCPOptions  string
	DNSSupport   bool
	DNSHostnames bool
	UsageMetrics bool
}

// A Block is one of a VPC's address blocks; the first is the primary.
type Block struct {
	AssociationID string
	CIDR          netip.Prefix
}

// VPCStatus is what the data plane says.
type VPCStatus struct {
	Ready bool
	Fault string // why the network is not as it should be
}

// A Subnet is a block of a VPC in one zone.
type Subnet struct {
	Key  string
	Spec SubnetSpec
}

// ID returns "subnet-…".
func (s Subnet) ID() string { return idOf(s.Key) }

// SubnetSpec is what the caller asked for.
type SubnetSpec struct {
	VPCID            string
	CIDR             netip.Prefix
	Zone             string
	MapPublicIP      bool
	ACLID            string
	ACLAssociationID string
	HostnameType     string
	ResourceNameA    bool
	Default          bool  // its zone's subnet of the default VPC
	Block6           Block // of IPv6, kept and given back
	AssignIPv6       bool
	DNS64            bool
	ResourceNameAAAA bool
}

// A RouteTable says where a subnet's packets go.
type RouteTable struct {
	Key  string
	Spec RouteTableSpec
}

// ID returns "rtb-…".
func (t RouteTable) ID() string { return idOf(t.Key) }

// RouteTableSpec is what the caller asked for. The local routes are not listed:
// they follow from the VPC's blocks.
type RouteTableSpec struct {
	VPCID           string
	MainAssociation string // set in the VPC's main table
	Associations    []Association
	Routes          []Route
}

// An Association gives a subnet a route table other than the main one.
type Association struct{ ID, SubnetID string }

// A Route leads to a gateway, "igw-…", "nat-…" or "eigw-…", or to a peer: "pcx-…".
type Route struct {
	Destination netip.Prefix
	PrefixList  string // its blocks instead of Destination
	Target      string
}

// An EgressOnlyGateway would let IPv6 out of a VPC, which has none.
type EgressOnlyGateway struct {
	Key  string
	Spec EgressOnlyGatewaySpec
}

// ID returns "eigw-…".
func (g EgressOnlyGateway) ID() string { return idOf(g.Key) }

// EgressOnlyGatewaySpec is what the caller asked for.
type EgressOnlyGatewaySpec struct{ VPCID string }

// An InternetGateway joins a VPC to the internet.
type InternetGateway struct {
	Key  string
	Spec InternetGatewaySpec
}

// ID returns "igw-…".
func (g InternetGateway) ID() string { return idOf(g.Key) }

// InternetGatewaySpec is what the caller asked for.
type InternetGatewaySpec struct{ VPCID string }

// An Address is an elastic IP address.
type Address struct {
	Key  string
	Spec AddressSpec
}

// ID returns "eipalloc-…".
func (a Address) ID() string { return idOf(a.Key) }

// AddressSpec is what the caller asked for.
type AddressSpec struct {
	PublicIP      netip.Addr
	AssociationID string
	InterfaceID   string
	PrivateIP     netip.Addr // the interface's address that it stands for; zero: the primary one
	DomainName    string
}

// A NATGateway lets private subnets out under its address.
type NATGateway struct {
	Key    string
	Spec   NATGatewaySpec
	Status NATGatewayStatus
}

// ID returns "nat-…".
func (g NATGateway) ID() string { return idOf(g.Key) }

// NATGatewaySpec is what the caller asked for.
type NATGatewaySpec struct {
	SubnetID     string
	VPCID        string
	AllocationID string
	PublicIP     netip.Addr
	InterfaceID  string
	PrivateIP    netip.Addr
	CreatedAt    time.Time
	DeletedAt    time.Time // zero: not deleted
}

// NATGatewayStatus is what is true.
type NATGatewayStatus struct {
	State string // "available" or "deleted"; empty until either
	Fault string
}

// A NetworkInterface is an attachment to a subnet: a network namespace.
type NetworkInterface struct {
	Key    string
	Spec   NetworkInterfaceSpec
	Status NetworkInterfaceStatus
}

// ID returns "eni-…".
func (i NetworkInterface) ID() string { return idOf(i.Key) }

// NetworkInterfaceSpec is what the caller asked for.
type NetworkInterfaceSpec struct {
	VPCID           string
	SubnetID        string
	Zone            string
	GroupIDs        []string
	PrivateIP       netip.Addr
	Secondary       []netip.Addr // kept and given back; packets are carried for PrivateIP
	PublicIP        netip.Addr   // its own, not an elastic address
	Description     string
	Requester       string // the service that asked for it; empty: the caller of the API
	Type            string // "interface"; or "nat_gateway" or "vpc_endpoint", which have no namespace
	SourceDestCheck bool
	CreatedAt       time.Time
}

// NetworkInterfaceStatus is what is true.
type NetworkInterfaceStatus struct {
	Ready     bool   // packets can flow
	Namespace string // the path of its namespace
	Fault     string // why it is not ready
}

// A SecurityGroup admits packets to and from its members.
type SecurityGroup struct {
	Key  string
	Spec SecurityGroupSpec
}

// ID returns "sg-…".
func (g SecurityGroup) ID() string { return idOf(g.Key) }

// SecurityGroupSpec is what the caller asked for.
type SecurityGroupSpec struct {
	VPCID       string
	Name        string
	Description string
	Rules       []GroupRule
}

// A GroupRule admits one kind of packets to or from one peer. Exactly one of
// CIDR, CIDR6, GroupID and PrefixListID is set.
type GroupRule struct {
	ID           string // "sgr-…"
	Egress       bool
	Protocol     string // "tcp", "udp", "icmp", "icmpv6", a number, or "-1" for all
	FromPort     int64  // or the ICMP type; -1 is all
	ToPort       int64  // or the ICMP code
	CIDR         string
	CIDR6        string
	GroupID      string
	PrefixListID string
	Description  string
}

// A NetworkACL judges every packet at the border of its subnets.
type NetworkACL struct {
	Key  string
	Spec NetworkACLSpec
}

// ID returns "acl-…".
func (a NetworkACL) ID() string { return idOf(a.Key) }

// NetworkACLSpec is what the caller asked for.
type NetworkACLSpec struct {
	VPCID   string
	Default bool
	Entries []ACLEntry // by direction and number; nil in a default ACL that an older version made
}

// A Name is a private name inside a VPC.
type Name struct {
	Key  string // scope.Key(vpc id + "/" + name)
	Spec NameSpec
}

// NameSpec is what a service asked for.
type NameSpec struct {
	VPCID     string
	Name      string
	Addresses []netip.Addr
}

// A TagSet holds the tags of one resource, whatever its kind.
type TagSet struct {
	Key  string // scope.Key(resource id)
	Tags tag.Tags
}
