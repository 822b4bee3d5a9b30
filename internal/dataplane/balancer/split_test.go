package balancer

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"

	"apex/internal/dataplane/balancer/route"
)

func TestSplit(t *testing.T) {
	secure := &TLS{}
	both := Config{
		Listeners: []Listener{
			{ID: "plain", Default: forwardTo("a"), Rules: []route.Rule{{Action: forwardTo("b")}}},
			{ID: "secure", TLS: secure, Default: forwardTo("b"), Rules: []route.Rule{{Action: forwardTo("c")}}},
		},
		Groups: []Group{{ID: "a"}, {ID: "b"}, {ID: "c"}},
	}
	ids := func(c Config) (ids []string) {
		for _, l := range c.Listeners {
			ids = append(ids, l.ID)
		}
		for _, g := range c.Groups {
			ids = append(ids, g.ID)
		}
		return ids
	}
	p, s := both.Split()
	if diff := cmp.Diff([][]string{{"plain", "a", "b"}, {"secure", "b", "c"}}, [][]string{ids(p), ids(s)}); diff != "" {
		t.Error(diff)
	}
	both.Listeners = both.Listeners[:1]
	p, s = both.Split()
	if diff := cmp.Diff([][]string{{"plain", "a", "b", "c"}, nil}, [][]string{ids(p), ids(s)}); diff != "" {
		t.Error(diff)
	}
}

func TestMerge(t *testing.T) {
	addr := netip.MustParseAddrPort("10.0.0.1:80")
	only := netip.MustParseAddrPort("10.0.0.2:80")
	target := func(addr netip.AddrPort, h Health, inFlight int64, drained bool) TargetState {
		return TargetState{Addr: addr, Health: h, InFlight: inFlight, Drained: drained, Counters: TargetCounters{Requests: 1}}
	}
	a := State{PID: 1, Config: "a", Counters: Counters{Requests: 3, ByStatus: map[string]int64{"4XX": 1}}, Groups: []GroupState{
		{ID: "g", Targets: []TargetState{target(addr, Healthy, 2, false), target(only, Draining, 0, true)}, Counters: TargetCounters{Requests: 2}},
		{ID: "h"},
	}}
	b := State{PID: 2, Config: "b", Counters: Counters{Requests: 4, ByStatus: map[string]int64{"4XX": 2, "502": 1}}, Groups: []GroupState{
		{ID: "g", Targets: []TargetState{target(addr, Unhealthy, 1, false), target(only, Draining, 1, false)}, Counters: TargetCounters{Requests: 5}},
	}}
	all := Merge(a, b)
	if all.PID != 1 || all.Counters.Requests != 7 || all.Counters.ByStatus["4XX"] != 3 || all.Counters.ByStatus["502"] != 1 || len(all.Groups) != 2 {
		t.Errorf("%+v", all)
	}
	if all.Groups[0].Counters.Requests != 7 {
		t.Errorf("the group's figures: %+v", all.Groups[0].Counters)
	}
	if got, _ := all.Target("g", addr); got.Health != Unhealthy || got.InFlight != 3 || got.Counters.Requests != 2 {
		t.Errorf("a target that one of two finds ill: %+v", got)
	}
	if got, _ := all.Target("g", only); got.Drained || got.InFlight != 1 {
		t.Errorf("a target that only one has drained: %+v", got)
	}
	if a.Counters.ByStatus["4XX"] != 1 {
		t.Error("merging changed what was merged")
	}
	if one := Merge(a); !cmp.Equal(one, a, cmp.Comparer(func(x, y netip.AddrPort) bool { return x == y })) {
		t.Errorf("one alone: %+v", one)
	}
}
