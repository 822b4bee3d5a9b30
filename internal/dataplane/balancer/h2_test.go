package balancer

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"apex/internal/dataplane/authority"
	"apex/internal/dataplane/balancer/route"
)

// startH2 serves the targets over TLS with HTTP/2 and returns a client that
// speaks it over one connection.
func startH2(t *testing.T, change func(*Config), targets ...http.HandlerFunc) (*bench, *http.Client) {
	t.Helper()
	setup := modern(certificate(t, authority.P256, "crm.test"))
	setup.HTTP2 = true
	cfg := secureConfig(freeAddr(t), setup)
	for _, h := range targets {
		cfg.Groups[0].Targets = append(cfg.Groups[0].Targets, Target{Addr: backend(t, h)})
	}
	if change != nil {
		change(&cfg)
	}
	b := startConfig(t, cfg)
	b.awaitHealthy(len(cfg.Groups[0].Targets))
	return b, h2Client(t)
}

func h2Client(t testing.TB) *http.Client {
	t.Helper()
	tr := &http2.Transport{TLSClientConfig: trusting(t, "crm.test")}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 30 * time.Second}
}

func (b *bench) secureURL(path string) string { return "https://" + b.addr.String() + path }

func TestH2Forwards(t *testing.T) {
	b, client := startH2(t, nil, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h := r.Header
		w.Header().Set("X-Proto", r.Proto)
		w.Header().Set("Connection", "x-hop")
		w.Header().Set("X-Hop", "1")
		w.WriteHeader(http.StatusTeapot)
		io.WriteString(w, strings.Join([]string{r.Method, r.Host, r.URL.String(), h.Get("X-Forwarded-Proto"), h.Get("X-Forwarded-For"), h.Get("Cookie"), string(body)}, " "))
	})
	for range 3 {
		req, _ := http.NewRequest("POST", b.secureURL("/a%20b?c=d"), strings.NewReader("hello"))
		req.Host = "crm.test"
		req.Header.Set("Cookie", "a=1; b=2")
		resp, err := client.Do(req)
		if got := read(t, resp, err); got != "POST crm.test /a%20b?c=d https 127.0.0.1 a=1; b=2 hello" {
			t.Errorf("%q", got)
		}
		if resp.ProtoMajor != 2 || resp.StatusCode != 418 || resp.Header.Get("X-Proto") != "HTTP/1.1" || resp.Header.Get("X-Hop") != "" {
			t.Errorf("%s %d %v", resp.Proto, resp.StatusCode, resp.Header)
		}
	}
	st := b.state()
	if st.Counters.NewConnections != 1 || st.Counters.Requests != 3 || st.Groups[0].Counters.ByClass[3] != 3 {
		t.Errorf("%+v", st.Counters)
	}
}

// TestALPN lets the client choose: HTTP/1.1 stays possible.
func TestALPN(t *testing.T) {
	b, _ := startH2(t, nil, func(w http.ResponseWriter, r *http.Request) {})
	for name, want := range map[string]string{"h2": "h2", "http/1.1": "http/1.1", "": ""} {
		config := trusting(t, "crm.test")
		if name != "" {
			config.NextProtos = []string{name}
		}
		state, err := b.handshake(config)
		if err != nil || state.NegotiatedProtocol != want {
			t.Errorf("%q: agreed on %q, %v", name, state.NegotiatedProtocol, err)
		}
	}
}

func TestH2RedirectAndFixed(t *testing.T) {
	b, client := startH2(t, func(c *Config) {
		c.Listeners[0].Default = route.Action{Fixed: &route.Fixed{Status: 200, ContentType: "text/plain", Body: "fixed"}}
	})
	for range 2 { // a POST whose body nobody reads leaves the connection usable
		resp, err := client.Post(b.secureURL("/"), "text/plain", strings.NewReader(strings.Repeat("x", 100_000)))
		if got := read(t, resp, err); got != "fixed" || resp.Header.Get("Server") != "awselb/2.0" {
			t.Errorf("%q %v", got, resp.Header)
		}
	}
	if n := b.state().Counters.NewConnections; n != 1 {
		t.Errorf("%d connections", n)
	}
}

// TestH2StreamsBothWays answers each piece of an upload before the next is sent.
func TestH2StreamsBothWays(t *testing.T) {
	b, client := startH2(t, nil, func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).EnableFullDuplex()
		w.WriteHeader(200)
		w.(http.Flusher).Flush()
		buf := make([]byte, 1<<10)
		for {
			n, err := r.Body.Read(buf)
			w.Write(bytes.ToUpper(buf[:n]))
			w.(http.Flusher).Flush()
			if err != nil {
				return
			}
		}
	})
	out, in := io.Pipe()
	resp, err := client.Post(b.secureURL("/"), "text/plain", out)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	for _, piece := range []string{"one", "two", "three"} {
		io.WriteString(in, piece)
		back := make([]byte, len(piece))
		if _, err := io.ReadFull(resp.Body, back); err != nil || string(back) != strings.ToUpper(piece) {
			t.Fatalf("%q came back for %q: %v", back, piece, err)
		}
	}
	in.Close()
	if rest, err := io.ReadAll(resp.Body); len(rest) > 0 || err != nil {
		t.Errorf("%q %v", rest, err)
	}
}

func TestH2LargeBodies(t *testing.T) {
	b, client := startH2(t, nil, func(w http.ResponseWriter, r *http.Request) {
		http.NewResponseController(w).EnableFullDuplex()
		io.Copy(w, r.Body)
	})
	sent := strings.Repeat("0123456789abcdef", 200<<10)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			resp, err := client.Post(b.secureURL("/"), "text/plain", strings.NewReader(sent))
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			if got, err := io.ReadAll(resp.Body); string(got) != sent || err != nil {
				t.Errorf("%d bytes came back of %d: %v", len(got), len(sent), err)
			}
		})
	}
	wg.Wait()
}

func TestH2Trailers(t *testing.T) {
	b, client := startH2(t, nil, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		w.Header().Set("Trailer", "X-Sum")
		io.WriteString(w, "body")
		w.Header().Set("X-Sum", r.Trailer.Get("X-Asked")+"!")
	})
	req, _ := http.NewRequest("POST", b.secureURL("/"), io.MultiReader(strings.NewReader("a")))
	req.Trailer = http.Header{"X-Asked": {"sum"}}
	resp, err := client.Do(req)
	if got := read(t, resp, err); got != "body" || resp.Trailer.Get("X-Sum") != "sum!" {
		t.Errorf("%q, trailers %v", got, resp.Trailer)
	}
}

func TestH2RefusesWhatHTTP1Refuses(t *testing.T) {
	b, client := startH2(t, nil, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "reached") })
	for name, tt := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"TRACE":          {func(r *http.Request) { r.Method = "TRACE" }, 405},
		"many addresses": {func(r *http.Request) { r.Header.Set("X-Forwarded-For", strings.Repeat("1.2.3.4,", 31)+"1.2.3.4") }, 463},
		"long field":     {func(r *http.Request) { r.Header.Set("X-Long", strings.Repeat("x", 17<<10)) }, 400},
	} {
		req, _ := http.NewRequest("GET", b.secureURL("/"), nil)
		tt.change(req)
		resp, err := client.Do(req)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		read(t, resp, nil)
		if resp.StatusCode != tt.want {
			t.Errorf("%s: %d, want %d", name, resp.StatusCode, tt.want)
		}
	}
}

// TestH2CutResponse sees that a response which breaks off does not look whole.
func TestH2CutResponse(t *testing.T) {
	b, client := startH2(t, nil, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/fine" {
			return
		}
		w.Write(make([]byte, 100_000))
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	})
	resp, err := client.Get(b.secureURL("/"))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var reset http2.StreamError
	if _, err := io.ReadAll(resp.Body); !errors.As(err, &reset) {
		t.Errorf("a response that broke off ended with %v", err)
	}
	resp, err = client.Get(b.secureURL("/fine"))
	read(t, resp, err)
	if n := b.state().Counters.NewConnections; n != 1 {
		t.Errorf("the other streams' connection was lost: %d connections", n)
	}
}

// TestH2ClientLeaves frees the target when the client gives up waiting.
func TestH2ClientLeaves(t *testing.T) {
	begun, ended := make(chan struct{}), make(chan struct{})
	b, client := startH2(t, nil, func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-r.Context().Done()
		close(ended)
	})
	ctx, cancel := context.WithCancel(t.Context())
	req, _ := http.NewRequestWithContext(ctx, "GET", b.secureURL("/"), nil)
	go func() {
		<-begun
		cancel()
	}()
	if _, err := client.Do(req); err == nil {
		t.Error("an answer came")
	}
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Fatal("the target goes on for nobody")
	}
	b.eventually("the client's leaving", func(st State) bool { return st.Counters.ClientGone == 1 && st.Groups[0].Targets[0].InFlight == 0 })
}

// TestH2Retry sends a request again to another target, as on HTTP/1.1.
func TestH2Retry(t *testing.T) {
	var cut atomic.Int64
	kill := func(w http.ResponseWriter, r *http.Request) {
		cut.Add(1)
		c, _, _ := http.NewResponseController(w).Hijack()
		c.Close()
	}
	b, client := startH2(t, nil, kill, func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "fine") })
	for range 10 {
		resp, err := client.Get(b.secureURL("/"))
		if got := read(t, resp, err); got != "fine" {
			t.Errorf("%d %q", resp.StatusCode, got)
		}
	}
	if cut.Load() == 0 {
		t.Error("the broken target was never asked")
	}
}

// TestH2GoAway closes the listener under a request: it is answered, and then the
// connection ends.
func TestH2GoAway(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	b, client := startH2(t, nil, func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-release
		io.WriteString(w, "done")
	})
	answer := make(chan string)
	go func() {
		resp, err := client.Get(b.secureURL("/"))
		answer <- read(t, resp, err)
	}()
	<-begun
	cfg := b.config
	cfg.Listeners = nil
	if err := b.apply(cfg); err != nil {
		t.Fatal(err)
	}
	close(release)
	if got := <-answer; got != "done" {
		t.Errorf("%q", got)
	}
	b.eventually("closed", func(st State) bool { return st.Counters.ActiveConnections == 0 })
}

// TestH2ManyStreams has more requests at once than a connection carries.
func TestH2ManyStreams(t *testing.T) {
	var now, most atomic.Int64
	b, client := startH2(t, nil, func(w http.ResponseWriter, r *http.Request) {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		time.Sleep(20 * time.Millisecond)
	})
	var wg sync.WaitGroup
	for range 3 * maxStreams {
		wg.Go(func() {
			resp, err := client.Get(b.secureURL("/"))
			if err != nil {
				t.Error(err)
				return
			}
			resp.Body.Close()
			if resp.StatusCode != 200 {
				t.Error(resp.Status)
			}
		})
	}
	wg.Wait()
	conns := b.state().Counters.NewConnections
	if m := most.Load(); m < 2 || m > conns*maxStreams {
		t.Errorf("%d requests at once on %d connections", m, conns)
	}
}

// eventually waits for what makes no news, such as a connection's end.
func (b *bench) eventually(what string, met func(State) bool) {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !met(b.state()); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			b.t.Fatalf("never %s: %+v", what, b.state())
		}
	}
}
