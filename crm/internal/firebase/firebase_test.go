package firebase

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/standins/identity"
)

type object = map[string]any

// issuer is the stand-in, with a clock that the test moves, and a verifier
// that knows it by its certificates alone.
type issuer struct {
	t       *testing.T
	signer  *identity.Service
	now     time.Time
	fetches atomic.Int64
	away    atomic.Bool
	url     string
	Verifier
}

func start(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{t: t, now: time.Now()}
	clock := func() time.Time { return i.now }
	var err error
	if i.signer, err = identity.New(t.Context(), identity.Options{Now: clock}); err != nil {
		t.Fatal(err)
	}
	handler := i.signer.Handler("/standins/identity")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.fetches.Add(1)
		if i.away.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	i.url = server.URL + identity.CertificatesAt
	i.Verifier = Verifier{identity.Project, &Certificates{URL: i.url, Client: server.Client(), Now: clock}, clock}
	return i
}

// claims are good ones, but for what is over them.
func (i *issuer) claims(over object) object {
	c := object{
		"iss": "https://securetoken.google.com/" + identity.Project, "aud": identity.Project, "sub": "u1", "email": "a@b.example",
		"iat": i.now.Unix(), "auth_time": i.now.Unix(), "exp": i.now.Add(time.Hour).Unix(),
	}
	for k, v := range over {
		c[k] = v
	}
	return c
}

func (i *issuer) sign(over object) string {
	i.t.Helper()
	token, err := i.signer.Sign(i.t.Context(), i.claims(over))
	if err != nil {
		i.t.Fatal(err)
	}
	return token
}

func encode(v any) string {
	text, _ := json.Marshal(v) // plain data
	return base64.RawURLEncoding.EncodeToString(text)
}

// header of a token of the signer's own, to forge others with.
func (i *issuer) header() object {
	raw, _ := base64.RawURLEncoding.DecodeString(strings.Split(i.sign(nil), ".")[0])
	var h object
	if err := json.Unmarshal(raw, &h); err != nil {
		i.t.Fatal(err)
	}
	return h
}

// certificate is the signer's, as anybody can read it.
func (i *issuer) certificate() []byte {
	r, err := http.Get(i.url)
	if err != nil {
		i.t.Fatal(err)
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}

func refused(err error) bool {
	_, ok := errors.AsType[Refusal](err)
	return ok
}

func TestF7GoodTokens(t *testing.T) {
	i := start(t)
	for name, over := range map[string]object{
		"as issued": nil, "a clock that is behind": {"iat": i.now.Add(50 * time.Second).Unix(), "auth_time": i.now.Add(50 * time.Second).Unix()},
		"a clock that is ahead": {"exp": i.now.Add(-50 * time.Second).Unix()},
	} {
		p, err := i.Verify(t.Context(), i.sign(over))
		if err != nil || p.UID != "u1" || p.Email != "a@b.example" {
			t.Errorf("%s: %+v %v", name, p, err)
		}
	}
	whole, err := i.signer.Token(t.Context(), identity.Demo[0].Email)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := i.Verify(t.Context(), whole); err != nil || p.Name != identity.Demo[0].Name || !p.EmailVerified || p.DemoRole != "owner" {
		t.Errorf("%+v %v", p, err)
	}
}

func TestF7ForgedTokens(t *testing.T) {
	i := start(t)
	good := i.sign(nil)
	parts := strings.Split(good, ".")
	h := i.header()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	by := func(header object) string { // signed by somebody else
		signed := encode(header) + "." + encode(i.claims(nil))
		sum := sha256.Sum256([]byte(signed))
		signature, err := rsa.SignPKCS1v15(rand.Reader, other, crypto.SHA256, sum[:])
		if err != nil {
			t.Fatal(err)
		}
		return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
	}
	mac := func() string { // with the public certificate as the secret of an HMAC
		signed := encode(object{"alg": "HS256", "kid": h["kid"]}) + "." + encode(i.claims(nil))
		m := hmac.New(sha256.New, i.certificate())
		m.Write([]byte(signed))
		return signed + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
	}
	flipped := []byte(parts[2])
	flipped[10] ^= 1
	for name, token := range map[string]string{
		"empty": "", "words": "not a token", "two parts": parts[0] + "." + parts[1], "four parts": good + ".x", "huge": strings.Repeat("x", 1<<20),
		"alg none":            encode(object{"alg": "none", "typ": "JWT"}) + "." + parts[1] + ".",
		"alg none with a key": encode(object{"alg": "none", "kid": h["kid"]}) + "." + parts[1] + ".",
		"alg None":            encode(object{"alg": "None", "kid": h["kid"]}) + "." + parts[1] + "." + parts[2],
		"HMAC of the key":     mac(),
		"no key named":        by(object{"alg": "RS256"}),
		"unknown key":         by(object{"alg": "RS256", "kid": "somebody-else"}),
		"known key's name":    by(object{"alg": "RS256", "kid": h["kid"]}),
		"another body":        parts[0] + "." + encode(i.claims(object{"sub": "admin"})) + "." + parts[2],
		"another tail":        parts[0] + "." + parts[1] + "." + string(flipped),
		"no signature":        parts[0] + "." + parts[1] + ".",
		"body not JSON":       parts[0] + ".bm8." + parts[2],
		"wrong audience":      i.sign(object{"aud": "other-project"}),
		"no audience":         i.sign(object{"aud": ""}),
		"wrong issuer":        i.sign(object{"iss": "https://securetoken.google.com/other-project"}),
		"issuer of a session": i.sign(object{"iss": "https://session.firebase.google.com/" + identity.Project}),
		"expired":             i.sign(object{"exp": i.now.Add(-2 * time.Minute).Unix()}),
		"no expiry":           i.sign(object{"exp": 0}),
		"from the future":     i.sign(object{"iat": i.now.Add(2 * time.Minute).Unix()}),
		"signed in tomorrow":  i.sign(object{"auth_time": i.now.Add(24 * time.Hour).Unix()}),
		"never signed in":     i.sign(object{"auth_time": 0}),
		"nobody":              i.sign(object{"sub": ""}),
		"a long name":         i.sign(object{"sub": strings.Repeat("x", 200)}),
		"numbers as text":     i.sign(object{"exp": "9999999999"}),
		"audiences as a list": i.sign(object{"aud": []string{identity.Project}}),
	} {
		if p, err := i.Verify(t.Context(), token); !refused(err) || p != (Proof{}) {
			t.Errorf("%s: %+v %v", name, p, err)
		}
	}
	if _, err := i.Verify(t.Context(), good); err != nil {
		t.Errorf("the good one in the end: %v", err)
	}
	t.Logf("%d fetches of certificates", i.fetches.Load())
}

// Keys that are new are found; keys that are invented cost no fetch each.
func TestF7RotatedKeys(t *testing.T) {
	i := start(t)
	old := i.sign(nil)
	if _, err := i.Verify(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if err := i.signer.Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	fresh := i.sign(nil)
	for range 50 {
		if _, err := i.Verify(t.Context(), fresh); !refused(err) {
			t.Fatalf("within the minute: %v", err)
		}
	}
	if n := i.fetches.Load(); n != 1 {
		t.Errorf("%d fetches for a key that is not known, within a minute", n)
	}
	i.now = i.now.Add(refetchEvery)
	for _, token := range []string{fresh, old} {
		if _, err := i.Verify(t.Context(), token); err != nil {
			t.Errorf("after the minute: %v", err)
		}
	}
	before := i.fetches.Load()
	i.now = i.now.Add(4 * time.Minute)
	if _, err := i.Verify(t.Context(), fresh); err != nil || i.fetches.Load() != before {
		t.Errorf("fetched %d times more while they were fresh (%v)", i.fetches.Load()-before, err)
	}
	i.now = i.now.Add(2 * time.Minute)
	if _, err := i.Verify(t.Context(), fresh); err != nil || i.fetches.Load() != before+1 {
		t.Errorf("fetched %d times more after max-age (%v)", i.fetches.Load()-before, err)
	}
}

// Without certificates nothing can be judged: that is no refusal, and no pass.
func TestCertificatesAreAway(t *testing.T) {
	i := start(t)
	token := i.sign(nil)
	i.away.Store(true)
	_, err := i.Verify(t.Context(), token)
	if p, ok := errors.AsType[*problem.Problem](err); !ok || p.Status != http.StatusServiceUnavailable {
		t.Errorf("%v", err)
	}
	i.away.Store(false)
	if _, err := i.Verify(t.Context(), token); err != nil {
		t.Errorf("once they are back: %v", err)
	}
}

func TestMaxAge(t *testing.T) {
	for header, want := range map[string]time.Duration{
		"": 0, "no-store": 0, "public, max-age=300, must-revalidate": 5 * time.Minute, "MAX-AGE=60": time.Minute,
		"max-age=-1": 0, "max-age=x": 0, "max-age=99999999999": 24 * time.Hour, "s-maxage=300": 0,
	} {
		if got := maxAge(header); got != want {
			t.Errorf("%q: %s, want %s", header, got, want)
		}
	}
}

func FuzzVerify(f *testing.F) {
	none := &Certificates{URL: "http://192.0.2.1/", Client: &http.Client{Transport: closed{}}, Now: time.Now}
	v := Verifier{identity.Project, none, time.Now}
	for _, s := range []string{"", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.e30.AAAA"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := v.Verify(context.Background(), token); err == nil {
			t.Errorf("%q was taken", token)
		}
	})
}

type closed struct{}

func (closed) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("closed") }
