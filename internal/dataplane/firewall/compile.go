package firewall

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
)

// The sets and maps of the base. Their elements change; their names do not.
const (
	interfaceSet = "interfaces" // who may send from which link
	publicSet    = "public"     // who owns a public address
	serviceSet   = "services"   // what the router itself answers
	egressMap    = "egress"     // sender → what its groups let out
	ingressMap   = "ingress"    // receiver → what its groups let in
	leavingMap   = "leaving"    // sender → its routes
)

// compile turns a config into the table's wanted state.
func compile(cfg Config) ruleset {
	rs := base(cfg)
	for _, g := range cfg.Groups {
		rs.sets[chainName("members", g.ID)] = set{addresses, map[string]element{}}
	}
	for _, g := range cfg.Groups {
		rs.group(g)
	}
	for _, t := range cfg.Tables {
		rs.routes(t)
	}
	rs.borders(cfg)
	rs.welcome(cfg)
	for _, i := range cfg.Interfaces {
		rs.attach(i)
		rs.guard(i)
	}
	for _, s := range cfg.Services {
		rs.serve(s)
	}
	return rs
}

// base is the ruleset that everything else is hung on. Alone it admits nothing.
func base(cfg Config) ruleset {
	carry, admitted := []line{}, []line{{choose{daddr, ingressMap}}}
	for _, block := range cfg.Local {
		carry = append(carry, line{within{daddr, block}, accept})
		admitted = append(admitted, line{within{daddr, block}, drop})
	}
	var bordersIn, bordersOut []line
	if cfg.guarded() {
		bordersIn = []line{{choose{saddr, departingMap}}, {choose{daddr, arrivingMap}}}
		bordersOut = []line{{answers{serviceSet}, accept}, {choose{daddr, arrivingMap}}}
	}
	rs := ruleset{sets: map[string]set{}, chains: map[string]chain{
		"prerouting": {prerouting, slices.Concat([]line{
			{foreign{}, drop},
			{loopback{"iifname"}, accept},
		}, neighbours(cfg), []line{
			{stranger{interfaceSet}, drop},
			{serves{serviceSet}, accept},
		}, bordersIn, []line{
			{known, goThen("carry")},
			{invalid, drop},
			{choose{saddr, egressMap}},
		})},
		"output": {output, slices.Concat([]line{
			{foreign{}, drop},
			{loopback{"oifname"}, accept},
		}, bordersOut, []line{
			{known, accept},
			{invalid, drop},
			{choose{daddr, ingressMap}},
		})},
		"carry":    {lines: append(carry, line{choose{saddr, leavingMap}}, line{drop})},
		"admitted": {lines: append(admitted, line{choose{saddr, leavingMap}}, line{drop})},
		"outside": {lines: []line{
			{carries{TCP}, proxy{cfg.Proxy}},
			{carries{UDP}, proxy{cfg.Proxy}},
			{drop},
		}},
	}}
	for name, kind := range map[string]kind{
		interfaceSet: sources, publicSet: addresses, serviceSet: endpoints,
		egressMap: verdicts, ingressMap: verdicts, leavingMap: verdicts,
	} {
		rs.sets[name] = set{kind, map[string]element{}}
	}
	return rs
}

// group adds a group's two chains.
func (rs ruleset) group(g Group) {
	rs.chains[chainName("in", g.ID)] = rs.rules(g.Ingress, saddr, accept)
	rs.chains[chainName("out", g.ID)] = rs.rules(g.Egress, daddr, goThen("admitted"))
}

// rules is the chain of one direction. A rule whose peer is a group that does
// not exist admits nobody.
func (rs ruleset) rules(rules []Rule, peer side, then verdict) chain {
	var c chain
	for _, r := range rules {
		if _, ok := rs.sets[chainName("members", r.Group)]; ok || r.Group == "" {
			c.lines = append(c.lines, append(r.matches(peer), then))
		}
	}
	return c
}

// matches says which packets the rule is for; peer is the side of the other end.
func (r Rule) matches(peer side) line {
	var l line
	switch {
	case r.Group != "":
		l = append(l, member{peer, chainName("members", r.Group)})
	case r.Peer.Bits() > 0:
		l = append(l, within{peer, r.Peer.Masked()})
	}
	if r.Protocol == AnyProtocol {
		return l
	}
	l = append(l, carries{r.Protocol})
	if !r.limited() {
		return l
	}
	if r.Protocol.ports() {
		return append(l, port{uint16(r.From), uint16(r.To)})
	}
	l = append(l, icmpField{"type", uint8(r.From)})
	if r.To != Any {
		l = append(l, icmpField{"code", uint8(r.To)})
	}
	return l
}

// routes adds a route table's chain, longest prefix first.
func (rs ruleset) routes(t RouteTable) {
	sorted := slices.Clone(t.Routes)
	slices.SortStableFunc(sorted, func(a, b Route) int { return b.Destination.Bits() - a.Destination.Bits() })
	var c chain
	for _, r := range sorted {
		c.lines = append(c.lines, r.lines()...)
	}
	rs.chains[chainName("leave", t.ID)] = c
}

func (r Route) lines() []line {
	var to line
	if r.Destination.Bits() > 0 {
		to = line{within{daddr, r.Destination.Masked()}}
	}
	switch r.Target {
	case Internet:
		return []line{
			append(slices.Clone(to), member{saddr, publicSet}, goThen("outside")),
			append(to, drop),
		}
	case Peer:
		return []line{append(to, accept)}
	case NAT:
		return []line{append(to, goThen("outside"))}
	default:
		return []line{append(to, drop)}
	}
}

// attach enters an interface into the sets that name it.
func (rs ruleset) attach(i Interface) {
	address := i.Address.As4()
	rs.sets[interfaceSet].add(element{
		text: `"` + i.Device + `" . ` + i.Address.String(),
		key:  append(deviceKey(i.Device), address[:]...),
	})
	if i.Public {
		rs.sets[publicSet].add(addressElement(i.Address, ""))
	}
	if leave := chainName("leave", i.Table); rs.has(leave) {
		rs.sets[leavingMap].add(addressElement(i.Address, leave))
	}
	groups := rs.existing(i.Groups)
	if len(groups) == 0 {
		return
	}
	for _, g := range groups {
		rs.sets[chainName("members", g)].add(addressElement(i.Address, ""))
	}
	rs.sets[ingressMap].add(addressElement(i.Address, rs.union("in", groups)))
	rs.sets[egressMap].add(addressElement(i.Address, rs.union("out", groups)))
}

func (rs ruleset) has(chain string) bool {
	_, ok := rs.chains[chain]
	return ok
}

// existing returns the groups that there are, sorted, each once.
func (rs ruleset) existing(ids []string) []string {
	groups := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !rs.has(chainName("in", id)) })
	slices.Sort(groups)
	return slices.Compact(groups)
}

// union returns the chain that tries each group's chain in turn; interfaces with
// the same groups share it.
func (rs ruleset) union(direction string, groups []string) string {
	if len(groups) == 1 {
		return chainName(direction, groups[0])
	}
	sum := sha256.Sum256([]byte(strings.Join(groups, " ")))
	name := direction + "_any_" + hex.EncodeToString(sum[:8])
	if rs.has(name) {
		return name
	}
	var c chain
	for _, g := range groups {
		c.lines = append(c.lines, line{jump(chainName(direction, g))})
	}
	rs.chains[name] = c
	return name
}

func (rs ruleset) serve(s Service) {
	address := s.Address.As4()
	names := map[Protocol]string{TCP: "tcp", UDP: "udp"}
	rs.sets[serviceSet].add(element{
		text: s.Address.String() + " . " + names[s.Protocol] + " . " + strconv.Itoa(int(s.Port)),
		key:  append(address[:], byte(s.Protocol), 0, 0, 0, byte(s.Port>>8), byte(s.Port), 0, 0),
	})
}
