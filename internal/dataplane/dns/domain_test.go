package dns

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"
	"pgregory.net/rapid"
)

// one is a set with a single choice.
func one(name, kind string, values ...string) Set {
	return Set{Name: name, Type: kind, Choices: []Choice{{TTL: 60, Values: values}}}
}

func domains() *Zone {
	z := zone()
	z.Domains = []Domain{
		{Name: "example.com", Sets: []Set{
			one("example.com", "SOA", "ns.example.com. admin.example.com. 1 2 3 4 5"), one("example.com", "MX", "10 mail.example.com"),
			one("www.example.com", "A", "192.0.2.1", "192.0.2.2"), one("www.example.com", "TXT", `"a \"b\"" "c"`),
			one("*.example.com", "A", "192.0.2.9"), one("deep.below.example.com", "A", "192.0.2.3"),
			one("db.example.com", "CNAME", "db.internal."), one("out.example.com", "CNAME", "elsewhere.test"),
			one("chain.example.com", "CNAME", "db.example.com"), one("loop.example.com", "CNAME", "loop.example.com"),
			{Name: "alias.example.com", Type: "A", Choices: []Choice{{Alias: "www.example.com"}}},
			{Name: "name.example.com", Type: "A", Choices: []Choice{{Alias: "lb.internal"}}},
			{Name: "nowhere.example.com", Type: "A", Choices: []Choice{{Alias: "elsewhere.test"}}},
			{Name: "many.example.com", Type: "A", Limit: 2, Choices: []Choice{{Values: []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}}}},
			one("bad.example.com", "A", "no address"),
		}},
		{Name: "sub.example.com", Private: true, Sets: []Set{one("a.sub.example.com", "A", "10.0.0.7")}},
		{Name: "rds.amazonaws.com", Private: true, Sets: []Set{one("mine.rds.amazonaws.com", "A", "10.0.0.8")}},
		{Name: "10.in-addr.arpa", Private: true, Sets: []Set{one("4.3.0.10.in-addr.arpa", "PTR", "host.example.com")}},
	}
	return z
}

func TestDomains(t *testing.T) {
	for question, want := range map[string]string{
		"A www.example.com.":             "NOERROR 192.0.2.1 192.0.2.2",
		"A WWW.Example.com.":             "NOERROR 192.0.2.1 192.0.2.2",
		"TXT www.example.com.":           `NOERROR "a \"b\"" "c"`,
		"AAAA www.example.com.":          "NOERROR",
		"MX example.com.":                "NOERROR 10 mail.example.com.",
		"A example.com.":                 "NOERROR",
		"A other.example.com.":           "NOERROR 192.0.2.9",
		"A more.other.example.com.":      "NOERROR 192.0.2.9",
		"TXT other.example.com.":         "NOERROR",
		"A below.example.com.":           "NOERROR",
		"A x.below.example.com.":         "NXDOMAIN",
		"A db.example.com.":              "NOERROR db.internal. 10.0.10.5",
		"A chain.example.com.":           "NOERROR db.example.com. db.internal. 10.0.10.5",
		"CNAME db.example.com.":          "NOERROR db.internal.",
		"A out.example.com.":             "NOERROR elsewhere.test.",
		"A alias.example.com.":           "NOERROR 192.0.2.1 192.0.2.2",
		"A name.example.com.":            "NOERROR 10.0.0.4 10.0.1.4",
		"A nowhere.example.com.":         "NOERROR",
		"A bad.example.com.":             "NOERROR",
		"A a.sub.example.com.":           "NOERROR 10.0.0.7",
		"A b.sub.example.com.":           "NXDOMAIN",
		"A mine.rds.amazonaws.com.":      "NOERROR 10.0.0.8",
		"A ecs.us-east-1.amazonaws.com.": "NOERROR 169.254.170.23",
		"PTR 4.3.0.10.in-addr.arpa.":     "NOERROR host.example.com.",
		"PTR 5.3.0.10.in-addr.arpa.":     "NXDOMAIN",
		"A notexample.com.":              "not mine",
		"A ip-10-0-3-4.ec2.internal.":    "NOERROR 10.0.3.4",
		"A " + strings.Repeat("a.", 100): "not mine",
	} {
		if got := said(domains(), question); got != want {
			t.Errorf("%s: %s, want %s", question, got, want)
		}
	}
	if got := said(domains(), "A loop.example.com."); !strings.HasPrefix(got, "SERVFAIL") {
		t.Errorf("a loop: %s", got)
	}
	answer, _ := domains().answer(ask("A many.example.com."))
	if len(answer.Answer) != 2 {
		t.Errorf("of three values at most two: %v", answer)
	}
	answer, _ = domains().answer(ask("A alias.example.com."))
	if answer.Answer[0].Header().Name != "alias.example.com." {
		t.Errorf("an alias shows what it leads to: %v", answer)
	}
}

// said is an answer's code and its records' values in order.
func said(z *Zone, question string) string {
	answer, mine := z.answer(ask(question))
	if !mine {
		return "not mine"
	}
	var aliases, values []string
	for _, rr := range answer.Answer {
		value := strings.TrimPrefix(rr.String(), rr.Header().String())
		if rr.Header().Rrtype == dns.TypeCNAME {
			aliases = append(aliases, value)
		} else {
			values = append(values, value)
		}
	}
	slices.Sort(values)
	return strings.Join(append(append([]string{dns.RcodeToString[answer.Rcode]}, aliases...), values...), " ")
}

// TestWeights draws from two choices as their weights say, and never from one
// that weighs nothing.
func TestWeights(t *testing.T) {
	s := Set{Type: "A", Choices: []Choice{{Weight: 3, Values: []string{"a"}}, {Weight: 1, Values: []string{"b"}}, {Values: []string{"never"}}}}
	count := map[string]int{}
	for range 4000 {
		count[s.pick().Values[0]]++
	}
	if count["never"] > 0 || count["a"] < 2700 || count["a"] > 3300 {
		t.Errorf("drew %v", count)
	}
}

// TestEveryAnswerIsForItsQuestion asks for names made of the labels that exist.
func TestEveryAnswerIsForItsQuestion(t *testing.T) {
	z := domains()
	rapid.Check(t, func(t *rapid.T) {
		labels := rapid.SliceOfN(rapid.SampledFrom([]string{"www", "example", "com", "*", "sub", "below", "loop", "alias", "a"}), 1, 6).Draw(t, "labels")
		kind := rapid.SampledFrom([]string{"A", "CNAME", "TXT", "ANY", "SOA"}).Draw(t, "type")
		q := ask(kind + " " + strings.Join(labels, ".") + ".")
		answer, mine := z.answer(q)
		if mine && (answer.Id != q.Id || !answer.Response || answer.Question[0] != q.Question[0]) {
			t.Fatalf("asked %v, answered %v", q, answer)
		}
	})
}

// TestAliasOutside asks outside for the end of an alias, for those who may leave.
func TestAliasOutside(t *testing.T) {
	var asked []string
	outside := NewForwarder(
		func() []netip.AddrPort { return []netip.AddrPort{netip.MustParseAddrPort("198.51.100.1:53")} },
		func(_ context.Context, network, address string) (net.Conn, error) {
			asked = append(asked, fmt.Sprint(network, " ", address))
			return nil, errors.New("no network")
		})
	may := netip.MustParseAddr("10.0.10.4")
	s := NewServer(outside, func(a netip.Addr) bool { return a == may })
	s.SetZone(domains())
	for _, sender := range []string{"10.0.10.5", "10.0.10.4"} {
		answer := s.Answer(t.Context(), netip.MustParseAddr(sender), "udp", ask("A out.example.com."))
		if len(answer.Answer) != 1 || answer.Rcode != dns.RcodeSuccess {
			t.Errorf("%s: %v", sender, answer)
		}
	}
	if len(asked) != 1 {
		t.Errorf("asked outside %v", asked)
	}
}
