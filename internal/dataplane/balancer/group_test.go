package balancer

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"testing"
	"time"
)

// A draining target finishes what it holds and gets nothing new.
func TestDrain(t *testing.T) {
	held, release := make(chan struct{}), make(chan struct{})
	slow := backend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hold" {
			close(held)
			<-release
		}
		io.WriteString(w, "slow")
	})
	b := start(t, slow)
	answer := make(chan string)
	go func() {
		_, body := get(t, b.url("/hold"))
		answer <- body
	}()
	<-held
	cfg := configFor(b.addr, named(t, "new"))
	cfg.Groups[0].Targets = append(cfg.Groups[0].Targets, Target{Addr: slow, Draining: true, Until: time.Now().Add(time.Hour)})
	if err := b.apply(cfg); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		if _, body := get(t, b.url("/")); body != "new" {
			t.Errorf("the draining target answered")
		}
	}
	close(release)
	if body := <-answer; body != "slow" {
		t.Errorf("the request in flight got %q", body)
	}
	b.await("drained", func(st State) bool {
		target, _ := st.Target("g", slow)
		return target.Drained
	})
}

// When the delay is over, what is still in flight is answered 502.
func TestDrainEnds(t *testing.T) {
	held := make(chan struct{})
	hung := scripted(t, func(c *net.TCPConn, rd *bufio.Reader, head string) {
		close(held)
		io.Copy(io.Discard, rd)
	})
	b := start(t, hung)
	status := make(chan int)
	go func() {
		resp, err := http.Post(b.url("/"), "text/plain", nil)
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		status <- resp.StatusCode
	}()
	<-held
	cfg := configFor(b.addr)
	cfg.Groups[0].Targets = []Target{{Addr: hung, Draining: true, Until: time.Now()}}
	if err := b.apply(cfg); err != nil {
		t.Fatal(err)
	}
	if got := <-status; got != 502 {
		t.Errorf("status %d, want 502", got)
	}
}

// With no healthy target at all, every target is tried.
func TestFailOpen(t *testing.T) {
	sick := scripted(t, func(c *net.TCPConn, rd *bufio.Reader, head string) {
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nsick")
	})
	cfg := configFor(freeAddr(t), sick)
	cfg.Groups[0].Check.Matcher = "299"
	b := startConfig(t, cfg)
	b.await("unhealthy", func(st State) bool { return countHealth(st, Unhealthy) == 1 })
	target, _ := ptr(b.state()).Target("g", sick)
	if target.Reason != ReasonMismatch || target.Detail != "200" {
		t.Errorf("target %+v", target)
	}
	if _, body := get(t, b.url("/")); body != "sick" {
		t.Errorf("body %q", body)
	}
}

func TestLeastOutstanding(t *testing.T) {
	g := newGroup("g", func(context.Context, Target, Check) verdict { return verdict{passed: true} }, func() {})
	addrs := []netip.AddrPort{netip.MustParseAddrPort("10.0.0.1:80"), netip.MustParseAddrPort("10.0.0.2:80"), netip.MustParseAddrPort("10.0.0.3:80")}
	cfg := Group{ID: "g", Algorithm: LeastOutstanding, Check: Check{Disabled: true}}
	for _, a := range addrs {
		cfg.Targets = append(cfg.Targets, Target{Addr: a})
	}
	g.apply(cfg)
	t.Cleanup(g.remove)
	for range 9 {
		g.pick(nil)
	}
	g.each(func(target *target) {
		if n := target.inFlight.Load(); n != 3 {
			t.Errorf("%s holds %d requests", target.addr, n)
		}
	})
	if got := g.pick(g.roster.Load().any); got != nil {
		t.Errorf("a tried target was chosen: %s", got.addr)
	}
}

func TestCounters(t *testing.T) {
	b := start(t, named(t, "a"))
	for range 3 {
		get(t, b.url("/"))
	}
	b.raw("BROKEN\r\n\r\n")
	b.await("counted", func(st State) bool { return st.Counters.ByStatus["4XX"] == 1 })
	st := b.state()
	g := st.Groups[0].Counters
	if g.Requests != 3 || g.ByClass != [5]int64{0, 3} || st.Counters.Requests != 4 {
		t.Errorf("counters %+v %+v", st.Counters, g)
	}
}

func idleGroup(t *testing.T, cfg Group, n int) *group {
	t.Helper()
	g := newGroup("g", func(context.Context, Target, Check) verdict { return verdict{passed: true} }, func() {})
	t.Cleanup(g.remove)
	cfg.ID, cfg.Check = "g", Check{Disabled: true, Interval: time.Hour}
	for i := range n {
		cfg.Targets = append(cfg.Targets, Target{Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), 80)})
	}
	g.apply(cfg)
	return g
}

// shares counts how many of n requests each target gets.
func shares(g *group, n int) map[netip.AddrPort]int {
	got := map[netip.AddrPort]int{}
	for range n {
		t := g.pick(nil)
		got[t.addr]++
		t.release()
	}
	return got
}

// A target that joins others gets little at first; those that come into an
// empty group get all at once.
func TestSlowStart(t *testing.T) {
	g := idleGroup(t, Group{SlowStart: time.Hour}, 2)
	for addr, n := range shares(g, 100) {
		if n != 50 {
			t.Errorf("%s got %d of 100: the first ones do not start slowly", addr, n)
		}
	}
	cfg := *g.config.Load()
	late := netip.MustParseAddrPort("10.9.9.9:80")
	cfg.Targets = append(cfg.Targets, Target{Addr: late})
	g.apply(cfg)
	if n := shares(g, 3000)[late]; n > 100 {
		t.Errorf("the late one got %d of 3000", n)
	}
	g.mu.Lock()
	g.targets[late].slowFrom = time.Now().Add(-30 * time.Minute)
	g.mu.Unlock()
	if n := shares(g, 3000)[late]; n < 450 || n > 750 { // half a share of two and a half
		t.Errorf("half-way it got %d of 3000", n)
	}
}

func TestWeightedRandomMitigates(t *testing.T) {
	g := idleGroup(t, Group{Algorithm: WeightedRandom, Mitigate: true}, 4)
	bad := g.roster.Load().healthy[1]
	second := func() {
		for _, target := range g.roster.Load().healthy {
			for range 20 {
				target.stats.answered(map[bool]int{true: 500, false: 200}[target == bad], time.Millisecond)
			}
		}
		g.weigh()
	}
	for range 6 {
		second()
	}
	if n := shares(g, 4000)[bad.addr]; n > 200 {
		t.Errorf("the failing target still gets %d of 4000", n)
	}
	state := g.groupState()
	if s := state.Targets[1]; !s.Anomalous || !s.Mitigated || state.Targets[0].Anomalous {
		t.Errorf("states %+v", state.Targets)
	}
	bad = nil
	for range 60 {
		second()
	}
	for addr, n := range shares(g, 4000) {
		if n < 800 || n > 1200 {
			t.Errorf("after the recovery %s gets %d of 4000", addr, n)
		}
	}
}

func TestThresholdOpens(t *testing.T) {
	g := idleGroup(t, Group{Least: Threshold{Count: 1, Percent: 60}}, 4)
	if g.groupState().Open {
		t.Fatal("open though all are healthy")
	}
	for _, target := range g.roster.Load().any[:2] {
		for range 2 {
			target.record(verdict{reason: ReasonFailed}, Check{Unhealthy: 2})
		}
	}
	if !g.groupState().Open || len(shares(g, 8)) != 4 {
		t.Error("two of four are below 60 percent: all should get requests")
	}
}

// Choosing among many targets is cheap, and fair.
func TestThousandTargets(t *testing.T) {
	for _, a := range []Algorithm{RoundRobin, LeastOutstanding, WeightedRandom} {
		g := idleGroup(t, Group{Algorithm: a}, 1000)
		if got := shares(g, 20_000); len(got) != 1000 && a != WeightedRandom || len(got) < 990 {
			t.Errorf("%s: %d targets got requests", a, len(got))
		}
	}
}

func TestStay(t *testing.T) {
	g := idleGroup(t, Group{}, 3)
	addr := netip.MustParseAddrPort("10.0.0.1:80")
	for range 5 {
		if got := g.stay(addr); got == nil || got.addr != addr {
			t.Fatal("a client cannot stay with a healthy target")
		}
	}
	g.roster.Load().any[1].record(verdict{reason: ReasonFailed}, Check{Unhealthy: 1})
	if g.stay(addr) != nil || g.stay(netip.MustParseAddrPort("10.7.7.7:80")) != nil {
		t.Error("a client stays with a target that is unhealthy, or gone")
	}
}
