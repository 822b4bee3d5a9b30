package balancer

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"apex/internal/dataplane/authority"
)

// An h2Target is a web server that speaks HTTP/2 from the first byte on, or
// after TLS, and counts its connections.
type h2Target struct {
	addr  netip.AddrPort
	conns atomic.Int64
	close func()
}

func newH2Target(t testing.TB, secure bool, h http.HandlerFunc) *h2Target {
	t.Helper()
	target := &h2Target{}
	s := httptest.NewUnstartedServer(h)
	s.Config.ConnState = func(_ net.Conn, st http.ConnState) {
		if st == http.StateNew {
			target.conns.Add(1)
		}
	}
	if s.EnableHTTP2 = secure; secure {
		s.StartTLS()
	} else {
		s.Config.Protocols = new(http.Protocols)
		s.Config.Protocols.SetUnencryptedHTTP2(true)
		s.Start()
	}
	target.close = func() {
		s.CloseClientConnections()
		s.Close()
	}
	t.Cleanup(target.close)
	target.addr = s.Listener.Addr().(*net.TCPAddr).AddrPort()
	return target
}

// speaking makes the only group speak so.
func speaking(s Speech, targets ...netip.AddrPort) func(*Config) {
	return func(c *Config) {
		g := &c.Groups[0]
		g.Speech, g.Check.Speech = s, s
		if s.Version == GRPC {
			g.Check.Path, g.Check.Matcher = "/health.Health/Check", "0,12"
		}
		for _, addr := range targets {
			g.Targets = append(g.Targets, Target{Addr: addr})
		}
	}
}

func TestHTTP2Targets(t *testing.T) {
	for _, secure := range []bool{false, true} {
		t.Run(fmt.Sprintf("TLS %v", secure), func(t *testing.T) {
			target := newH2Target(t, secure, func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				w.Header().Set("X-Agent", strings.Join(r.Header.Values("User-Agent"), ","))
				io.WriteString(w, strings.Join([]string{r.Proto, r.Method, r.Host, r.RequestURI, r.Header.Get("X-Forwarded-Proto"), string(body)}, " "))
			})
			b, client := startH2(t, func(c *Config) {
				speaking(Speech{HTTP2, secure}, target.addr)(c)
				c.Groups[0].Check.Interval = time.Hour // checks would open connections too
			})
			checks := target.conns.Load()
			for _, body := range []string{"", "short", strings.Repeat("long", 10_000)} {
				req, _ := http.NewRequest("POST", b.secureURL("/a%2Fb?c=d"), strings.NewReader(body))
				req.Host = "crm.test"
				req.Header.Set("User-Agent", "tester")
				resp, err := client.Do(req)
				if got := read(t, resp, err); got != "HTTP/2.0 POST crm.test /a%2Fb?c=d https "+body || resp.Header.Get("X-Agent") != "tester" {
					t.Errorf("%.200q, agent %q", got, resp.Header.Get("X-Agent"))
				}
			}
			var wg sync.WaitGroup
			for range 50 {
				wg.Go(func() {
					resp, err := client.Get(b.secureURL("/"))
					if err != nil || resp.StatusCode != 200 {
						t.Errorf("%v %v", resp, err)
						return
					}
					resp.Body.Close()
				})
			}
			wg.Wait()
			b.eventually("all answered", func(st State) bool {
				g := st.Groups[0]
				return g.Counters.ByClass[1] == 53 && g.Counters.Broken == 0 && g.Targets[0].InFlight == 0
			})
			if opened := target.conns.Load() - checks; opened > 5 {
				t.Errorf("%d connections for 53 requests", opened)
			}
		})
	}
}

// TestHTTPSTargets speaks TLS to targets whose certificate nobody would believe.
func TestHTTPSTargets(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s over TLS %#x", r.Proto, r.TLS.Version)
	}))
	t.Cleanup(s.Close)
	cfg := configFor(freeAddr(t), addrOf(s))
	speaking(Speech{HTTP1, true})(&cfg)
	b := startConfig(t, cfg)
	b.awaitHealthy(1)
	for range 3 {
		if code, body := get(t, b.url("/")); code != 200 || body != "HTTP/1.1 over TLS 0x304" {
			t.Errorf("%d %q", code, body)
		}
	}
	plain := named(t, "x")
	cfg.Groups[0].Targets = []Target{{Addr: plain}}
	if err := b.apply(cfg); err != nil {
		t.Fatal(err)
	}
	if code, _ := get(t, b.url("/")); code != 502 {
		t.Errorf("a target without TLS: %d", code)
	}
	if n := b.state().Groups[0].Counters.TLSErrors; n == 0 {
		t.Error("its fault is not counted")
	}
}

// A message is gRPC's framing: a flag, a length, and content.
func message(content string) []byte {
	return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(content))), content...)
}

func readMessage(t testing.TB, r io.Reader) string {
	t.Helper()
	var head [5]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		t.Fatal(err)
	}
	content := make([]byte, binary.BigEndian.Uint32(head[1:]))
	if _, err := io.ReadFull(r, content); err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// grpcServer echoes messages as they come, and ends with a status in trailers.
// Its health check says what health holds.
func grpcServer(health *atomic.Int64) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status, Grpc-Message")
		if r.URL.Path == "/health.Health/Check" {
			w.Header().Set("Grpc-Status", fmt.Sprint(health.Load()))
			return
		}
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		buf := make([]byte, 4<<10)
		for {
			n, err := r.Body.Read(buf)
			w.Write(buf[:n])
			w.(http.Flusher).Flush()
			if err != nil {
				break
			}
		}
		w.Header().Set("Grpc-Status", "0")
		w.Header().Set("Grpc-Message", r.Header.Get("Te"))
	}
}

// TestGRPC calls a method that streams both ways.
func TestGRPC(t *testing.T) {
	var health atomic.Int64
	target := newH2Target(t, false, grpcServer(&health))
	b, client := startH2(t, speaking(Speech{Version: GRPC}, target.addr))
	out, in := io.Pipe()
	req, _ := http.NewRequest("POST", b.secureURL("/chat.Chat/Talk"), out)
	req.Header.Set("Content-Type", "application/grpc+proto")
	req.Header.Set("Te", "trailers")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for _, said := range []string{"one", "two", strings.Repeat("three", 10_000)} {
		go in.Write(message(said))
		if heard := readMessage(t, resp.Body); heard != said {
			t.Fatalf("%.100q came back for %.100q", heard, said)
		}
	}
	in.Close()
	rest, err := io.ReadAll(resp.Body)
	if len(rest) > 0 || err != nil || resp.Trailer.Get("Grpc-Status") != "0" || resp.Trailer.Get("Grpc-Message") != "trailers" {
		t.Errorf("%q %v, trailers %v", rest, err, resp.Trailer)
	}
	if n := b.state().Counters.GRPCRequests; n != 1 {
		t.Errorf("%d gRPC requests counted", n)
	}
}

// TestGRPCHealth follows a service through statuses that pass and that do not.
func TestGRPCHealth(t *testing.T) {
	var health atomic.Int64
	health.Store(12)
	target := newH2Target(t, false, grpcServer(&health))
	b, _ := startH2(t, speaking(Speech{Version: GRPC}, target.addr))
	health.Store(14)
	b.await("unhealthy", func(st State) bool {
		s := st.Groups[0].Targets[0]
		return s.Health == Unhealthy && s.Reason == ReasonMismatch && s.Detail == "14"
	})
	health.Store(0)
	b.awaitHealthy(1)
}

// TestVersionMismatch holds every pair of client and group to AWS's table.
func TestVersionMismatch(t *testing.T) {
	var health atomic.Int64
	targets := map[Version]netip.AddrPort{
		HTTP1: backend(t, func(w http.ResponseWriter, r *http.Request) {}),
		HTTP2: newH2Target(t, false, func(w http.ResponseWriter, r *http.Request) {}).addr,
		GRPC:  newH2Target(t, false, grpcServer(&health)).addr,
	}
	for version, addr := range targets {
		b, h2 := startH2(t, speaking(Speech{Version: version}, addr))
		h1 := httpsClient(t, trusting(t, "crm.test"))
		for name, tt := range map[string]struct {
			client *http.Client
			method string
			grpc   bool
			want   map[Version]int
		}{
			"HTTP/1.1":    {h1, "POST", false, map[Version]int{HTTP1: 200, HTTP2: 464, GRPC: 464}},
			"HTTP/2 GET":  {h2, "GET", false, map[Version]int{HTTP1: 200, HTTP2: 200, GRPC: 464}},
			"HTTP/2 POST": {h2, "POST", false, map[Version]int{HTTP1: 200, HTTP2: 200, GRPC: 200}},
			"gRPC":        {h2, "POST", true, map[Version]int{HTTP1: 464, HTTP2: 200, GRPC: 200}},
		} {
			req, _ := http.NewRequest(tt.method, b.secureURL("/a.A/B"), bytes.NewReader(nil))
			if tt.grpc {
				req.Header.Set("Content-Type", "application/grpc")
			}
			resp, err := tt.client.Do(req)
			read(t, resp, err)
			if resp.StatusCode != tt.want[version] {
				t.Errorf("%s to a group of %q: %d, want %d", name, version, resp.StatusCode, tt.want[version])
			}
		}
	}
}

// TestHTTP2TargetDies kills the target between requests and under one.
func TestHTTP2TargetDies(t *testing.T) {
	begun := make(chan struct{}, 1)
	first := newH2Target(t, false, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			begun <- struct{}{}
			<-r.Context().Done()
		}
	})
	second := newH2Target(t, false, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "second") })
	b, client := startH2(t, speaking(Speech{Version: HTTP2}, first.addr, second.addr))
	answers := make(chan string)
	for range 2 { // one of them goes to the first target, whichever is next
		go func() {
			resp, err := client.Get(b.secureURL("/slow"))
			answers <- read(t, resp, err)
		}()
	}
	<-begun
	first.close()
	for range 2 {
		if got := <-answers; got != "second" {
			t.Errorf("a GET whose target died: %q", got)
		}
	}
	for range 5 {
		resp, err := client.Get(b.secureURL("/"))
		if got := read(t, resp, err); got != "second" {
			t.Errorf("after: %d %q", resp.StatusCode, got)
		}
	}
}

// TestHTTP2TargetDrains lets a stream end, and takes no new one.
func TestHTTP2TargetDrains(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	target := newH2Target(t, false, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(begun)
			<-release
			io.WriteString(w, "done")
		}
	})
	b, client := startH2(t, speaking(Speech{Version: HTTP2}, target.addr))
	answer := make(chan string)
	go func() {
		resp, err := client.Get(b.secureURL("/slow"))
		answer <- read(t, resp, err)
	}()
	<-begun
	cfg := b.config
	cfg.Groups = []Group{cfg.Groups[0]}
	cfg.Groups[0].Targets = []Target{{Addr: target.addr, Draining: true, Until: time.Now().Add(time.Minute)}}
	if err := b.apply(cfg); err != nil {
		t.Fatal(err)
	}
	resp, err := client.Get(b.secureURL("/"))
	read(t, resp, err)
	if resp.StatusCode != 503 {
		t.Errorf("a new request to a group that drains: %d", resp.StatusCode)
	}
	close(release)
	if got := <-answer; got != "done" {
		t.Errorf("the request under way got %q", got)
	}
	b.await("drained", func(st State) bool { return st.Groups[0].Targets[0].Drained })
}

func TestSpeechIsChecked(t *testing.T) {
	cfg := secureConfig(netip.MustParseAddrPort("127.0.0.1:1"), modern(certificate(t, authority.P256, "a.test")))
	cfg.Groups[0].Speech.Version = "HTTP3"
	if cfg.Validate() == nil {
		t.Error("an unknown version was accepted")
	}
	_, err := Speech{Version: HTTP2, Secure: true}.protect(t.Context(), dialPlain(t))
	if err == nil {
		t.Error("TLS with a target that speaks none")
	}
}

func dialPlain(t testing.TB) *net.TCPConn {
	t.Helper()
	c, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(named(t, "x")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}
