package dns

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"

	"github.com/miekg/dns"
)

func zone() *Zone {
	return &Zone{
		Names:    map[string][]netip.Addr{"db.internal": {netip.MustParseAddr("10.0.10.5")}, "lb.internal.": {netip.MustParseAddr("10.0.0.4"), netip.MustParseAddr("10.0.1.4")}},
		Domain:   "ec2.internal",
		Blocks:   []netip.Prefix{netip.MustParsePrefix("10.0.0.0/16")},
		Services: "amazonaws.com",
		Endpoint: netip.MustParseAddr("169.254.170.23"),
	}
}

func TestZone(t *testing.T) {
	for question, want := range map[string]struct {
		code, answers int
		mine          bool
	}{
		"A db.internal.":                     {dns.RcodeSuccess, 1, true},
		"A DB.Internal.":                     {dns.RcodeSuccess, 1, true},
		"AAAA db.internal.":                  {dns.RcodeSuccess, 0, true},
		"A lb.internal.":                     {dns.RcodeSuccess, 2, true},
		"A ip-10-0-3-4.ec2.internal.":        {dns.RcodeSuccess, 1, true},
		"A ip-11-0-3-4.ec2.internal.":        {dns.RcodeNameError, 0, true},
		"A ip-10-0-3.ec2.internal.":          {dns.RcodeNameError, 0, true},
		"A a.ip-10-0-3-4.ec2.internal.":      {dns.RcodeNameError, 0, true},
		"PTR 4.3.0.10.in-addr.arpa.":         {dns.RcodeSuccess, 1, true},
		"PTR 4.3.0.11.in-addr.arpa.":         {0, 0, false},
		"A ecs.us-east-1.amazonaws.com.":     {dns.RcodeSuccess, 1, true},
		"A amazonaws.com.evil.example.":      {0, 0, false},
		"A notamazonaws.com.":                {0, 0, false},
		"A example.com.":                     {0, 0, false},
		"MX secretsmanager.x.amazonaws.com.": {dns.RcodeSuccess, 0, true},
		"A .":                                {0, 0, false},
	} {
		q := ask(question)
		answer, mine := zone().answer(q)
		if mine != want.mine {
			t.Errorf("%s: the zone's own: %v", question, mine)
			continue
		}
		if mine && (answer.Rcode != want.code || len(answer.Answer) != want.answers || answer.Id != q.Id) {
			t.Errorf("%s: %v", question, answer)
		}
	}
}

func ask(question string) *dns.Msg {
	kind, name := question[:indexOf(question, ' ')], question[indexOf(question, ' ')+1:]
	return new(dns.Msg).SetQuestion(name, dns.StringToType[kind])
}

func indexOf(s string, b byte) int {
	for i := range len(s) {
		if s[i] == b {
			return i
		}
	}
	return -1
}

func TestServerAsksOutsideOnlyForThoseWhoMayLeave(t *testing.T) {
	may := netip.MustParseAddr("10.0.10.4")
	asked := 0
	outside := NewForwarder(
		func() []netip.AddrPort { return []netip.AddrPort{netip.MustParseAddrPort("198.51.100.1:53")} },
		func(context.Context, string, string) (net.Conn, error) { asked++; return nil, errors.New("no network") })
	s := NewServer(outside, func(a netip.Addr) bool { return a == may })
	s.SetZone(zone())
	for _, tt := range []struct {
		sender, question string
		code, asked      int
	}{
		{"10.0.11.4", "A example.com.", dns.RcodeServerFailure, 0},
		{"10.0.11.4", "A db.internal.", dns.RcodeSuccess, 0},
		{"10.0.10.4", "A example.com.", dns.RcodeServerFailure, 1},
	} {
		answer := s.Answer(t.Context(), netip.MustParseAddr(tt.sender), "udp", ask(tt.question))
		if answer.Rcode != tt.code || asked != tt.asked {
			t.Errorf("%s asks %s: %s, %d questions outside", tt.sender, tt.question, dns.RcodeToString[answer.Rcode], asked)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	for _, q := range []string{"A db.internal.", "PTR 4.3.0.10.in-addr.arpa.", "A ip-10-0-3-4.ec2.internal."} {
		packed, err := ask(q).Pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed)
	}
	s := NewServer(nil, func(netip.Addr) bool { return false })
	s.SetZone(zone())
	f.Fuzz(func(t *testing.T, data []byte) {
		q := new(dns.Msg)
		if q.Unpack(data) != nil {
			return
		}
		answer := s.Answer(t.Context(), netip.MustParseAddr("10.0.0.4"), "udp", q)
		if answer.Id != q.Id || !answer.Response {
			t.Errorf("answer to %v: %v", q, answer)
		}
	})
}
