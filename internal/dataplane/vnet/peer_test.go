package vnet

import (
	"net/netip"
	"strings"
	"testing"

	"apex/internal/dataplane/firewall"
)

// Packets cross between peers where both sides' routes and the receiver's groups
// say so; a third network behind a peer is not reached, nor a peer that is one no
// more.
func TestPeersReachEachOther(t *testing.T) {
	l := newLab(t)
	one, two, three := peerSeed("v1", "10.1.0.0/16"), peerSeed("v2", "10.2.0.0/16"), peerSeed("v3", "10.3.0.0/16")
	befriend("pcx-12", &one, &two)
	befriend("pcx-23", &two, &three)
	for _, cfg := range []Config{one, two, three, one, two} {
		l.apply(cfg)
	}
	for _, at := range []struct{ id, address string }{{"v1-host", "10.1.0.4"}, {"v2-host", "10.2.0.4"}, {"v3-host", "10.3.0.4"}} {
		l.serve(at.id, at.address+":80")
		l.serve(at.id, at.address+":81") // which no group admits
	}
	for _, tt := range []struct {
		from, to string
		passes   bool
	}{
		{"v1-host", "10.2.0.4:80", true},
		{"v2-host", "10.1.0.4:80", true},
		{"v2-host", "10.3.0.4:80", true},
		{"v1-host", "10.2.0.4:81", false},
		{"v1-host", "10.3.0.4:80", false}, // not by way of v2
		{"v3-host", "10.1.0.4:80", false},
	} {
		got := l.answers(tt.from, tt.to)
		if (got != "") != tt.passes {
			t.Errorf("%s to %s: answered %q, want it to pass: %v", tt.from, tt.to, got, tt.passes)
		}
		if from := strings.Replace(tt.to, "10.2", "10.1", 1); tt.passes && tt.from == "v1-host" && !strings.HasPrefix(got, from[:8]) {
			t.Errorf("the peer saw %q, want the sender's own address", got)
		}
	}
	two.Tables[0].Routes = nil // no way back
	l.apply(two)
	if got := l.answers("v1-host", "10.2.0.4:80"); got != "" {
		t.Errorf("without a route back the peer answered %q", got)
	}
	two = peerSeed("v2", "10.2.0.0/16")
	befriend("pcx-23", &two, &three)
	l.apply(two)
	if got := l.answers("v2-host", "10.3.0.4:80"); got == "" {
		t.Error("a peer that stays is not reached after another has gone")
	}
	one.Peers, one.Tables[0].Routes = nil, nil
	l.apply(one)
	if got := l.answers("v1-host", "10.2.0.4:80"); got != "" {
		t.Errorf("after the peering the other side answered %q", got)
	}
}

// peerSeed is a network of one host that takes HTTP from everywhere.
func peerSeed(id, cidr string) Config {
	at := block(cidr).Addr().Next().Next().Next().Next()
	return Config{
		ID: id, CIDRs: []netip.Prefix{block(cidr)}, Domain: "ec2.internal",
		Subnets:    []Subnet{{"subnet-" + id, block(cidr), "rtb-" + id, ""}},
		Tables:     []RouteTable{{ID: "rtb-" + id}},
		Interfaces: []Interface{{ID: id + "-host", Subnet: "subnet-" + id, Address: at, Groups: []string{"sg-" + id}}},
		Groups: []firewall.Group{{
			ID: "sg-" + id, Ingress: []firewall.Rule{tcp(80, "0.0.0.0/0")},
			Egress: []firewall.Rule{{Protocol: firewall.AnyProtocol, From: firewall.Any, To: firewall.Any, Peer: block("0.0.0.0/0")}},
		}},
	}
}

// befriend makes two networks peers that route to each other.
func befriend(id string, a, b *Config) {
	for _, way := range [][2]*Config{{a, b}, {b, a}} {
		from, to := way[0], way[1]
		from.Peers = append(from.Peers, Peer{ID: id, Network: to.ID, Blocks: to.CIDRs})
		from.Tables[0].Routes = append(from.Tables[0].Routes, Route{Destination: to.CIDRs[0], Target: firewall.Peer})
	}
}
