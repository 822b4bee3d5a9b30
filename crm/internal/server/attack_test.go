package server

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"apexai/crm/internal/api"
	"apexai/crm/internal/tenant"
)

// What another site's page can have a browser send, with the browser's own
// cookie, changes nothing.
func TestCrossSite(t *testing.T) {
	signedIn(t)
	cast := newCast(t)
	owner := cast.join(0, tenant.Owner)
	cookie := cast.cookie(owner)
	from := map[string][]string{
		"another site":    {"Sec-Fetch-Site: cross-site"},
		"a sibling":       {"Sec-Fetch-Site: same-site", "Origin: http://evil.127.0.0.1"},
		"an old browser":  {"Origin: https://evil.example"},
		"a sandbox":       {"Origin: null"},
		"another port":    {"Origin: http://127.0.0.1:1"},
		"a chosen method": {"Origin: https://evil.example", "X-HTTP-Method-Override: GET"},
	}
	for _, a := range readAccess(t) {
		method, path, _ := strings.Cut(a.pattern, " ")
		if method == http.MethodGet {
			continue
		}
		path = api.Base + placeholder.ReplaceAllString(path, nothing)
		for who, headers := range from {
			got := hand(t, method, path, "{}", append(headers, cookie, "Content-Type: application/json", `If-Match: "v1"`)...)
			if got.status != http.StatusForbidden || !strings.Contains(got.raw, "another site") {
				t.Errorf("%s by %s: %d %.200s", a.pattern, who, got.status, got.raw)
			}
		}
	}
	for _, kind := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "", "application/json, text/plain", "text/json"} {
		if got := hand(t, "POST", api.Base+"/companies", `{"name":"Forged"}`, cookie, "Content-Type: "+kind); got.status != http.StatusUnsupportedMediaType {
			t.Errorf("%q: %d %.200s", kind, got.status, got.raw)
		}
	}
	if got := hand(t, "OPTIONS", api.Base+"/companies", "", cookie, "Origin: https://evil.example", "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type"); got.status < 400 || got.header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("preflight: %d %v", got.status, got.header)
	}
	if got := hand(t, "GET", api.Base+"/companies", "", cookie, "Origin: https://evil.example", "Sec-Fetch-Site: cross-site"); got.header.Get("Access-Control-Allow-Origin") != "" || strings.Contains(got.raw, "Forged") {
		t.Errorf("read from elsewhere: %v %.200s", got.header, got.raw)
	}
}

// A page elsewhere opens no socket in the user's name.
func TestCrossSiteSocket(t *testing.T) {
	signedIn(t)
	cast := newCast(t)
	_, cookie, _ := strings.Cut(cast.cookie(cast.join(0, tenant.Owner)), ": ")
	for origin, want := range map[string]bool{"": true, shared.crm.url: true, "https://evil.example": false, "null": false} {
		header := http.Header{"Cookie": {cookie}}
		if origin != "" {
			header.Set("Origin", origin)
		}
		conn, _, err := websocket.Dial(t.Context(), shared.crm.url+"/socket.io/?EIO=4&transport=websocket", &websocket.DialOptions{HTTPHeader: header})
		if err == nil {
			conn.CloseNow()
		}
		if (err == nil) != want {
			t.Errorf("from %q: %v", origin, err)
		}
	}
}

// A session that was there before a sign-in, planted or real, is none afterwards.
func TestSessionIsNotFixed(t *testing.T) {
	signedIn(t)
	planted := strings.Repeat("A", 43)
	signingIn := func(email string, cookie string) string {
		got := hand(t, "POST", api.Base+"/auth/session", fmt.Sprintf(`{"idToken":%q}`, idToken(t, email, "Fixed")), "Content-Type: application/json", cookie).want(201)
		cookies := (&http.Response{Header: got.header}).Cookies()
		if len(cookies) != 1 || len(cookies[0].Value) < 43 || strings.Contains(cookie, cookies[0].Value) {
			t.Fatalf("cookies: %v", got.header)
		}
		return "Cookie: apex_sid=" + cookies[0].Value
	}
	first := signingIn("fixed@example.com", "Cookie: apex_sid="+planted)
	second := signingIn("fixed2@example.com", first)
	for cookie, want := range map[string]int{"Cookie: apex_sid=" + planted: 401, first: 401, second: 200} {
		hand(t, "GET", api.Base+"/auth/me", "", cookie).want(want)
	}
	other := hand(t, "POST", api.Base+"/workspaces", `{"name":"Elsewhere"}`, second, "Content-Type: application/json").want(201)
	hand(t, "GET", api.Base+"/auth/me", "", second).want(401) // another workspace is another session
	if !strings.Contains(other.header.Get("Set-Cookie"), "HttpOnly") {
		t.Errorf("%v", other.header)
	}
}

// Nothing that the server says is made of what the caller calls it.
func TestHostIsNotBelieved(t *testing.T) {
	signedIn(t)
	cast := newCast(t)
	cookie := cast.cookie(cast.join(0, tenant.Owner))
	for _, o := range []order{
		{"POST", api.Base + "/invites", `{"role":"member"}`, ""},
		{"POST", api.Base + "/calendar", "", ""},
		{"POST", api.Base + "/people", `{"firstName":"Hosted"}`, ""},
		{"GET", "/api/docs", "", ""},
		{"GET", "/api/openapi.json", "", ""},
		{"GET", "//evil.example/%2e%2e", "", ""},
		{"GET", api.Base + "//people", "", ""},
		{"GET", api.Base + "/nowhere", "", ""},
	} {
		got := hand(t, o.method, o.path, o.body, cookie, "Content-Type: application/json", "Host: evil.example", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: gopher", "Forwarded: host=evil.example")
		if strings.Contains(got.raw+got.header.Get("Set-Cookie"), "evil.example") && o.path != "//evil.example/%2e%2e" || strings.Contains(got.header.Get("Location"), "//") || got.status >= 500 {
			t.Errorf("%s %s: %d %v %.300s", o.method, o.path, got.status, got.header, got.raw)
		}
	}
}

func TestHeadersThatAreTooMuch(t *testing.T) {
	var log logs
	s := start(t, map[string]string{"LOG_LEVEL": "info"}, &log)
	c := signIn(t, s.url, "headers@example.com")
	c.do("GET", "/api/v1/people", nil, "X-Much: "+strings.Repeat("x", 64<<10)).want(431)
	c.do("GET", "/api/v1/people?q="+strings.Repeat("x", 64<<10), nil).want(431)
	long := c.do("GET", "/api/v1/auth/me", nil, "X-Amzn-Trace-Id: "+strings.Repeat("y", 20<<10), "X-Request-Id: <script>", "User-Agent: "+strings.Repeat("u", 8000)).want(200)
	if id := long.header.Get("X-Request-Id"); len(id) != 24 {
		t.Errorf("request id %q", id)
	}
	c.do("POST", "/api/v1/people", object{}, "Idempotency-Key: "+strings.Repeat("k", 300)).want(400)
	c.do("TRACE", "/api/v1/people", nil).want(405)
	c.do("GET", "/api/v1/auth/me", nil, "Cookie: apex_sid="+strings.Repeat("A", 20<<10)).want(401) // of two cookies the first counts
	for line := range strings.Lines(log.String()) {
		if len(line) > 2000 {
			t.Errorf("a caller makes a line of %d bytes in the log: %.300s", len(line), line)
		}
	}
}

// A caller who writes addresses into X-Forwarded-For does not become many.
func TestForgedAddressesShareALimit(t *testing.T) {
	s := start(t, map[string]string{"RATE_SIGN_IN": "3"}, io.Discard)
	c := browser(t, s.url)
	eventually(t, "the server is ready", func() bool { return c.do("GET", "/health", nil).status == 200 })
	statuses := map[int]int{}
	for i := range 8 {
		a := c.do("POST", "/api/v1/auth/session", object{"idToken": "x"}, fmt.Sprintf("X-Forwarded-For: 198.51.%d.7, 10.1.2.3, 203.0.113.%d", i, i))
		statuses[a.status]++
	}
	if statuses[429] < 4 || statuses[401]+statuses[429] != 8 {
		t.Errorf("%v", statuses)
	}
}

// hand sends one request as it is told to, without a browser's manners.
func hand(t *testing.T, method, path, body string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, shared.crm.url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if request.URL.Path, request.URL.RawQuery, err = path, "", nil; strings.Contains(path, "%") {
		request.URL.RawPath = path
		request.URL.Path, err = url.PathUnescape(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	if body == "" {
		request.Body, request.ContentLength = nil, 0
	}
	for _, h := range headers {
		switch name, value, _ := strings.Cut(h, ": "); {
		case name == "Host":
			request.Host = value
		case value != "":
			request.Header.Set(name, value)
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	a := answer{t: t, what: method + " " + path}
	response, err := client.Do(request)
	if err != nil {
		t.Fatalf("%s: %v", a.what, err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	a.status, a.header, a.raw, a.err = response.StatusCode, response.Header, string(raw), err
	return a
}
