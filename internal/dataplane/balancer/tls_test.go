package balancer

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"apex/internal/dataplane/authority"
	"apex/internal/dataplane/balancer/route"
)

var (
	issuerOnce sync.Once
	theIssuer  *authority.Authority
)

// issuer is one authority for all tests.
func issuer(t testing.TB) *authority.Authority {
	t.Helper()
	issuerOnce.Do(func() {
		var err error
		if theIssuer, err = authority.Open(filepath.Join(t.TempDir(), "authority"), time.Now()); err != nil {
			t.Fatal(err)
		}
	})
	return theIssuer
}

// certificate issues one; its id is its kind and first name.
func certificate(t testing.TB, kind authority.KeyKind, names ...string) Certificate {
	t.Helper()
	ca := issuer(t)
	made, err := ca.Issue(authority.Request{Names: names, Key: kind, Now: time.Now(), Life: 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return Certificate{ID: string(kind) + " " + names[0], Chain: string(made.Certificate) + string(ca.PEM()), Key: string(made.Key)}
}

// modern is TLS 1.2 and 1.3 with the suites of today.
func modern(certificates ...Certificate) *TLS {
	return &TLS{
		MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS13, Certificates: certificates,
		Ciphers: []uint16{CipherSuites["ECDHE-ECDSA-AES128-GCM-SHA256"], CipherSuites["ECDHE-RSA-AES128-GCM-SHA256"]},
	}
}

// secureConfig forwards everything at addr, over TLS, to the targets.
func secureConfig(addr netip.AddrPort, setup *TLS, targets ...netip.AddrPort) Config {
	cfg := configFor(addr, targets...)
	cfg.Listeners[0].TLS, cfg.Listeners[0].Port = setup, 443
	return cfg
}

// trusting is a client's TLS that believes the tests' authority.
func trusting(t testing.TB, name string) *tls.Config {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(issuer(t).PEM())
	return &tls.Config{RootCAs: roots, ServerName: name}
}

// httpsClient speaks HTTP/1.1 over TLS to whatever the URL says.
func httpsClient(t testing.TB, config *tls.Config) *http.Client {
	tr := &http.Transport{TLSClientConfig: config}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr, Timeout: 30 * time.Second}
}

func (b *bench) handshake(config *tls.Config) (tls.ConnectionState, error) {
	c, err := tls.Dial("tcp", b.addr.String(), config)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	defer c.Close()
	return c.ConnectionState(), nil
}

func read(t testing.TB, resp *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestTLSForwards(t *testing.T) {
	target := backend(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h := r.Header
		io.WriteString(w, strings.Join([]string{r.Host, h.Get("X-Forwarded-Proto"), h.Get("X-Forwarded-Port"), string(body)}, " "))
	})
	b := startConfig(t, secureConfig(freeAddr(t), modern(certificate(t, authority.P256, "crm.test")), target))
	b.awaitHealthy(1)
	for name, version := range map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13} {
		config := trusting(t, "crm.test")
		config.MinVersion, config.MaxVersion = version, version
		client := httpsClient(t, config)
		for range 3 {
			req, _ := http.NewRequest("POST", "https://"+b.addr.String()+"/", strings.NewReader("hello"))
			req.Host = "crm.test:443"
			resp, err := client.Do(req)
			if got := read(t, resp, err); got != "crm.test https 443 hello" || resp.TLS.Version != version {
				t.Errorf("TLS %s: %q, version %#x", name, got, resp.TLS.Version)
			}
		}
	}
	if st := b.state(); st.Counters.NewConnections != 2 || st.Counters.TLSErrors != 0 {
		t.Errorf("%d connections, %d errors", st.Counters.NewConnections, st.Counters.TLSErrors)
	}
}

// TestLargeBodiesOverTLS sends more than any buffer holds, both ways.
func TestLargeBodiesOverTLS(t *testing.T) {
	target := backend(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) })
	b := startConfig(t, secureConfig(freeAddr(t), modern(certificate(t, authority.P256, "crm.test")), target))
	b.awaitHealthy(1)
	sent := strings.Repeat("0123456789abcdef", 200<<10)
	resp, err := httpsClient(t, trusting(t, "crm.test")).Post("https://"+b.addr.String(), "text/plain", strings.NewReader(sent))
	if got := read(t, resp, err); got != sent {
		t.Errorf("%d bytes came back of %d", len(got), len(sent))
	}
}

func TestCertificateChoice(t *testing.T) {
	rsa, ec := certificate(t, authority.RSA2048, "crm.test"), certificate(t, authority.P256, "crm.test")
	long, wild := certificate(t, authority.P384, "long.test"), certificate(t, authority.P256, "*.crm.test")
	short, spare := certificate(t, authority.P256, "long.test"), certificate(t, authority.P256, "spare.test")
	setup := modern(spare, rsa, ec, short, long, wild)
	b := startConfig(t, secureConfig(freeAddr(t), setup, named(t, "x")))
	for name, tt := range map[string]struct {
		ask  string
		only []uint16 // the client's suites, of TLS 1.2
		want Certificate
	}{
		"ECDSA rather than RSA":  {"crm.test", nil, ec},
		"case does not matter":   {"CRM.test", nil, ec},
		"RSA for who knows only": {"crm.test", []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}, rsa},
		"the longer key":         {"long.test", nil, long},
		"a wildcard":             {"a.crm.test", nil, wild},
		"one level only":         {"a.b.crm.test", nil, spare},
		"unknown name":           {"other.test", nil, spare},
		"no name":                {"", nil, spare},
	} {
		t.Run(name, func(t *testing.T) {
			config := &tls.Config{InsecureSkipVerify: true, ServerName: tt.ask}
			if tt.only != nil {
				config.CipherSuites, config.MaxVersion = tt.only, tls.VersionTLS12
			}
			state, err := b.handshake(config)
			if err != nil {
				t.Fatal(err)
			}
			want, err := tls.X509KeyPair([]byte(tt.want.Chain), []byte(tt.want.Key))
			if err != nil {
				t.Fatal(err)
			}
			if !state.PeerCertificates[0].Equal(want.Leaf) {
				t.Errorf("shown %v, want %s", state.PeerCertificates[0].DNSNames, tt.want.ID)
			}
			if len(state.PeerCertificates) != 1 {
				t.Errorf("%d certificates in the chain: the root need not be sent", len(state.PeerCertificates))
			}
		})
	}
}

func TestRefusedHandshakesAreCounted(t *testing.T) {
	setup := modern(certificate(t, authority.P256, "crm.test"))
	setup.MinVersion = tls.VersionTLS13
	b := startConfig(t, secureConfig(freeAddr(t), setup, named(t, "x")))
	old := trusting(t, "crm.test")
	old.MaxVersion = tls.VersionTLS12
	if _, err := b.handshake(old); err == nil {
		t.Error("TLS 1.2 was accepted where 1.3 is the least")
	}
	doubting := &tls.Config{ServerName: "crm.test", RootCAs: x509.NewCertPool()}
	if _, err := b.handshake(doubting); err == nil {
		t.Error("a client that trusts nobody connected")
	}
	if answer := b.raw("GET / HTTP/1.1\r\nHost: a\r\n\r\n"); strings.HasPrefix(answer, "HTTP") {
		t.Errorf("plain HTTP was answered %q", answer)
	}
	b.dial().Close() // only looks whether the port is open
	b.eventually("three errors", func(st State) bool { return st.Counters.TLSErrors == 3 && st.Counters.ActiveConnections == 0 })
	if l := b.state().Counters.Listeners["l"]; l.TLSErrors != 3 {
		t.Errorf("the listener counted %d", l.TLSErrors)
	}
}

func TestSuitesArePolicy(t *testing.T) {
	setup := modern(certificate(t, authority.RSA2048, "crm.test"))
	setup.MaxVersion = tls.VersionTLS12
	for name, id := range CipherSuites {
		if !strings.Contains(name, "ECDSA") {
			setup.Ciphers = []uint16{id}
			b := startConfig(t, secureConfig(freeAddr(t), setup, named(t, "x")))
			client := trusting(t, "crm.test")
			client.CipherSuites = slices.Collect(func(yield func(uint16) bool) {
				for _, id := range CipherSuites {
					if !yield(id) {
						return
					}
				}
			})
			state, err := b.handshake(client)
			if err != nil || state.CipherSuite != id || cipherName(state.CipherSuite) != name {
				t.Errorf("%s: %s %v", name, tls.CipherSuiteName(state.CipherSuite), err)
			}
		}
	}
}

// TestSessionsSurviveARestart resumes at another server with the same directory.
func TestSessionsSurviveARestart(t *testing.T) {
	dir := t.TempDir()
	setup := modern(certificate(t, authority.P256, "crm.test"))
	for version, name := range map[uint16]string{tls.VersionTLS12: "1.2", tls.VersionTLS13: "1.3"} {
		client := trusting(t, "crm.test")
		client.ClientSessionCache, client.MaxVersion = tls.NewLRUClientSessionCache(4), version
		var resumed []bool
		for range 2 {
			b := startIn(t, dir, secureConfig(freeAddr(t), setup, named(t, "x")))
			b.awaitHealthy(1)
			resp, err := httpsClient(t, client).Get("https://" + b.addr.String())
			read(t, resp, err)
			resumed = append(resumed, resp.TLS.DidResume)
		}
		if !slices.Equal(resumed, []bool{false, true}) {
			t.Errorf("TLS %s: resumed %v", name, resumed)
		}
	}
}

func TestTicketsRotate(t *testing.T) {
	k, now := openTickets(t.TempDir()), time.Now()
	seen := map[[32]byte]bool{}
	for i := range 5 {
		if fresh, err := k.rotate(now); !fresh || err != nil {
			t.Fatalf("no new key: %v", err)
		}
		if again, _ := k.rotate(now.Add(ticketLife - 1)); again {
			t.Fatal("a young key was replaced")
		}
		keys := k.keysFor("l")
		if len(keys) != min(i+1, ticketsKept) || seen[keys[0]] || i > 0 && !seen[keys[1]] {
			t.Fatalf("keys after %d rotations: %d", i, len(keys))
		}
		seen[keys[0]] = true
		now = now.Add(ticketLife)
	}
	if k.keysFor("l")[0] == k.keysFor("other")[0] {
		t.Error("two listeners share a key")
	}
	if again := openTickets(k.dir); again.keysFor("l")[0] != k.keysFor("l")[0] {
		t.Error("the keys were not kept")
	}
}

// TestCertificateChangeKeepsConnections replaces the certificate under a kept
// connection and under a request.
func TestCertificateChangeKeepsConnections(t *testing.T) {
	release := make(chan struct{})
	target := backend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			w.(http.Flusher).Flush()
			<-release
		}
		io.WriteString(w, "done")
	})
	first, second := certificate(t, authority.P256, "crm.test"), certificate(t, authority.P256, "crm.test")
	cfg := secureConfig(freeAddr(t), modern(first), target)
	b := startConfig(t, cfg)
	b.awaitHealthy(1)
	client := httpsClient(t, trusting(t, "crm.test"))
	slow, err := client.Get("https://" + b.addr.String() + "/slow")
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listeners[0].TLS = modern(second)
	if err := b.apply(cfg); err != nil {
		t.Fatal(err)
	}
	close(release)
	if got := read(t, slow, nil); got != "done" {
		t.Errorf("the request under way got %q", got)
	}
	resp, err := client.Get("https://" + b.addr.String())
	read(t, resp, err)
	if old := resp.TLS.PeerCertificates[0]; !old.Equal(slow.TLS.PeerCertificates[0]) {
		t.Error("the kept connection was dropped")
	}
	state, err := b.handshake(trusting(t, "crm.test"))
	if err != nil || state.PeerCertificates[0].Equal(slow.TLS.PeerCertificates[0]) {
		t.Errorf("a new connection sees the old certificate: %v", err)
	}
	if len(b.secured) != 1 {
		t.Errorf("%d sets of certificates are kept", len(b.secured))
	}
}

func TestWebSocketOverTLS(t *testing.T) {
	b := startConfig(t, secureConfig(freeAddr(t), modern(certificate(t, authority.P256, "crm.test")), backend(t, echoSocket)))
	b.awaitHealthy(1)
	c, _, err := websocket.Dial(t.Context(), "wss://"+b.addr.String(), &websocket.DialOptions{HTTPClient: httpsClient(t, trusting(t, "crm.test"))})
	if err != nil {
		t.Fatal(err)
	}
	defer c.CloseNow()
	c.SetReadLimit(1 << 20)
	for _, size := range []int{1, 5000, 70000, 3} {
		sent := bytes.Repeat([]byte{'w'}, size)
		if err := c.Write(t.Context(), websocket.MessageBinary, sent); err != nil {
			t.Fatal(err)
		}
		if _, got, err := c.Read(t.Context()); err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("%d bytes: %d came back: %v", size, len(got), err)
		}
	}
}

func TestValidateTLS(t *testing.T) {
	good := certificate(t, authority.P256, "crm.test")
	other := certificate(t, authority.P256, "crm.test")
	for name, setup := range map[string]*TLS{
		"no certificate": modern(),
		"another's key":  modern(Certificate{ID: "c", Chain: good.Chain, Key: other.Key}),
		"no versions":    {Certificates: []Certificate{good}},
		"upside down":    {MinVersion: tls.VersionTLS13, MaxVersion: tls.VersionTLS12, Certificates: []Certificate{good}},
	} {
		cfg := secureConfig(netip.AddrPortFrom(netip.IPv4Unspecified(), 1), setup)
		err := cfg.Validate()
		if err == nil || strings.Contains(err.Error(), "PRIVATE") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// withSessions lets a client resume, on a new connection for each request.
func withSessions(c *tls.Config) *tls.Config {
	c.ClientSessionCache = tls.NewLRUClientSessionCache(4)
	return c
}

func TestTLSHeaders(t *testing.T) {
	target := backend(t, func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, strings.Join(append(r.Header.Values(versionField), r.Header.Values(suiteField)...), " "))
	})
	cfg := secureConfig(freeAddr(t), modern(certificate(t, authority.P256, "crm.test")), target)
	cfg.Options.TLSHeaders = true
	b := startConfig(t, cfg)
	b.awaitHealthy(1)
	old := trusting(t, "crm.test")
	old.MaxVersion = tls.VersionTLS12
	for want, config := range map[string]*tls.Config{
		"TLSv1.3 TLS_AES_128_GCM_SHA256": trusting(t, "crm.test"), "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256": old,
	} {
		req, _ := http.NewRequest("GET", "https://"+b.addr.String(), nil)
		req.Header.Set(versionField, "forged")
		resp, err := httpsClient(t, config).Do(req)
		if got := read(t, resp, err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// TestRedirectToTLS goes from the plain listener to the secure one by the ports
// that the host has for them.
func TestRedirectToTLS(t *testing.T) {
	cfg := secureConfig(freeAddr(t), modern(certificate(t, authority.P256, "crm.test")), named(t, "secure"))
	plain := freeAddr(t)
	cfg.Listeners = append(cfg.Listeners, Listener{ID: "plain", Port: 80, Host: []netip.AddrPort{plain}, Default: route.Action{
		Redirect: &route.Redirect{Status: 301, Protocol: "HTTPS", Port: "443", Host: "#{host}", Path: "/#{path}", Query: "#{query}"},
	}})
	cfg.Outside = map[int]int{443: int(cfg.Listeners[0].Host[0].Port())}
	b := startConfig(t, cfg)
	b.awaitHealthy(1)
	resp, err := httpsClient(t, trusting(t, "crm.test")).Get("http://" + plain.String() + "/a?b=c")
	if got := read(t, resp, err); got != "secure" || resp.Request.URL.String() != b.secureURL("/a?b=c") {
		t.Errorf("%q at %s", got, resp.Request.URL)
	}
}
