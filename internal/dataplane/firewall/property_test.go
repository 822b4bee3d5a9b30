package firewall

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/google/nftables/expr"
	"pgregory.net/rapid"
)

// A packet is a new connection's first.
type packet struct {
	from, to netip.Addr
	protocol Protocol
	port     int
}

// The compiled chains must decide every packet as the groups' plain meaning
// does: some rule of the sender's groups lets it out and some rule of the
// receiver's lets it in.
func TestCompiledRulesMeanWhatGroupsSay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawConfig(t)
		rs := compile(cfg)
		for range 20 {
			p := drawPacket(t, cfg)
			if got, want := rs.passes(p), cfg.admits(p); got != want {
				t.Fatalf("%+v: compiled rules pass it: %v, the groups admit it: %v\n%s", p, got, want, Render(cfg))
			}
		}
	})
}

// admits is the meaning of ACLs and security groups, written down without any
// cleverness.
func (c Config) admits(p packet) bool {
	from, to := c.subnetOf(p.from), c.subnetOf(p.to)
	if from.ID != to.ID && !(c.letBy(c.acl(from.ACL).Egress, p, p.to) && c.letBy(c.acl(to.ACL).Ingress, p, p.from)) {
		return false
	}
	out := c.some(p.from, func(g Group) []Rule { return g.Egress }, p, p.to)
	return out && c.some(p.to, func(g Group) []Rule { return g.Ingress }, p, p.from)
}

func (c Config) subnetOf(a netip.Addr) Subnet {
	return c.Subnets[slices.IndexFunc(c.Subnets, func(s Subnet) bool { return s.Block.Contains(a) })]
}

func (c Config) acl(id string) ACL {
	return c.ACLs[slices.IndexFunc(c.ACLs, func(a ACL) bool { return a.ID == id })]
}

func (c Config) letBy(rules []ACLRule, p packet, peer netip.Addr) bool {
	for _, r := range rules {
		if c.fits(r.Rule, p, peer) {
			return r.Allow
		}
	}
	return false
}

func (c Config) some(at netip.Addr, rules func(Group) []Rule, p packet, peer netip.Addr) bool {
	for _, i := range c.Interfaces {
		if i.Address != at {
			continue
		}
		for _, g := range c.Groups {
			if slices.Contains(i.Groups, g.ID) && slices.ContainsFunc(rules(g), func(r Rule) bool { return c.fits(r, p, peer) }) {
				return true
			}
		}
	}
	return false
}

func (c Config) fits(r Rule, p packet, peer netip.Addr) bool {
	switch {
	case r.Protocol != AnyProtocol && r.Protocol != p.protocol:
		return false
	case r.Protocol != AnyProtocol && r.From != Any && (p.port < r.From || p.port > r.To):
		return false
	case r.Group == "":
		return r.Peer.Contains(peer)
	}
	return slices.ContainsFunc(c.Interfaces, func(i Interface) bool {
		return i.Address == peer && slices.Contains(i.Groups, r.Group)
	}) && slices.ContainsFunc(c.Groups, func(g Group) bool { return g.ID == r.Group })
}

// passes runs the chains as the kernel does.
func (rs ruleset) passes(p packet) bool {
	for _, l := range rs.chains["prerouting"].lines {
		if _, ok := l[0].(choose); !ok {
			continue // of links, services and connections the model knows nothing
		}
		if kind, done := rs.run("prerouting", l, p); done {
			return kind == expr.VerdictAccept
		}
	}
	return false
}

func (rs ruleset) run(_ string, l line, p packet) (expr.VerdictKind, bool) {
	for _, s := range l {
		switch s := s.(type) {
		case choose:
			e, ok := rs.sets[s.set].elements[p.side(s.side).String()]
			if !ok {
				return 0, false
			}
			return rs.chain(e.jump, p)
		case verdict:
			if s.chain == "" {
				return s.kind, true
			}
			kind, done := rs.chain(s.chain, p)
			if !done && s.kind == expr.VerdictGoto {
				return expr.VerdictReturn, true
			}
			return kind, done
		default:
			if !rs.matches(s, p) {
				return 0, false
			}
		}
	}
	return 0, false
}

func (rs ruleset) chain(name string, p packet) (expr.VerdictKind, bool) {
	for _, l := range rs.chains[name].lines {
		if kind, done := rs.run(name, l, p); done {
			return kind, kind != expr.VerdictReturn
		}
	}
	return 0, false
}

func (p packet) side(s side) netip.Addr {
	if s == saddr {
		return p.from
	}
	return p.to
}

func (rs ruleset) matches(s statement, p packet) bool {
	switch s := s.(type) {
	case within:
		return s.block.Contains(p.side(s.side))
	case member:
		_, ok := rs.sets[s.set].elements[p.side(s.side).String()]
		return ok
	case carries:
		return s.protocol == p.protocol
	case port:
		return p.port >= int(s.from) && p.port <= int(s.to)
	}
	panic("a statement that the model does not know")
}

var (
	groupIDs  = []string{"sg-a", "sg-b", "sg-c"}
	protocols = []Protocol{TCP, UDP, 47}
)

func drawConfig(t *rapid.T) Config {
	cfg := Config{
		Local:   []netip.Prefix{block("10.0.0.0/16")},
		Subnets: []Subnet{{"subnet-0", block("10.0.0.0/24"), "acl-a"}, {"subnet-1", block("10.0.1.0/24"), rapid.SampledFrom([]string{"acl-a", "acl-b"}).Draw(t, "acl")}},
		ACLs:    []ACL{{"acl-a", drawACL(t), drawACL(t)}, {"acl-b", drawACL(t), drawACL(t)}},
	}
	for n := range rapid.IntRange(1, 5).Draw(t, "interfaces") {
		cfg.Interfaces = append(cfg.Interfaces, Interface{
			Device: "v" + string(rune('a'+n)), Address: netip.AddrFrom4([4]byte{10, 0, byte(n % 2), byte(4 + n)}),
			Subnet: []string{"subnet-0", "subnet-1"}[n%2],
			Groups: rapid.SliceOfN(rapid.SampledFrom(groupIDs), 0, 3).Draw(t, "groups"),
		})
	}
	for _, id := range groupIDs[:rapid.IntRange(1, 3).Draw(t, "groups that exist")] {
		cfg.Groups = append(cfg.Groups, Group{ID: id, Ingress: drawRules(t), Egress: drawRules(t)})
	}
	return cfg
}

// drawACL draws one direction's rules: mostly such that let something by.
func drawACL(t *rapid.T) []ACLRule {
	rules := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ACLRule {
		return ACLRule{rapid.Bool().Draw(t, "allow"), drawRule(t)}
	}), 0, 3).Draw(t, "acl rules")
	if rapid.Bool().Draw(t, "open at last") {
		rules = append(rules, ACLRule{true, Rule{Protocol: AnyProtocol, Peer: block("0.0.0.0/0")}})
	}
	return rules
}

func drawRule(t *rapid.T) Rule {
	r := Rule{Protocol: rapid.SampledFrom(append(protocols, AnyProtocol)).Draw(t, "protocol"), From: Any, To: Any}
	if r.Protocol.ports() {
		r.From = rapid.IntRange(0, 5).Draw(t, "from")
		r.To = rapid.IntRange(r.From, 6).Draw(t, "to")
	}
	r.Peer = block(rapid.SampledFrom([]string{"0.0.0.0/0", "10.0.0.0/24", "10.0.0.4/32"}).Draw(t, "peer"))
	return r
}

func drawRules(t *rapid.T) []Rule {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Rule {
		r := drawRule(t)
		if rapid.Bool().Draw(t, "by group") {
			r.Group = rapid.SampledFrom(groupIDs).Draw(t, "group")
		}
		return r
	}), 0, 3).Draw(t, "rules")
}

func drawPacket(t *rapid.T, cfg Config) packet {
	some := func(label string) netip.Addr { return rapid.SampledFrom(cfg.Interfaces).Draw(t, label).Address }
	p := packet{from: some("from"), to: some("to"), protocol: rapid.SampledFrom(protocols).Draw(t, "protocol")}
	if p.protocol.ports() {
		p.port = rapid.IntRange(0, 6).Draw(t, "port")
	}
	return p
}
