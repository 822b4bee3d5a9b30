package firewall

import (
	"net/netip"
	"slices"
)

// An ACL is a list of rules at the border of subnets. It keeps no state: answers
// are judged like questions.
type ACL struct {
	ID      string
	Ingress []ACLRule // in the order in which they are tried
	Egress  []ACLRule
}

// An ACLRule decides the packets that its rule, which names no group, is for.
type ACLRule struct {
	Allow bool
	Rule
}

// A Subnet is a block of the VPC with an ACL at its border. Packets that stay
// inside do not meet it.
type Subnet struct {
	ID    string
	Block netip.Prefix
	ACL   string // of an ACL that does not exist nothing is asked
}

// The maps that lead an interface's packets to its subnet's border. They are
// there when some ACL refuses something.
const (
	departingMap = "departing" // sender → its subnet's way out
	arrivingMap  = "arriving"  // receiver → its subnet's way in
)

// open reports whether the rules let everything pass, so that they need not be
// asked.
func open(rules []ACLRule) bool {
	return len(rules) > 0 && rules[0].Allow && rules[0].Protocol == AnyProtocol && rules[0].Peer.Bits() <= 0
}

// guarded reports whether some interface's packets must be judged at a border.
func (c Config) guarded() bool {
	return slices.ContainsFunc(c.Subnets, func(s Subnet) bool {
		return slices.ContainsFunc(c.ACLs, func(a ACL) bool { return a.ID == s.ACL && (!open(a.Ingress) || !open(a.Egress)) })
	})
}

// borders adds the chains of the ACLs that refuse something, and those of the
// subnets that have them.
func (rs ruleset) borders(cfg Config) {
	if !cfg.guarded() {
		return
	}
	for _, name := range []string{departingMap, arrivingMap} {
		rs.sets[name] = set{verdicts, map[string]element{}}
	}
	for _, a := range cfg.ACLs {
		rs.border("acl_in", a.ID, a.Ingress, saddr)
		rs.border("acl_out", a.ID, a.Egress, daddr)
	}
	for _, s := range cfg.Subnets {
		rs.cross("to", "acl_in", s, saddr)
		rs.cross("from", "acl_out", s, daddr)
	}
}

// border adds one direction of an ACL: the first rule that fits decides, and
// what none fits is dropped.
func (rs ruleset) border(direction, id string, rules []ACLRule, peer side) {
	if open(rules) {
		return
	}
	var c chain
	for _, r := range rules {
		then := drop
		if r.Allow {
			then = back
		}
		c.lines = append(c.lines, append(r.matches(peer), then))
	}
	rs.chains[chainName(direction, id)] = chain{lines: append(c.lines, line{drop})}
}

// cross adds a subnet's way to its ACL, for packets whose other end is elsewhere.
func (rs ruleset) cross(way, direction string, s Subnet, peer side) {
	if acl := chainName(direction, s.ACL); rs.has(acl) {
		rs.chains[chainName(way, s.ID)] = chain{lines: []line{{within{peer, s.Block.Masked()}, back}, {goThen(acl)}}}
	}
}

// guard enters an interface into the maps that lead to its subnet's border.
func (rs ruleset) guard(i Interface) {
	for name, way := range map[string]string{departingMap: "from", arrivingMap: "to"} {
		if border := chainName(way, i.Subnet); rs.has(border) {
			rs.sets[name].add(addressElement(i.Address, border))
		}
	}
}
