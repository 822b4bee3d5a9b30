package balancer

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"apex/internal/dataplane/balancer/cookie"
	"apex/internal/dataplane/balancer/route"
)

var testKey = bytes.Repeat([]byte{1}, cookie.KeySize)

// browser asks as a client that keeps cookies, whatever they say of TLS.
type browser struct {
	t       *testing.T
	bench   *bench
	cookies map[string]string
	set     []*http.Cookie // by the last response
	header  http.Header
}

func (b *bench) browser() *browser { return &browser{t: b.t, bench: b, cookies: map[string]string{}} }

func (w *browser) get(path string) (int, string) {
	w.t.Helper()
	req, err := http.NewRequest("GET", w.bench.url(path), nil)
	if err != nil {
		w.t.Fatal(err)
	}
	for name, value := range w.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	w.set, w.header = resp.Cookies(), resp.Header
	for _, c := range w.set {
		w.cookies[c.Name] = c.Value
	}
	return resp.StatusCode, string(body)
}

func stickyConfig(t *testing.T, sticky Sticky) Config {
	cfg := configFor(freeAddr(t), named(t, "a"), named(t, "b"), named(t, "c"))
	cfg.Groups[0].Sticky, cfg.Key = sticky, testKey
	return cfg
}

func TestLBCookieKeepsTheTarget(t *testing.T) {
	cfg := stickyConfig(t, Sticky{Kind: LBCookie, Duration: time.Hour})
	b := startConfig(t, cfg)
	b.awaitHealthy(3)
	seen := map[string]bool{}
	for range 6 {
		w := b.browser()
		_, first := w.get("/")
		seen[first] = true
		for range 4 {
			if _, again := w.get("/"); again != first {
				t.Fatalf("moved from %s to %s", first, again)
			}
		}
		if len(w.set) != 2 || w.set[0].Name != "AWSALB" || w.set[1].Name != "AWSALBCORS" || w.set[0].Secure || !w.set[1].Secure {
			t.Fatalf("cookies %v", w.set)
		}
		if left := time.Until(w.set[0].Expires); left < 167*time.Hour || left > 169*time.Hour {
			t.Errorf("the cookie lives for %s", left)
		}
		delete(w.cookies, "AWSALB") // as with a request from another site
		if _, again := w.get("/"); again != first {
			t.Error("AWSALBCORS alone does not bind")
		}
	}
	if len(seen) != 3 {
		t.Errorf("new clients went to %v", seen)
	}
	if n := b.state().Counters.NonSticky; n != 0 {
		t.Errorf("%d requests moved", n)
	}
}

// Another process with the same key knows the cookie; a strange one, an old one
// and one that names an unhealthy target lead elsewhere.
func TestLBCookieThatMeansNothing(t *testing.T) {
	cfg := stickyConfig(t, Sticky{Kind: LBCookie, Duration: time.Hour})
	b := startConfig(t, cfg)
	b.awaitHealthy(3)
	seal := func(key []byte, age time.Duration, target int) string {
		s, err := cookie.NewSealer(key)
		if err != nil {
			t.Fatal(err)
		}
		return s.SealVisits("AWSALB", []cookie.Visit{{
			Group: cookie.GroupHash("g"), At: time.Now().Add(-age), Addr: cfg.Groups[0].Targets[target].Addr,
		}})
	}
	served := func(value string) map[string]bool {
		got := map[string]bool{}
		for range 6 {
			w := b.browser()
			w.cookies["AWSALB"] = value
			_, name := w.get("/")
			got[name] = true
		}
		return got
	}
	if got := served(seal(testKey, time.Minute, 1)); len(got) != 1 || !got["b"] {
		t.Errorf("a good cookie led to %v", got)
	}
	for name, value := range map[string]string{
		"strange": seal(nil, time.Minute, 1), "old": seal(testKey, 2*time.Hour, 1), "junk": "a=b",
	} {
		if got := served(value); len(got) != 3 {
			t.Errorf("a cookie that is %s led to %v", name, got)
		}
	}
	gone := seal(testKey, time.Minute, 1)
	cfg.Groups[0].Targets = cfg.Groups[0].Targets[:1]
	if err := b.apply(cfg); err != nil {
		t.Fatal(err)
	}
	if got := served(gone); len(got) != 1 || !got["a"] {
		t.Errorf("a target that is gone served %v", got)
	}
	if n := b.state().Counters.NonSticky; n != 6 {
		t.Errorf("%d requests moved, want 6", n)
	}
}

func TestAppCookie(t *testing.T) {
	cfg := configFor(freeAddr(t))
	for _, name := range []string{"a", "b"} {
		cfg.Groups[0].Targets = append(cfg.Groups[0].Targets, Target{Addr: backend(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/login" {
				http.SetCookie(w, &http.Cookie{Name: "sid", Value: name})
			}
			io.WriteString(w, name)
		})})
	}
	cfg.Groups[0].Sticky, cfg.Key = Sticky{Kind: AppCookie, Duration: time.Hour, Cookie: "sid"}, testKey
	b := startConfig(t, cfg)
	b.awaitHealthy(2)
	w := b.browser()
	w.get("/")
	if len(w.set) != 4 || w.set[0].Value != "_remove_" {
		t.Errorf("before the application's cookie: %v", w.set)
	}
	_, first := w.get("/login")
	if len(w.set) != 5 || w.cookies["AWSALBAPP-0"] == "_remove_" || w.cookies["AWSALBAPP-1"] != "_remove_" {
		t.Errorf("with it: %v", w.set)
	}
	for range 5 {
		if _, again := w.get("/"); again != first {
			t.Fatalf("moved from %s to %s", first, again)
		}
	}
	delete(w.cookies, "sid")
	moved := false
	for range 4 {
		_, again := w.get("/")
		moved = moved || again != first
	}
	if !moved {
		t.Error("the balancer's cookie alone binds")
	}
}

func TestGroupStickiness(t *testing.T) {
	cfg := configFor(freeAddr(t), named(t, "blue"))
	cfg.Key = testKey
	cfg.Groups[0].ID = "blue"
	cfg.Groups = append(cfg.Groups, Group{ID: "green", Check: quickCheck, Targets: []Target{{Addr: named(t, "green")}}})
	weigh := func(blue, green int) {
		cfg.Listeners[0].Default = route.Action{Forward: &route.Forward{
			Groups: []route.Weighted{{Group: "blue", Weight: blue}, {Group: "green", Weight: green}}, Sticky: time.Hour,
		}}
	}
	weigh(1, 1)
	b := startConfig(t, cfg)
	b.awaitHealthy(2)
	count := map[string]int{}
	var last *browser
	for range 40 {
		w := b.browser()
		_, first := w.get("/")
		count[first]++
		for range 3 {
			if _, again := w.get("/"); again != first {
				t.Fatalf("moved from %s to %s", first, again)
			}
		}
		if len(w.set) != 2 || w.set[0].Name != "AWSALBTG" || w.set[1].Name != "AWSALBTGCORS" {
			t.Fatalf("cookies %v", w.set)
		}
		last = w
	}
	if count["blue"] < 5 || count["green"] < 5 {
		t.Errorf("shares %v", count)
	}
	weigh(0, 1)
	if err := b.apply(cfg); err != nil {
		t.Fatal(err)
	}
	if _, name := last.get("/"); name != "green" {
		t.Errorf("a group without weight served %s", name)
	}
}

// What a listener says of headers holds for targets' responses and our own.
func TestListenerHeaders(t *testing.T) {
	cfg := configFor(freeAddr(t), backend(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", "theirs")
		w.Header().Set("X-Frame-Options", "ALLOW")
	}))
	cfg.Listeners[0].Headers = []Header{{"X-Frame-Options", "DENY"}, {"Strict-Transport-Security", "max-age=1"}}
	cfg.Listeners[0].HideServer = true
	cfg.Listeners[0].Rules = []route.Rule{{
		ID: "r", Priority: 1, Conditions: []route.Condition{{Field: route.PathPattern, Values: []string{"/fixed"}}},
		Action: route.Action{Fixed: &route.Fixed{Status: 404}},
	}}
	b := startConfig(t, cfg)
	b.awaitHealthy(1)
	for _, path := range []string{"/", "/fixed"} {
		w := b.browser()
		w.get(path)
		if got := w.header["X-Frame-Options"]; fmt.Sprint(got) != "[DENY]" || w.header.Get("Strict-Transport-Security") != "max-age=1" || w.header.Get("Server") != "" {
			t.Errorf("%s: %v", path, w.header)
		}
	}
}

func TestTransforms(t *testing.T) {
	cfg := configFor(freeAddr(t), backend(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s%s", r.Host, r.RequestURI)
	}))
	rule := func(path, regex, replace string) route.Rule {
		return route.Rule{
			ID: path, Priority: len(path), Conditions: []route.Condition{{Field: route.PathPattern, Values: []string{path}}},
			Transforms: []route.Transform{
				{Kind: route.RewriteURL, Regex: regex, Replace: replace},
				{Kind: route.RewriteHost, Regex: `^127\.0`, Replace: "internal.0"},
			},
			Action: forwardTo("g"),
		}
	}
	cfg.Listeners[0].Rules = []route.Rule{rule("/api/*", `^/api/(.*)$`, "/v2/$1"), rule("/broken/*", "^/broken", "")}
	cfg.Listeners[0].Rules[1].Transforms[0].Replace = "broken"
	b := startConfig(t, cfg)
	b.awaitHealthy(1)
	if _, body := get(t, b.url("/api/x?y=1")); body != "internal.0.0.1/v2/x?y=1" {
		t.Errorf("the target saw %s", body)
	}
	if _, body := get(t, b.url("/other")); !strings.HasSuffix(body, "/other") {
		t.Errorf("the target saw %s", body)
	}
	if status, _ := get(t, b.url("/broken/x")); status != 500 {
		t.Errorf("a transform that fails: %d", status)
	}
}
