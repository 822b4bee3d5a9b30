package elbv2

import (
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"apex/internal/arn"
	"apex/internal/dataplane/balancer"
)

var (
	figureScope = arn.Scope{Account: "000000000000", Region: "us-east-1"}
	figureKey   = figureScope.Key("loadbalancer/app/web/0123456789abcdef")
	figureGroup = figureScope.Key("targetgroup/server/fedcba9876543210")
)

// told writes figures as lines: name, dimensions, values.
func told(all []figure) (lines []string) {
	for _, f := range all {
		line := f.id.Name
		for _, l := range f.id.Labels {
			line += " " + l.Name[:1] + "=" + l.Value
		}
		for _, s := range f.samples {
			line += fmt.Sprintf(" %v", s.Value)
			if s.Count > 0 {
				line += fmt.Sprintf("*%v", s.Count)
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

func target(last byte, zone string, health balancer.Health, n int64) balancer.TargetState {
	return balancer.TargetState{
		Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, last}), 80), Zone: zone, Health: health,
		Counters: balancer.TargetCounters{Requests: n, ByClass: [5]int64{0, n}},
	}
}

func state(targets ...balancer.TargetState) *balancer.State {
	g := balancer.GroupState{ID: figureGroup, Targets: targets}
	for _, t := range targets {
		g.Counters = g.Counters.Plus(t.Counters)
	}
	return &balancer.State{PID: 1, Groups: []balancer.GroupState{g}}
}

func only2(lines []string, want func(string) bool) []string {
	return slices.DeleteFunc(lines, func(s string) bool { return !want(s) })
}

// Requests are told for the load balancer, the group and each zone; the count
// for each target is that of the healthy ones.
func TestRequestFigures(t *testing.T) {
	before := state(target(1, "a", balancer.Healthy, 10), target(2, "b", balancer.Healthy, 20))
	now := state(target(1, "a", balancer.Healthy, 16), target(2, "b", balancer.Unhealthy, 22))
	got := only2(told(figures(figureKey, before, now, time.Unix(100, 0))), func(s string) bool {
		return len(s) > 12 && (s[:12] == "RequestCount" || s[:12] == "HTTPCode_Tar")
	})
	const lb, tg = "L=app/web/0123456789abcdef", "T=targetgroup/server/fedcba9876543210"
	want := []string{
		"HTTPCode_Target_2XX_Count A=a " + lb + " 6", "HTTPCode_Target_2XX_Count A=a " + lb + " " + tg + " 6",
		"HTTPCode_Target_2XX_Count A=b " + lb + " 2", "HTTPCode_Target_2XX_Count A=b " + lb + " " + tg + " 2",
		"HTTPCode_Target_2XX_Count " + lb + " 8", "HTTPCode_Target_2XX_Count " + lb + " " + tg + " 8",
		"RequestCount A=a " + lb + " 6", "RequestCount A=a " + lb + " " + tg + " 6",
		"RequestCount A=b " + lb + " 2", "RequestCount A=b " + lb + " " + tg + " 2",
		"RequestCount " + lb + " 8", "RequestCount " + lb + " " + tg + " 8",
		"RequestCountPerTarget " + lb + " " + tg + " 8", "RequestCountPerTarget " + tg + " 8",
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

func TestHostFigures(t *testing.T) {
	sick := target(2, "b", balancer.Unhealthy, 0)
	odd := target(3, "a", balancer.Healthy, 0)
	odd.Anomalous, odd.Mitigated = true, true
	now := state(target(1, "a", balancer.Healthy, 0), sick, odd)
	got := map[string]float64{}
	for _, f := range figures(figureKey, now, now, time.Unix(100, 0)) {
		if len(f.id.Labels) == 2 && f.id.Labels[1].Name == "TargetGroup" {
			got[f.id.Name] = f.samples[0].Value
		}
	}
	want := map[string]float64{
		"HealthyHostCount": 2, "UnHealthyHostCount": 1, "AnomalousHostCount": 1, "MitigatedHostCount": 1,
		"HealthyStateRouting": 1, "UnhealthyStateRouting": 0, "HealthyStateDNS": 1, "UnhealthyStateDNS": 0,
		"RequestCount": 0, "RequestCountPerTarget": 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

// What the balancer counts for itself.
func TestOwnFigures(t *testing.T) {
	before := &balancer.State{PID: 1, Counters: balancer.Counters{
		NewConnections: 5, ReceivedBytes: 100, ByStatus: map[string]int64{"502": 1, "4XX": 2},
	}}
	now := &balancer.State{PID: 1, Counters: balancer.Counters{
		NewConnections: 7, ReceivedBytes: 300, SentBytes: 50, FixedResponses: 1,
		ByStatus: map[string]int64{"502": 4, "4XX": 2, "5XX": 1, "3XX": 1},
	}}
	const lb = " L=app/web/0123456789abcdef "
	want := []string{
		"HTTPCode_ELB_3XX_Count" + lb + "1", "HTTPCode_ELB_502_Count" + lb + "3", "HTTPCode_ELB_5XX_Count" + lb + "4",
		"HTTP_Fixed_Response_Count" + lb + "1", "NewConnectionCount" + lb + "2", "ProcessedBytes" + lb + "250", "RequestCount" + lb + "0",
	}
	if diff := cmp.Diff(want, told(figures(figureKey, before, now, time.Unix(100, 0)))); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

// A process that has begun anew counts from nothing; one that was never seen
// tells nothing yet.
func TestSpan(t *testing.T) {
	state := func(pid int, n int64) balancer.State {
		return balancer.State{PID: pid, Counters: balancer.Counters{Requests: n}}
	}
	for name, tt := range map[string]struct {
		earlier, seen map[string]balancer.State
		want          int64
	}{
		"on":      {map[string]balancer.State{"a": state(1, 5)}, map[string]balancer.State{"a": state(1, 9)}, 4},
		"anew":    {map[string]balancer.State{"a": state(1, 5)}, map[string]balancer.State{"a": state(2, 3)}, 3},
		"first":   {nil, map[string]balancer.State{"a": state(1, 9)}, 0},
		"another": {map[string]balancer.State{"a": state(1, 5)}, map[string]balancer.State{"a": state(1, 7), "b": state(4, 90)}, 2},
		"gone":    {map[string]balancer.State{"a": state(1, 5), "b": state(4, 90)}, map[string]balancer.State{"a": state(1, 7)}, 2},
	} {
		before, now := span(tt.earlier, tt.seen)
		if got := now.Counters.Requests - before.Counters.Requests; got != tt.want {
			t.Errorf("%s: %d requests, want %d", name, got, tt.want)
		}
	}
}

// Response times keep their distribution, within an eighth.
func TestResponseTimes(t *testing.T) {
	one := target(1, "a", balancer.Healthy, 3)
	one.Counters.ResponseTime = balancer.Histogram{1, 0, 2}
	two := one
	two.Counters.ResponseTime = balancer.Histogram{1, 0, 5, 7}
	var times []string
	for _, line := range told(figures(figureKey, state(one), state(two), time.Unix(100, 0))) {
		if len(line) > 18 && line[:18] == "TargetResponseTime" {
			times = append(times, line)
		}
	}
	if len(times) != 4 || times[2] != "TargetResponseTime L=app/web/0123456789abcdef 2.5e-06*3 3.5e-06*7" {
		t.Errorf("times %v", times)
	}
}

func TestMinutelyFigures(t *testing.T) {
	now := &balancer.State{Counters: balancer.Counters{ActiveConnections: 30, NewConnections: 3000, SentBytes: 1_000_000}}
	const lb = " L=app/web/0123456789abcdef "
	want := []string{"ActiveConnectionCount" + lb + "30", "ConsumedLCUs" + lb + "2"}
	if diff := cmp.Diff(want, told(minutely(figureKey, &balancer.State{}, now, time.Unix(100, 0)))); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}
