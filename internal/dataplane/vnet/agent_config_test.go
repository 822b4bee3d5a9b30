package vnet

import (
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"apex/internal/dataplane/firewall"
)

func TestExit(t *testing.T) {
	cfg := seed("v1")
	cfg.Tables[1].Routes = append(cfg.Tables[1].Routes,
		Route{Destination: block("198.51.100.0/24"), Target: firewall.Blackhole},
		Route{Destination: block("198.51.100.7/32"), Target: firewall.NAT, Source: addr(natTwo)})
	agent := cfg.agent(Options{})
	for _, tt := range []struct{ sender, to, want string }{
		{"10.0.10.4", "93.184.216.34", natOne},
		{"10.0.10.4", "198.51.100.9", ""},
		{"10.0.10.4", "198.51.100.7", natTwo},
		{"10.0.0.4", "93.184.216.34", publicALB},
		{"10.0.0.9", "93.184.216.34", ""}, // in the public subnet, without public address
		{"10.0.11.4", "93.184.216.34", ""},
		{"10.0.10.4", "10.0.11.4", ""}, // the network's own addresses are not outside
		{"10.9.0.4", "93.184.216.34", ""},
	} {
		source, ok := agent.exit(addr(tt.sender), netip.AddrPortFrom(addr(tt.to), 443))
		if got := source.String(); ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%s to %s leaves as %s, %v, want %q", tt.sender, tt.to, got, ok, tt.want)
		}
	}
}

func TestMayLeave(t *testing.T) {
	agent := seed("v1").agent(Options{})
	for sender, want := range map[string]bool{"10.0.10.4": true, "10.0.0.9": true, "10.0.11.4": false, "10.9.0.1": false} {
		if got := agent.mayLeave(addr(sender)); got != want {
			t.Errorf("mayLeave(%s) = %v", sender, got)
		}
	}
}

// The agent reads what the region has written.
func TestAgentConfigSurvivesItsFile(t *testing.T) {
	cfg := seed("v1")
	cfg.Names = map[string][]netip.Addr{"db.internal": {addr("10.0.10.5")}}
	want := cfg.agent(Options{Hash: "abc", Uplink: "/run/netns/x", Endpoint: "127.0.0.1:4566", Resolvers: []netip.AddrPort{netip.MustParseAddrPort("1.1.1.1:53")}})
	data, err := json.Marshal(want)
	check(t, err)
	var got agentConfig
	check(t, json.Unmarshal(data, &got))
	if diff := cmp.Diff(want, got, cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}, netip.AddrPort{})); diff != "" {
		t.Errorf("config (-written +read):\n%s", diff)
	}
}

func TestDeviceFitsTheKernel(t *testing.T) {
	seen := map[string]string{}
	for _, id := range []string{"eni-0123456789abcdef0", "eni-0123456789abcdef1", "eni-0a", "x"} {
		name := device(id)
		if len(name) > 15 || seen[name] != "" {
			t.Errorf("device(%s) = %s, like that of %q", id, name, seen[name])
		}
		seen[name] = id
	}
}
