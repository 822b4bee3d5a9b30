package dns

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	"github.com/miekg/dns"
)

// ttl is how long an answer may be kept, in seconds: an address may move at a
// fail-over.
const ttl = 5

// A Zone is what a VPC's resolver knows by itself.
type Zone struct {
	// Names are the private names, in lower case, with or without final dot.
	Names map[string][]netip.Addr
	// Domain is the suffix of interfaces' own names, such as "ec2.internal",
	// which follow from their addresses: ip-10-0-10-5.ec2.internal.
	Domain string
	// Blocks are the addresses that have such names.
	Blocks []netip.Prefix
	// Services is the suffix of the region's services, "amazonaws.com", whose
	// names all stand for Endpoint.
	Services string
	Endpoint netip.Addr
	// Domains are answered for in full.
	Domains []Domain
}

// answer returns the zone's answer, or false if the name is none of its.
func (z *Zone) answer(q *dns.Msg) (*dns.Msg, bool) { return z.find(q, 0) }

// find is answer behind so many aliases.
func (z *Zone) find(q *dns.Msg, depth int) (*dns.Msg, bool) {
	name := strings.ToLower(strings.TrimSuffix(q.Question[0].Name, "."))
	if d := z.domain(name, true); d != nil {
		return z.fromDomain(q, d, name, depth), true
	}
	if addr, ok := fromReverse(name); ok && z.inside(addr) {
		return z.pointer(q, addr), true
	}
	addrs, owned := z.lookup(name)
	switch {
	case len(addrs) > 0:
		return addresses(q, addrs), true
	case owned:
		return negative(q, dns.RcodeNameError), true
	}
	if d := z.domain(name, false); d != nil {
		return z.fromDomain(q, d, name, depth), true
	}
	return nil, false
}

// lookup returns a name's addresses, and whether the zone owns the name.
func (z *Zone) lookup(name string) (addrs []netip.Addr, owned bool) {
	for _, key := range []string{name, name + "."} {
		if addrs, ok := z.Names[key]; ok {
			return addrs, true
		}
	}
	if host, ok := under(name, z.Domain); ok {
		if addr, ok := fromHost(host); ok && z.inside(addr) {
			return []netip.Addr{addr}, true
		}
		return nil, true
	}
	if _, ok := under(name, z.Services); ok && z.Endpoint.IsValid() {
		return []netip.Addr{z.Endpoint}, true
	}
	return nil, false
}

func (z *Zone) inside(a netip.Addr) bool {
	return slices.ContainsFunc(z.Blocks, func(p netip.Prefix) bool { return p.Contains(a) })
}

func (z *Zone) pointer(q *dns.Msg, a netip.Addr) *dns.Msg {
	if q.Question[0].Qtype != dns.TypePTR || z.Domain == "" {
		return negative(q, dns.RcodeSuccess)
	}
	return positive(q, &dns.PTR{Hdr: header(q, dns.TypePTR), Ptr: HostName(a, z.Domain) + "."})
}

// HostName is the private name that an address has by itself.
func HostName(a netip.Addr, domain string) string {
	raw := a.As4()
	return fmt.Sprintf("ip-%d-%d-%d-%d.%s", raw[0], raw[1], raw[2], raw[3], domain)
}

// fromHost reads "ip-10-0-10-5".
func fromHost(label string) (netip.Addr, bool) {
	rest, ok := strings.CutPrefix(label, "ip-")
	if !ok || strings.Contains(rest, ".") {
		return netip.Addr{}, false
	}
	a, err := netip.ParseAddr(strings.ReplaceAll(rest, "-", "."))
	return a, err == nil && a.Is4()
}

// fromReverse reads "5.10.0.10.in-addr.arpa".
func fromReverse(name string) (netip.Addr, bool) {
	rest, ok := strings.CutSuffix(name, ".in-addr.arpa")
	if !ok {
		return netip.Addr{}, false
	}
	labels := strings.Split(rest, ".")
	slices.Reverse(labels)
	a, err := netip.ParseAddr(strings.Join(labels, "."))
	return a, err == nil && a.Is4()
}

// under reports whether name lies below domain, and what stands before it.
func under(name, domain string) (string, bool) {
	if domain == "" {
		return "", false
	}
	return strings.CutSuffix(name, "."+domain)
}

func addresses(q *dns.Msg, addrs []netip.Addr) *dns.Msg {
	if t := q.Question[0].Qtype; t != dns.TypeA && t != dns.TypeANY {
		return negative(q, dns.RcodeSuccess)
	}
	records := make([]dns.RR, len(addrs))
	for i, a := range addrs {
		records[i] = &dns.A{Hdr: header(q, dns.TypeA), A: a.AsSlice()}
	}
	rand.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	return positive(q, records...)
}

func positive(q *dns.Msg, records ...dns.RR) *dns.Msg {
	answer := new(dns.Msg)
	answer.SetReply(q)
	answer.Authoritative, answer.RecursionAvailable = true, true
	answer.Answer = records
	return answer
}

// negative says for how long the absence may be believed, too.
func negative(q *dns.Msg, code int) *dns.Msg {
	answer := positive(q)
	answer.Rcode = code
	soa := &dns.SOA{Hdr: header(q, dns.TypeSOA), Ns: "ns.vpc.", Mbox: "hostmaster.vpc.", Serial: 1, Refresh: 3600, Retry: 600, Expire: 86400, Minttl: ttl}
	answer.Ns = []dns.RR{soa}
	return answer
}

func header(q *dns.Msg, kind uint16) dns.RR_Header {
	return dns.RR_Header{Name: q.Question[0].Name, Rrtype: kind, Class: dns.ClassINET, Ttl: ttl}
}
