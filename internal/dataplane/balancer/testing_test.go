package balancer

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"apex/internal/dataplane/balancer/route"
)

// directOpener opens sockets without a keeper.
type directOpener struct{}

func (directOpener) open(k socketKey) (listener, error) { return listenIn(k.Namespace, k.Addr) }
func (directOpener) retain([]socketKey) error           { return nil }

// A bench is a balancer in this process with one listener on loopback.
type bench struct {
	*server
	t    *testing.T
	addr netip.AddrPort
}

func freeAddr(t testing.TB) netip.AddrPort {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

var quickCheck = Check{
	Path: "/health", Interval: 50 * time.Millisecond, Timeout: time.Second,
	Healthy: 2, Unhealthy: 2, Matcher: "200-399",
}

func forwardTo(group string) route.Action {
	return route.Action{Forward: &route.Forward{Groups: []route.Weighted{{Group: group, Weight: 1}}}}
}

// configFor forwards everything at addr to the targets.
func configFor(addr netip.AddrPort, targets ...netip.AddrPort) Config {
	g := Group{ID: "g", Check: quickCheck}
	for _, a := range targets {
		g.Targets = append(g.Targets, Target{Addr: a})
	}
	return Config{
		Listeners: []Listener{{ID: "l", Port: 80, Host: []netip.AddrPort{addr}, Default: forwardTo("g")}},
		Groups:    []Group{g},
	}
}

// start runs a balancer before the targets and waits until they are healthy.
func start(t *testing.T, targets ...netip.AddrPort) *bench {
	t.Helper()
	b := startConfig(t, configFor(freeAddr(t), targets...))
	b.awaitHealthy(len(targets))
	return b
}

func startConfig(t *testing.T, cfg Config) *bench {
	t.Helper()
	return startIn(t, t.TempDir(), cfg)
}

func startIn(t *testing.T, dir string, cfg Config) *bench {
	t.Helper()
	s := newServer(dir, directOpener{}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err := s.apply(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go s.tend(ctx)
	t.Cleanup(func() {
		cancel()
		s.drain(0)
		for _, g := range s.groups {
			g.remove()
		}
	})
	return &bench{server: s, t: t, addr: cfg.Listeners[0].Host[0]}
}

// await waits until the state meets the condition.
func (b *bench) await(what string, met func(State) bool) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.t.Context(), 20*time.Second)
	defer cancel()
	for {
		st := b.state()
		if met(st) {
			return
		}
		if ctx.Err() != nil {
			b.t.Fatalf("never %s: %+v", what, st)
		}
		b.news.await(ctx, st.Revision)
	}
}

func (b *bench) awaitHealthy(n int) {
	b.t.Helper()
	b.await(fmt.Sprintf("%d healthy", n), func(st State) bool { return countHealth(st, Healthy) == n })
}

func countHealth(st State, h Health) (n int) {
	for _, g := range st.Groups {
		for _, t := range g.Targets {
			if t.Health == h {
				n++
			}
		}
	}
	return n
}

func (b *bench) url(path string) string { return "http://" + b.addr.String() + path }

// raw sends bytes on a connection of its own, ends the stream, and returns all
// that comes back.
func (b *bench) raw(request string) string {
	b.t.Helper()
	c := b.dial()
	if _, err := io.WriteString(c, request); err != nil {
		b.t.Fatal(err)
	}
	c.CloseWrite()
	all, _ := io.ReadAll(c)
	return string(all)
}

func (b *bench) dial() *net.TCPConn {
	b.t.Helper()
	c, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(b.addr))
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(30 * time.Second))
	return c
}

// backend runs a web server that is healthy.
func backend(t testing.TB, h http.HandlerFunc) netip.AddrPort {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/health" {
			h(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return addrOf(s)
}

func addrOf(s *httptest.Server) netip.AddrPort {
	u, _ := url.Parse(s.URL)
	return netip.MustParseAddrPort(u.Host)
}

// named answers with its name.
func named(t testing.TB, name string) netip.AddrPort {
	return backend(t, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, name) })
}

// scripted runs a target that hands each connection that is no health check to
// fn, its request's head read.
func scripted(t testing.TB, fn func(c *net.TCPConn, rd *bufio.Reader, head string)) netip.AddrPort {
	t.Helper()
	l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.AcceptTCP()
			if err != nil {
				return
			}
			go serveScript(c, fn)
		}
	}()
	return l.Addr().(*net.TCPAddr).AddrPort()
}

func serveScript(c *net.TCPConn, fn func(*net.TCPConn, *bufio.Reader, string)) {
	defer c.Close()
	rd := bufio.NewReader(c)
	for {
		head, err := readHeadText(rd)
		if err != nil {
			return
		}
		if strings.Contains(head, "ELB-HealthChecker") {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
			return
		}
		fn(c, rd, head)
	}
}

func readHeadText(rd *bufio.Reader) (string, error) {
	var head strings.Builder
	for {
		line, err := rd.ReadString('\n')
		head.WriteString(line)
		if err != nil || line == "\r\n" {
			return head.String(), err
		}
	}
}

func get(t testing.TB, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}
