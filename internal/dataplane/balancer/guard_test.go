package balancer

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"apex/internal/dataplane/balancer/route"
)

// A provider is an OpenID Connect provider whose user says yes to everything.
type provider struct {
	t      *testing.T
	server *httptest.Server

	mu       sync.Mutex // guards what follows
	claims   map[string]any
	seconds  int    // how long access tokens last
	refresh  string // the refresh token that is given out
	status   int    // of the token endpoint, if it is not to be 200
	audience string
	calls    []string // the grants asked for
}

func newProvider(t *testing.T) *provider {
	p := &provider{t: t, claims: map[string]any{"sub": "user-1", "email": "a@example.com"}, seconds: 3600, audience: "client"}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		to := q.Get("redirect_uri") + "?code=abc&state=" + url.QueryEscape(q.Get("state"))
		http.Redirect(w, r, to, http.StatusFound)
	})
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /user", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer access-") {
			w.WriteHeader(http.StatusUnauthorized)
		}
		json.NewEncoder(w).Encode(p.claims)
	})
	p.server = httptest.NewServer(mux)
	t.Cleanup(p.server.Close)
	return p
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, r.FormValue("grant_type"))
	if p.status != 0 {
		w.WriteHeader(p.status)
		return
	}
	if r.FormValue("client_id") != "client" || r.FormValue("client_secret") != "secret" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	part := func(v any) string {
		text, _ := json.Marshal(v)
		return base64.RawURLEncoding.EncodeToString(text)
	}
	id := part(map[string]string{"alg": "RS256"}) + "." + part(map[string]any{
		"iss": "https://idp.example", "aud": p.audience, "sub": p.claims["sub"], "exp": time.Now().Add(time.Hour).Unix(),
	}) + ".AA"
	json.NewEncoder(w).Encode(map[string]any{
		"access_token": fmt.Sprint("access-", len(p.calls)), "id_token": id, "refresh_token": p.refresh, "expires_in": p.seconds,
	})
}

func (p *provider) change(fn func(*provider)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn(p)
}

func (p *provider) login(unauthenticated route.Unauthenticated) *route.Login {
	return &route.Login{
		Issuer: "https://idp.example", AuthorizationEndpoint: p.server.URL + "/authorize", TokenEndpoint: p.server.URL + "/token",
		UserEndpoint: p.server.URL + "/user", ClientID: "client", ClientSecret: "secret", Cookie: "AWSELBAuthSessionCookie",
		Scope: "openid", Session: time.Hour, Extra: map[string]string{"display": "page"}, Unauthenticated: unauthenticated,
	}
}

// guarded runs a balancer whose /admin wants a login; the target answers with the
// fields that it got.
func guarded(t *testing.T, p *provider) *bench {
	cfg := configFor(freeAddr(t), backend(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s|%s|%s|%s", r.RequestURI, r.Header.Get("X-Amzn-Oidc-Identity"), r.Header.Get("X-Amzn-Oidc-Accesstoken"), r.Header.Get("X-Amzn-Oidc-Data"))
	}))
	cfg.Key = testKey
	for i, path := range []string{"/admin*", "/open*", "/shut*"} {
		action := forwardTo("g")
		action.Login = p.login([]route.Unauthenticated{route.Authenticate, route.Allow, route.Deny}[i])
		cfg.Listeners[0].Rules = append(cfg.Listeners[0].Rules, route.Rule{
			ID: path, Priority: i + 1, Conditions: []route.Condition{{Field: route.PathPattern, Values: []string{path}}}, Action: action,
		})
	}
	b := startConfig(t, cfg)
	b.awaitHealthy(1)
	return b
}

// walk follows a login from a page to where it ends.
func (w *browser) walk(path string) (int, string) {
	w.t.Helper()
	status, body := w.get(path)
	for range 4 {
		if status != http.StatusFound {
			return status, body
		}
		to := w.header.Get("Location")
		if strings.HasPrefix(to, "http://"+w.bench.addr.String()) {
			status, body = w.get(strings.TrimPrefix(to, "http://"+w.bench.addr.String()))
			continue
		}
		resp, err := http.DefaultTransport.RoundTrip(httptest.NewRequest("GET", to, nil).WithContext(w.t.Context()))
		if err != nil {
			w.t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		status, w.header = resp.StatusCode, resp.Header
	}
	return status, body
}

func TestLogin(t *testing.T) {
	p := newProvider(t)
	b := guarded(t, p)
	w := b.browser()
	status, body := w.walk("/admin?page=2")
	parts := strings.Split(body, "|")
	if status != 200 || len(parts) != 4 || parts[0] != "/admin?page=2" || parts[1] != "user-1" || parts[2] != "access-1" {
		t.Fatalf("%d %s", status, body)
	}
	checkUserToken(t, w, parts[3])
	if _, body := w.get("/admin/again"); !strings.Contains(body, "|user-1|access-1|") {
		t.Errorf("the second request: %s", body)
	}
	if len(p.calls) != 1 {
		t.Errorf("the provider was asked for %v", p.calls)
	}
	if st := b.state().Counters; st.Logins != 1 || st.LoginFailures != 0 {
		t.Errorf("counters %+v", st)
	}
}

// checkUserToken checks the token that tells targets who the user is, with the
// key that the balancer gives out.
func checkUserToken(t *testing.T, w *browser, token string) {
	t.Helper()
	parts := strings.Split(token, ".")
	decode := func(text string) []byte {
		raw, err := base64.URLEncoding.DecodeString(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		return raw
	}
	var header struct{ Alg, Kid string }
	var claims map[string]any
	if json.Unmarshal(decode(parts[0]), &header) != nil || json.Unmarshal(decode(parts[1]), &claims) != nil || header.Alg != "ES256" || claims["email"] != "a@example.com" {
		t.Fatalf("header %+v, claims %v", header, claims)
	}
	status, text := w.get("/oauth2/idpresponse/keys/" + header.Kid)
	block, _ := pem.Decode([]byte(text))
	if status != 200 || block == nil {
		t.Fatalf("the key: %d %s", status, text)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum, signature := sha256.Sum256([]byte(parts[0]+"."+parts[1])), decode(parts[2])
	if !ecdsa.Verify(key.(*ecdsa.PublicKey), sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Error("the signature is not the key's")
	}
}

func TestWithoutLogin(t *testing.T) {
	p := newProvider(t)
	b := guarded(t, p)
	if status, _ := b.browser().get("/shut"); status != 401 {
		t.Errorf("deny: %d", status)
	}
	forged := b.raw("GET /open HTTP/1.1\r\nHost: a\r\nX-Amzn-Oidc-Identity: admin\r\nX-AMZN-OIDC-Data: x\r\nConnection: close\r\n\r\n")
	if !strings.HasSuffix(forged, "/open|||") {
		t.Errorf("allow: %s", forged)
	}
	w := b.browser()
	status, _ := w.get("/admin")
	to, err := url.Parse(w.header.Get("Location"))
	if err != nil || status != 302 || to.Query().Get("redirect_uri") != b.url("/oauth2/idpresponse") || to.Query().Get("display") != "page" || to.Query().Get("scope") != "openid" {
		t.Errorf("authenticate: %d %s", status, to)
	}
	w.cookies["AWSELBAuthSessionCookie-0"] = "1.junk"
	if status, _ := w.get("/admin"); status != 302 {
		t.Errorf("with a cookie that means nothing: %d", status)
	}
}

// What a provider does wrong, and who comes back without having begun here.
func TestLoginFails(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*provider)
		want   int
	}{
		"refused":   {func(p *provider) { p.status = 400 }, 561},
		"stranger":  {func(p *provider) { p.audience = "another" }, 561},
		"nobody":    {func(p *provider) { p.claims = map[string]any{} }, 561},
		"injection": {func(p *provider) { p.claims["sub"] = "a\r\nX-Admin: 1" }, 561},
		"large":     {func(p *provider) { p.claims["x"] = strings.Repeat("x", 12<<10) }, 500},
	} {
		p := newProvider(t)
		b := guarded(t, p)
		p.change(tt.change)
		if status, _ := b.browser().walk("/admin"); status != tt.want {
			t.Errorf("%s: %d, want %d", name, status, tt.want)
		}
	}
	b := guarded(t, newProvider(t))
	victim, thief := b.browser(), b.browser()
	thief.get("/admin")
	to, _ := url.Parse(thief.header.Get("Location"))
	back := "/oauth2/idpresponse?code=abc&state=" + url.QueryEscape(to.Query().Get("state"))
	if status, _ := victim.get(back); status != 401 {
		t.Errorf("a login that another browser began: %d", status)
	}
	for query, want := range map[string]int{"": 401, "?state=x&code=y": 401} {
		if status, _ := thief.get("/oauth2/idpresponse" + query); status != want {
			t.Errorf("%q: %d, want %d", query, status, want)
		}
	}
	if status, _ := thief.get(strings.Replace(back, "code=abc", "error=access_denied", 1)); status != 561 {
		t.Errorf("the user said no: %d", status)
	}
}

// Large claims take several cookies, and an access token that has ended is
// renewed without the user.
func TestLongLogin(t *testing.T) {
	p := newProvider(t)
	p.change(func(p *provider) {
		p.claims["groups"], p.seconds, p.refresh = strings.Repeat("g", 9<<10), 1, "again"
	})
	b := guarded(t, p)
	w := b.browser()
	if status, _ := w.walk("/admin"); status != 200 {
		t.Fatalf("status %d", status)
	}
	if w.cookies["AWSELBAuthSessionCookie-3"] == "" {
		t.Errorf("cookies %d", len(w.cookies))
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		status, body := w.get("/admin")
		if status != 200 {
			t.Fatalf("status %d", status)
		}
		if !strings.Contains(body, "|access-1|") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the access token was never renewed")
		}
	}
	p.change(func(p *provider) { p.status = 400 })
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if status, _ := w.get("/admin"); status == 302 {
			break // the provider has ended it
		}
		if time.Now().After(deadline) {
			t.Fatal("a login that the provider ended goes on")
		}
	}
}

// A rule with a token refuses who has none; auth tests the tokens themselves.
func TestTokenIsNeeded(t *testing.T) {
	cfg := configFor(freeAddr(t), named(t, "a"))
	cfg.Listeners[0].Default.Token = &route.Token{Issuer: "https://issuer.example", Keys: "http://127.0.0.1:1/keys"}
	b := startConfig(t, cfg)
	b.awaitHealthy(1)
	if status, body := get(t, b.url("/")); status != 401 || body == "a" {
		t.Errorf("without a token: %d %s", status, body)
	}
	answer := b.raw("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer e30.e30.AA\r\nConnection: close\r\n\r\n")
	if !strings.HasPrefix(answer, "HTTP/1.1 500") {
		t.Errorf("without the issuer's keys: %s", answer)
	}
}
