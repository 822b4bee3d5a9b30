package balancer

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"apex/internal/dataplane/authority"
)

// A member is a client's certificate and who vouches for it.
func member(t testing.TB, life time.Duration, at time.Time) (tls.Certificate, string) {
	t.Helper()
	ca, err := authority.Open(filepath.Join(t.TempDir(), "clients"), at)
	if err != nil {
		t.Fatal(err)
	}
	made, err := ca.Issue(authority.Request{Names: []string{"ann.test"}, Key: authority.P256, Now: at, Life: life})
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(made.Certificate, made.Key)
	if err != nil {
		t.Fatal(err)
	}
	return pair, string(ca.PEM())
}

// startMutual serves a target that answers with what it is told of the client.
func startMutual(t *testing.T, m *Mutual, http2 bool) *bench {
	t.Helper()
	target := backend(t, func(w http.ResponseWriter, r *http.Request) {
		for name, values := range r.Header {
			if strings.HasPrefix(name, mutualPrefix) {
				io.WriteString(w, name+": "+strings.Join(values, ",")+"\n")
			}
		}
	})
	setup := modern(certificate(t, authority.P256, "crm.test"))
	setup.Mutual, setup.HTTP2 = m, http2
	b := startConfig(t, secureConfig(freeAddr(t), setup, target))
	b.awaitHealthy(1)
	return b
}

// told asks the target over TLS and returns the fields that it saw.
func (b *bench) told(config *tls.Config) (http.Header, error) {
	req, _ := http.NewRequest("GET", b.secureURL("/"), nil)
	req.Header.Set("x-amzn-mtls-clientcert-subject", "CN=forged")
	resp, err := httpsClient(b.t, config).Do(req)
	if err != nil {
		return nil, err
	}
	h := http.Header{}
	for line := range strings.Lines(read(b.t, resp, nil)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		h.Add(name, value)
	}
	return h, nil
}

func showing(t testing.TB, pair ...tls.Certificate) *tls.Config {
	c := trusting(t, "crm.test")
	c.Certificates = pair
	return c
}

func TestMutualPassthrough(t *testing.T) {
	ann, _ := member(t, 24*time.Hour, time.Now())
	b := startMutual(t, &Mutual{}, false)
	h, err := b.told(showing(t, ann))
	if err != nil {
		t.Fatal(err)
	}
	text, err := url.PathUnescape(h.Get("X-Amzn-Mtls-Clientcert"))
	if err != nil || len(h) != 1 {
		t.Fatalf("%v %v", h, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(text)) {
		t.Errorf("no certificate in %q", text)
	}
	if h, err := b.told(showing(t)); err != nil || len(h) != 0 {
		t.Errorf("a client that shows nothing: %v %v", h, err)
	}
}

func TestMutualVerify(t *testing.T) {
	ann, authorities := member(t, 24*time.Hour, time.Now())
	stranger, _ := member(t, 24*time.Hour, time.Now())
	b := startMutual(t, &Mutual{Verify: true, Authorities: authorities, Advertise: true}, false)
	for range 2 { // the second time the session is resumed
		config := withSessions(showing(t, ann))
		h, err := b.told(config)
		if err != nil {
			t.Fatal(err)
		}
		if h.Get("X-Amzn-Mtls-Clientcert-Subject") != "CN=ann.test" || !strings.HasPrefix(h.Get("X-Amzn-Mtls-Clientcert-Issuer"), "CN=Apex") ||
			!strings.HasPrefix(h.Get("X-Amzn-Mtls-Clientcert-Validity"), "NotBefore=20") || len(h.Get("X-Amzn-Mtls-Clientcert-Serial-Number")) != 32 || len(h) != 5 {
			t.Errorf("%v", h)
		}
	}
	for name, config := range map[string]*tls.Config{"a stranger": showing(t, stranger), "nobody": showing(t)} {
		if h, err := b.told(config); err == nil {
			t.Errorf("%s was let in: %v", name, h)
		}
	}
	b.eventually("refused handshakes counted", func(st State) bool { return st.Counters.TLSErrors == 2 })
}

func TestMutualExpiry(t *testing.T) {
	old, authorities := member(t, 2*time.Hour, time.Now().Add(-24*time.Hour))
	for ignore, want := range map[bool]bool{true: true, false: false} {
		b := startMutual(t, &Mutual{Verify: true, Authorities: authorities, IgnoreExpiry: ignore}, false)
		if _, err := b.told(showing(t, old)); (err == nil) != want {
			t.Errorf("expired, ignored %v: %v", ignore, err)
		}
	}
}

// TestMutualNamesCannotBreakOut shows names that would end their field.
func TestMutualNamesCannotBreakOut(t *testing.T) {
	name := pkix.Name{CommonName: "ann\r\nX-Admin: yes"}
	if got := string(visible(name.String())); strings.ContainsAny(got, "\r\n") {
		t.Errorf("%q", got)
	}
}

func TestMutualNeedsAuthorities(t *testing.T) {
	setup := modern(certificate(t, authority.P256, "crm.test"))
	setup.Mutual = &Mutual{Verify: true, Authorities: "none"}
	if err := setup.validate(); err == nil {
		t.Error("verified by nobody")
	}
}
