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
	g := newGroup("g", func(context.Context, netip.AddrPort, Check) verdict { return verdict{passed: true} }, func() {})
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
