package dns

import (
	"math/rand/v2"
	"strings"

	"github.com/miekg/dns"
)

// longestChain bounds how many aliases are followed for one answer.
const longestChain = 8

// A Domain is a name that the resolver answers for in full, with all below it.
type Domain struct {
	Name string // in lower case, without final dot
	// Private: it hides all else that has its names. Others are asked last.
	Private bool
	Sets    []Set
}

// A Set is what one name and type are answered with.
type Set struct {
	Name    string // in lower case, without final dot; "*" may stand for its first label
	Type    string // "A"
	Limit   int    // how many values are given at most; 0: all
	Choices []Choice
}

// A Choice is one of the answers, given as often as its weight says.
type Choice struct {
	Weight int
	TTL    uint32
	Values []string // as in a master file
	Alias  string   // the name whose answer is given instead, without final dot
}

// pick chooses by weight; where all weigh nothing, evenly.
func (s *Set) pick() Choice {
	total := 0
	for _, c := range s.Choices {
		total += c.Weight
	}
	if total == 0 {
		return s.Choices[rand.IntN(len(s.Choices))]
	}
	at := rand.IntN(total)
	for _, c := range s.Choices {
		if at -= c.Weight; at < 0 {
			return c
		}
	}
	return s.Choices[len(s.Choices)-1]
}

// domain returns the longest domain that a name lies in, or nil.
func (z *Zone) domain(name string, private bool) *Domain {
	var best *Domain
	for i := range z.Domains {
		d := &z.Domains[i]
		if _, below := under(name, d.Name); d.Private == private && (below || name == d.Name) && (best == nil || len(d.Name) > len(best.Name)) {
			best = d
		}
	}
	return best
}

// setsOf returns what the domain has for a name, by type, and whether the name
// exists at all: one that others lie below does.
func (d *Domain) setsOf(name string) (sets map[string]*Set, exists bool) {
	sets = map[string]*Set{}
	for i := range d.Sets {
		s := &d.Sets[i]
		if s.Name == name {
			sets[s.Type] = s
		}
		if _, below := under(s.Name, name); below {
			exists = true
		}
	}
	return sets, exists || len(sets) > 0 || name == d.Name
}

// match returns the sets of a name, or those of the wildcard that stands for it
// (RFC 4592: the one at the closest name that exists).
func (d *Domain) match(name string) (sets map[string]*Set, exists bool) {
	sets, exists = d.setsOf(name)
	for parent := name; !exists; {
		_, rest, ok := strings.Cut(parent, ".")
		if !ok {
			return nil, false
		}
		parent = rest
		if wild, found := d.setsOf("*." + parent); found && len(wild) > 0 {
			return wild, true
		}
		if _, found := d.setsOf(parent); found {
			return nil, false
		}
	}
	return sets, exists
}

// fromDomain answers a question by a domain. An alias (CNAME) is followed as far
// as the zone knows its target.
func (z *Zone) fromDomain(q *dns.Msg, d *Domain, name string, depth int) *dns.Msg {
	sets, exists := d.match(name)
	if !exists {
		return negative(q, dns.RcodeNameError)
	}
	kind := dns.TypeToString[q.Question[0].Qtype]
	set := sets[kind]
	if set == nil && kind != "CNAME" {
		set = sets["CNAME"]
	}
	if set == nil || len(set.Choices) == 0 {
		return negative(q, dns.RcodeSuccess)
	}
	choice := set.pick()
	if choice.Alias != "" {
		return z.follow(q, nil, choice.Alias, depth)
	}
	records := recordsOf(q, set, choice)
	if len(records) == 0 {
		return negative(q, dns.RcodeSuccess)
	}
	if alias, ok := records[0].(*dns.CNAME); ok && kind != "CNAME" {
		return z.follow(q, records[:1], strings.ToLower(strings.TrimSuffix(alias.Target, ".")), depth)
	}
	return positive(q, records...)
}

func recordsOf(q *dns.Msg, set *Set, choice Choice) []dns.RR {
	var records []dns.RR
	for _, v := range choice.Values {
		rr, err := dns.NewRR(". 0 IN " + set.Type + " " + absolute(set.Type, v))
		if err != nil || rr == nil {
			continue // the one who gave it checks it; a resolver answers with the rest
		}
		*rr.Header() = dns.RR_Header{Name: q.Question[0].Name, Rrtype: rr.Header().Rrtype, Class: dns.ClassINET, Ttl: choice.TTL}
		records = append(records, rr)
	}
	rand.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	if set.Limit > 0 && len(records) > set.Limit {
		records = records[:set.Limit]
	}
	return records
}

// absolute adds the final dot that a master file wants of a name.
func absolute(kind, value string) string {
	switch kind {
	case "CNAME", "NS", "PTR", "MX", "SRV":
		return strings.TrimSuffix(value, ".") + "."
	}
	return value
}

// follow answers with what stands under another name, behind the records that led
// there. What the zone does not know is left for the one who asks outside.
func (z *Zone) follow(q *dns.Msg, before []dns.RR, target string, depth int) *dns.Msg {
	if depth >= longestChain {
		return failure(q, dns.RcodeServerFailure)
	}
	sub := q.Copy()
	sub.Question[0].Name = target + "."
	answer, known := z.find(sub, depth+1)
	if !known && before == nil {
		return negative(q, dns.RcodeSuccess)
	}
	if !known {
		return positive(q, before...)
	}
	for _, rr := range answer.Answer {
		if before == nil && rr.Header().Name == target+"." { // an alias shows nothing of itself
			rr.Header().Name = q.Question[0].Name
		}
	}
	answer.Question = q.Question
	answer.Answer = append(before, answer.Answer...)
	return answer
}

// dangling returns the name at the end of an answer's aliases that the answer
// itself says nothing of.
func dangling(q, answer *dns.Msg) (string, bool) {
	if n := len(answer.Answer); n > 0 && len(answer.Ns) == 0 && q.Question[0].Qtype != dns.TypeCNAME {
		if last, ok := answer.Answer[n-1].(*dns.CNAME); ok {
			return last.Target, true
		}
	}
	return "", false
}

// Ask answers a question by the domain alone: the code, such as "NOERROR", and
// the values of the records.
func (d Domain) Ask(name, kind string) (code string, values []string) {
	z := &Zone{Domains: []Domain{d}}
	q := new(dns.Msg).SetQuestion(dns.Fqdn(name), dns.StringToType[kind])
	answer, ok := z.answer(q)
	if !ok {
		return dns.RcodeToString[dns.RcodeRefused], nil
	}
	for _, rr := range answer.Answer {
		values = append(values, strings.TrimPrefix(rr.String(), rr.Header().String()))
	}
	return dns.RcodeToString[answer.Rcode], values
}
