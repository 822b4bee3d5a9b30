package ec2

import (
	"context"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"apex/internal/dataplane/nat"
	"apex/internal/dataplane/series"
	"apex/internal/dataplane/vnet"
)

func TestGatewayFigures(t *testing.T) {
	before := nat.Counters{FromSource: nat.Traffic{Bytes: 10, Packets: 1}, Attempts: 2, Established: 2, Active: 2}
	now := nat.Counters{
		FromSource: nat.Traffic{Bytes: 110, Packets: 3}, ToDestination: nat.Traffic{Bytes: 100, Packets: 4},
		FromDestination: nat.Traffic{Bytes: 7, Packets: 5}, ToSource: nat.Traffic{Bytes: 8, Packets: 6},
		Attempts: 5, Established: 4, Active: 1, IdleTimeouts: 9, PortErrors: 10, Dropped: 11,
	}
	var got []string
	for _, f := range gatewayFigures(before, now, true) {
		got = append(got, fmt.Sprintf("%s %d %s", f.name, f.value, f.unit))
	}
	slices.Sort(got)
	want := []string{
		"ActiveConnectionCount 1 Count", "BytesInFromDestination 7 Bytes", "BytesInFromSource 100 Bytes",
		"BytesOutToDestination 100 Bytes", "BytesOutToSource 8 Bytes", "ConnectionAttemptCount 3 Count",
		"ConnectionEstablishedCount 2 Count", "ErrorPortAllocation 10 Count", "IdleTimeoutCount 9 Count",
		"PacketsDropCount 11 Count", "PacketsInFromDestination 5 Count", "PacketsInFromSource 2 Count",
		"PacketsOutToDestination 4 Count", "PacketsOutToSource 6 Count",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

// What an agent counts is compared with what the same agent said before.
func TestMeterKnowsSinceWhen(t *testing.T) {
	began := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	address := netip.MustParseAddr(firstEIP)
	said := func(since time.Duration, bytes int64) vnet.Figures {
		counters := nat.Counters{FromSource: nat.Traffic{Bytes: bytes}}
		return vnet.Figures{Since: began.Add(since), Sources: map[netip.Addr]nat.Counters{address: counters}}
	}
	for name, tt := range map[string]struct {
		last  []vnet.Figures
		now   vnet.Figures
		bytes int64 // told, or -1
	}{
		"the same agent":                  {[]vnet.Figures{said(-time.Hour, 100)}, said(-time.Hour, 130), 30},
		"the agent began anew":            {[]vnet.Figures{said(-time.Hour, 100)}, said(time.Minute, 30), 30},
		"it began anew and carried more":  {[]vnet.Figures{said(time.Second, 100)}, said(time.Minute, 130), 130},
		"a new agent":                     {nil, said(time.Second, 30), 30},
		"an agent older than this region": {nil, said(-time.Hour, 1<<40), -1},
	} {
		t.Run(name, func(t *testing.T) {
			m := meter{began: began, last: map[string]vnet.Figures{}}
			for _, f := range tt.last {
				m.last["vpc"] = f
			}
			before, known := m.since("vpc", tt.now)
			got := int64(-1)
			for _, f := range gatewayFigures(before.Sources[address], tt.now.Sources[address], known) {
				if f.name == "BytesInFromSource" {
					got = f.value
				}
			}
			if got != tt.bytes {
				t.Errorf("told %d bytes, want %d", got, tt.bytes)
			}
		})
	}
}

// sum is what CloudWatch has of a gateway's metric, and its least and greatest
// value.
func (b *bench) sum(gateway, metric string) (sum, least, greatest float64) {
	id := series.NewID(scope.Prefix(), "AWS/NATGateway", metric, "NatGatewayId", gateway)
	least = math.Inf(1)
	for _, slot := range b.env.Metrics.Read(id, time.Now().Add(-time.Hour), time.Now().Add(time.Minute), time.Second) {
		sum, least, greatest = sum+slot.Sum, min(least, slot.Min), max(greatest, slot.Max)
	}
	return sum, least, greatest
}

func (b *bench) awaitSum(gateway, metric string, want float64) {
	b.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		got, _, _ := b.sum(gateway, metric)
		if got == want {
			return
		}
		if time.Now().After(deadline) {
			b.Fatalf("%s is %v, want %v", metric, got, want)
		}
	}
}

// What passes a NAT gateway is seen in CloudWatch, also after its agent was
// killed, and nothing is seen twice.
func TestNATGatewayIsMeasured(t *testing.T) {
	b := newWorld(t, webServer, firstEIP, secondEIP)
	b.serve(b.uplink(), webServer+":443")
	vpc := b.vpc("10.0.0.0/16")
	public, private := b.subnet(vpc, "10.0.0.0/24", "us-east-1a"), b.subnet(vpc, "10.0.10.0/24", "us-east-1a")
	b.routed(vpc, b.gateway(vpc), public)
	gateway, address := b.nat(public)
	b.awaitNAT(gateway, "available")
	b.routed(vpc, gateway, private)
	task := b.iface(InterfaceSpec{SubnetID: private, Requester: "ecs"})
	b.awaitNetwork(vpc)
	said := 0
	leave := func() {
		t.Helper()
		got := b.answer(vnet.DialerIn(task.Status.Namespace), webServer+":443")
		if !strings.HasPrefix(got, address+":") {
			t.Fatalf("the outside saw %q", got)
		}
		said += len(got)
	}
	leave()
	leave()
	b.awaitSum(gateway, "ConnectionEstablishedCount", 2)
	b.awaitSum(gateway, "ConnectionAttemptCount", 2)

	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	state, err := b.svc.network.Observe(vpc)
	check(t, err)
	check(t, unix.Kill(state.Agent.PID, unix.SIGKILL))
	for next := state; next.Agent.PID == state.Agent.PID || !next.Agent.Running; time.Sleep(5 * time.Millisecond) {
		check(t, ctx.Err())
		next, err = b.svc.network.Observe(vpc)
		check(t, err)
	}
	for { // until the next agent carries packets
		if _, err := b.svc.network.Figures(ctx, vpc); err == nil {
			break
		}
		check(t, ctx.Err())
		time.Sleep(5 * time.Millisecond)
	}
	leave()
	b.awaitSum(gateway, "ConnectionEstablishedCount", 3)
	if got, least, _ := b.sum(gateway, "ErrorPortAllocation"); got != 0 || least != 0 {
		t.Errorf("ErrorPortAllocation is %v, the least %v, want zeros", got, least)
	}
	for _, metric := range []string{"BytesOutToSource", "BytesInFromDestination", "BytesOutToDestination", "BytesInFromSource"} {
		sum, least, greatest := b.sum(gateway, metric)
		if least < 0 || greatest > 1000 {
			t.Errorf("%s goes from %v to %v", metric, least, greatest)
		}
		// The end of a stream counts as a byte.
		if metric == "BytesOutToSource" && (sum < float64(said) || sum > float64(said+3)) {
			t.Errorf("%s is %v after %d bytes", metric, sum, said)
		}
	}
}
