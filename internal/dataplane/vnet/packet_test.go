package vnet

import (
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"apex/internal/dataplane/firewall"
)

func TestGroupsAdmitWhatTheySayAndNothingElse(t *testing.T) {
	l := newLab(t)
	l.apply(seed("v1"))
	for id, address := range map[string]string{"alb": "10.0.0.4", "ecs1": "10.0.10.4", "ecs2": "10.0.11.4", "rds": "10.0.10.5", "other": "10.0.10.6"} {
		for _, port := range []string{"80", "3000", "3306"} {
			l.serve("v1-"+id, address+":"+port)
		}
	}
	var probes sync.WaitGroup
	for _, tt := range []struct {
		from, to string
		passes   bool
	}{
		{"alb", "10.0.10.4:3000", true},
		{"alb", "10.0.11.4:3000", true},
		{"alb", "10.0.10.4:80", false},
		{"alb", "10.0.10.5:3306", false},
		{"ecs1", "10.0.10.5:3306", true},
		{"ecs2", "10.0.10.5:3306", true},
		{"ecs1", "10.0.11.4:3000", false}, // members of one group
		{"ecs1", "10.0.0.4:80", true},
		{"rds", "10.0.10.4:3000", false},
		{"other", "10.0.10.5:3306", false}, // in the same subnet
		{"other", "10.0.10.4:3000", false},
		{"other", "10.0.0.4:80", true},
		{"ecs1", "10.0.10.6:80", false},
		{"alb", "10.0.10.99:3000", false}, // nobody there
	} {
		probes.Go(func() {
			if got := l.answers("v1-"+tt.from, tt.to); (got != "") != tt.passes {
				t.Errorf("%s to %s: answered %q, want it to pass: %v", tt.from, tt.to, got, tt.passes)
			}
		})
	}
	probes.Wait()
}

func TestGroupsChangeUnderLivingInterfaces(t *testing.T) {
	l := newLab(t)
	cfg := seed("v1")
	l.apply(cfg)
	l.serve("v1-rds", "10.0.10.5:3306")
	l.serve("v1-other", "10.0.10.6:8080")
	if got := l.answers("v1-other", "10.0.10.5:3306"); got != "" {
		t.Fatalf("a stranger reached the database: %q", got)
	}
	cfg.Interfaces[4].Groups = []string{"sg-other", "sg-ecs"} // the union of two
	cfg.Groups[1].Ingress = append(cfg.Groups[1].Ingress, tcp(8080, "10.0.0.0/24"))
	l.apply(cfg)
	if got := l.answers("v1-other", "10.0.10.5:3306"); !strings.HasPrefix(got, "10.0.10.6:") {
		t.Errorf("a member was answered %q", got)
	}
	if got := l.answers("v1-alb", "10.0.10.6:8080"); got == "" {
		t.Error("the rule of the second group admits nothing")
	}
	cfg.Groups[1].Egress = nil
	cfg.Groups[3].Egress = nil
	l.apply(cfg)
	if got := l.answers("v1-other", "10.0.10.5:3306"); got != "" {
		t.Errorf("left without an egress rule: %q", got)
	}
}

func TestSpoofedSourceIsDropped(t *testing.T) {
	l := newLab(t)
	l.apply(seed("v1"))
	l.serve("v1-rds", "10.0.10.5:3306")
	spoofed := DialerIn(l.at("v1-other"))
	spoofed.Source, spoofed.Transparent = netip.MustParseAddrPort("10.0.10.4:0"), true
	if got := said(t, spoofed, "10.0.10.5:3306"); got != "" {
		t.Errorf("a stranger passed with the address of another: %q", got)
	}
}

func TestNetworksWithTheSameBlocksAreApart(t *testing.T) {
	l := newLab(t)
	l.apply(seed("v1"))
	l.apply(seed("v2"))
	l.serve("v1-ecs1", "10.0.10.4:3000")
	if got := l.answers("v1-alb", "10.0.10.4:3000"); got == "" {
		t.Error("no answer within the network")
	}
	if got := l.answers("v2-alb", "10.0.10.4:3000"); got != "" {
		t.Errorf("the other network answered %q", got)
	}
}

func TestInternetComesInByPublicAddressOnly(t *testing.T) {
	l := newLab(t)
	l.apply(seed("v1"))
	l.serve("v1-alb", "10.0.0.4:80")
	l.serve("v1-alb", "10.0.0.4:8080")
	l.serve("v1-ecs1", "10.0.10.4:3000")
	client := DialerFromOutside(l.opts.Hash, "v1", netip.MustParseAddrPort("198.51.100.7:0"))
	if got := said(t, client, "10.0.0.4:80"); !strings.HasPrefix(got, "198.51.100.7:") {
		t.Errorf("the balancer saw %q, want the client's own address", got)
	}
	for _, to := range []string{"10.0.0.4:8080", "10.0.10.4:3000"} {
		if got := said(t, client, to); got != "" {
			t.Errorf("%s answered the internet: %q", to, got)
		}
	}
}

func TestApplyRepairsWhatACrashLeft(t *testing.T) {
	l := newLab(t)
	cfg := seed("v1")
	l.apply(cfg)
	l.serve("v1-ecs1", "10.0.10.4:3000")
	// Half an interface: its cable lost its name, as if the last step were missing.
	r := l.router("v1")
	check(t, r.links.LinkSetAlias(r.attached["v1-rds"].link, ""))
	// A region that knows nothing of all this takes over.
	again := Open(l.opts)
	t.Cleanup(func() { check(t, again.Close()) })
	cfg.Interfaces = append(cfg.Interfaces, Interface{ID: "v1-new", Subnet: "public-1", Address: addr("10.0.0.9"), Groups: []string{"sg-alb"}})
	check(t, again.Apply(t.Context(), cfg))
	check(t, again.Apply(t.Context(), cfg))
	state, err := again.Observe("v1")
	check(t, err)
	if got, want := strings.Join(state.Interfaces, " "), "v1-alb v1-ecs1 v1-ecs2 v1-new v1-other v1-rds"; got != want || !state.Agent.Running {
		t.Errorf("Observe = %s, agent %+v, want %s", got, state.Agent, want)
	}
	l.serve("v1-rds", "10.0.10.5:3306")
	for from, to := range map[string]string{"v1-alb": "10.0.10.4:3000", "v1-new": "10.0.10.4:3000", "v1-ecs1": "10.0.10.5:3306"} {
		if got := l.answers(from, to); got == "" {
			t.Errorf("%s to %s: no answer after the crash", from, to)
		}
	}
}

// Whoever talks while a new region takes over must not notice.
func TestConnectionsOutliveTheirRegion(t *testing.T) {
	l := newLab(t)
	cfg := seed("v1")
	l.apply(cfg)
	listener, err := ListenIn(l.at("v1-rds"), "10.0.10.5:3306")
	check(t, err)
	defer listener.Close()
	client, err := DialerIn(l.at("v1-ecs1")).DialContext(t.Context(), "tcp4", "10.0.10.5:3306")
	check(t, err)
	defer client.Close()
	server, err := listener.Accept()
	check(t, err)
	defer server.Close()
	before, err := l.Observe("v1")
	check(t, err)

	check(t, l.Network.Close())
	again := Open(l.opts)
	defer again.Close()
	cfg.Groups = append(cfg.Groups, firewall.Group{ID: "sg-new"})
	cfg.Groups[2].Ingress = nil // connections that are known stay, as on AWS
	check(t, again.Apply(t.Context(), cfg))
	for _, end := range []net.Conn{client, server} {
		check(t, end.SetDeadline(time.Now().Add(5*time.Second)))
	}
	_, err = client.Write([]byte("still here"))
	check(t, err)
	got := make([]byte, len("still here"))
	_, err = io.ReadFull(server, got)
	check(t, err)
	if after, err := again.Observe("v1"); err != nil || after.Agent.PID != before.Agent.PID {
		t.Errorf("the agent was replaced: %+v, before %+v, %v", after.Agent, before.Agent, err)
	}
	if got := l.answers("v1-ecs1", "10.0.10.5:3306"); got != "" {
		t.Errorf("a new connection passed by a rule that is gone: %q", got)
	}
}

func TestDeleteLeavesNothing(t *testing.T) {
	l := newLab(t)
	cfg := seed("v1")
	l.apply(cfg)
	cfg.Interfaces = cfg.Interfaces[:1]
	l.apply(cfg)
	if state, err := l.Observe("v1"); err != nil || strings.Join(state.Interfaces, " ") != "v1-alb" {
		t.Errorf("Observe = %+v, %v", state, err)
	}
	for range 2 { // deleting what is gone is no error
		check(t, l.Delete(t.Context(), "v1"))
	}
	if state, err := l.Observe("v1"); err != nil || state.Exists {
		t.Errorf("Observe after Delete = %+v, %v", state, err)
	}
	check(t, l.Prune(context.Background(), func(id string) bool { return id == "internet" }))
}

func TestMessagesOfICMPPassByTheirType(t *testing.T) {
	l := newLab(t)
	cfg := seed("v1")
	cfg.Groups[2].Ingress = append(cfg.Groups[2].Ingress, firewall.Rule{Protocol: firewall.ICMP, From: 8, To: firewall.Any, Peer: block("10.0.10.4/32")})
	l.apply(cfg)
	if !l.pings("v1-ecs1", "10.0.10.5") {
		t.Error("an admitted echo request was not answered")
	}
	if l.pings("v1-other", "10.0.10.5") || l.pings("v1-ecs1", "10.0.10.6") {
		t.Error("an echo request passed that no rule admits")
	}
}
