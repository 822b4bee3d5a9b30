package firewall

import "net/netip"

// A Protocol is an IP protocol number, or AnyProtocol.
type Protocol int

// The protocols that rules name.
const (
	AnyProtocol Protocol = -1
	ICMP        Protocol = 1
	TCP         Protocol = 6
	UDP         Protocol = 17
)

// Any stands for every port, ICMP type or ICMP code.
const Any = -1

// A Rule admits packets of a protocol and port range to or from its peer, which
// is an address block or the members of a group.
type Rule struct {
	Protocol Protocol
	// From and To are the first and last destination port, or for ICMP the type
	// and the code. Any in From means all.
	From, To int
	Peer     netip.Prefix
	Group    string // overrides Peer
}

// ports reports whether p's packets carry ports.
func (p Protocol) ports() bool { return p == TCP || p == UDP }

// limited reports whether the rule is for some ports or ICMP types only.
func (r Rule) limited() bool {
	if r.Protocol == ICMP {
		return r.From != Any
	}
	return r.Protocol.ports() && r.From != Any && (r.From > 0 || r.To < 65535)
}
