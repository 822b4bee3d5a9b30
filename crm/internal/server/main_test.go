package server

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"apexai/crm/internal/config"
	"apexai/crm/internal/engines"
	"apexai/crm/internal/standins/identity"
	inbox "apexai/crm/internal/standins/mail"
)

// One MariaDB and one Redis serve all tests of this package; a test that
// harms an engine starts its own.
var shared struct {
	mysql, redis *engines.Process
	crm          *running
	identity     *identity.Service // who signs the tokens that sign people in
	identityURL  string
	inbox        inbox.Inbox // of the mail server, which asks for a password
	smtp         string
}

func TestMain(m *testing.M) { os.Exit(withEngines(m)) }

func withEngines(m *testing.M) int {
	dir, err := os.MkdirTemp("", "crm-server-test-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = os.Chmod(dir, 0o755) // MariaDB runs as another user
	}
	if err == nil {
		shared.mysql, err = engines.MariaDB(context.Background(), filepath.Join(dir, "mysql"))
	}
	if err == nil {
		defer shared.mysql.Stop()
		shared.redis, err = engines.Redis(context.Background(), filepath.Join(dir, "redis"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer shared.redis.Stop()
	shared.identity, err = identity.New(context.Background(), identity.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	signer := httptest.NewServer(shared.identity.Handler("/standins/identity"))
	defer signer.Close()
	shared.identityURL = signer.URL
	post, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer post.Close()
	shared.smtp = "smtp://crm:hush@" + post.Addr().String() + "?tls=none"
	shared.inbox.Passwords = map[string]string{"crm": "hush"}
	go shared.inbox.Serve(context.Background(), post)
	shared.crm, err = run(settings(nil), io.Discard)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer shared.crm.stop()
	return m.Run()
}

func settings(over map[string]string) map[string]string {
	s := map[string]string{
		"APP_ENV": "dev", "DRAIN_DELAY": "0s", "LOG_LEVEL": "debug", "WEBHOOK_NETWORKS": "127.0.0.7/32",
		"DATABASE_URL": shared.mysql.URL, "REDIS_URL": shared.redis.URL,
		"SMTP_URL": shared.smtp, "MAIL_FROM": "Firm <crm@firm.example>",
		"FIREBASE_PROJECT_ID": identity.Project, "FIREBASE_AUTH_URL": shared.identityURL + "/standins/identity/v1",
		"FIREBASE_CERTS_URL": shared.identityURL + identity.CertificatesAt,
		"RATE_USER":          "0", "RATE_KEY": "0", "RATE_SIGN_IN": "0",
	}
	for k, v := range over {
		s[k] = v
	}
	return s
}

// running is one server in this process.
type running struct {
	url    string
	cancel context.CancelFunc
	ended  chan error
}

func run(settings map[string]string, log io.Writer) (*running, error) {
	c, err := config.Load(func(name string) string { return settings[name] })
	if err != nil {
		return nil, err
	}
	s, err := New(c, slog.New(slog.NewJSONHandler(log, nil)))
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{url: "http://" + l.Addr().String(), cancel: cancel, ended: make(chan error, 1)}
	go func() { r.ended <- s.Run(ctx, l) }()
	return r, nil
}

func (r *running) stop() error {
	r.cancel()
	return <-r.ended
}

// start runs a server of the test's own.
func start(t *testing.T, over map[string]string, log io.Writer) *running {
	t.Helper()
	r, err := run(settings(over), log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.cancel)
	return r
}

// another is one more task of the same CRM, once it is ready.
func another(t *testing.T) *running {
	t.Helper()
	r := start(t, nil, io.Discard)
	eventually(t, "the other task is ready", func() bool {
		answer, err := http.Get(r.url + "/readyz")
		if err != nil {
			return false
		}
		answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	})
	return r
}

// eventually waits until ok says so.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 90 s: %s", what)
		}
	}
}

// countable is a browser on a second server, whose requests are in its log,
// once that knows the caller without a query: for some seconds after somebody
// signs in it asks MySQL each time.
func countable(t *testing.T) (client, *logs) {
	t.Helper()
	var log logs
	s := start(t, nil, &log)
	c := client{t, s.url, owner(t).http} // sessions are all servers'
	eventually(t, "the second server is ready", func() bool { return c.do("GET", "/health", nil).status == 200 })
	eventually(t, "the caller is known without a query", func() bool {
		time.Sleep(100 * time.Millisecond) // so that the rate limit does not judge
		c.do("GET", "/api/v1/tags?kind=person", nil).want(200)
		for line := range strings.Lines(log.String()) {
			if strings.Contains(line, `"route":"GET /api/v1/tags"`) && strings.Contains(line, `"db_n":1,`) {
				return true
			}
		}
		return false
	})
	return c, &log
}

// client is one browser: it keeps cookies.
type client struct {
	t    testing.TB
	base string
	http *http.Client
}

func browser(t testing.TB, base string) client {
	jar, _ := cookiejar.New(nil) // it has no options to be wrong
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	return client{t, base, &http.Client{Jar: jar, Transport: transport, Timeout: 30 * time.Second}}
}

// signedIn is a browser of the demo workspace's owner.
func signedIn(t *testing.T) client {
	t.Helper()
	return signIn(t, shared.crm.url, "demo@example.com")
}

// signIn is a browser of somebody in the demo workspace: a member, but for
// demo@example.com.
func signIn(t testing.TB, base, email string) client {
	t.Helper()
	c := browser(t, base)
	eventually(t, base+" is ready", func() bool {
		r := c.do("GET", "/health", nil)
		return r.status == 200
	})
	c.do("POST", "/api/v1/auth/session", object{"idToken": idToken(t, email, "Demo User")}).want(201)
	return c
}

// idToken is a token of the demo workspace's member with this address, who is
// made if there is none.
func idToken(t testing.TB, email, name string) string {
	t.Helper()
	role := "member"
	if email == "demo@example.com" {
		role = "owner"
	}
	token, err := shared.identity.Token(t.Context(), email)
	if err != nil {
		if err = shared.identity.Add(t.Context(), email, name, role); err == nil {
			token, err = shared.identity.Token(t.Context(), email)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return token
}

type object = map[string]any

// answer is what came back.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	raw    string
	body   object
	err    error
}

// do sends a request; headers are "Name: value" pairs. Told that all database
// connections are busy, as happens on a small machine, it comes back as asked.
func (c client) do(method, path string, body any, headers ...string) answer {
	c.t.Helper()
	a := c.once(method, path, body, headers...)
	for range 100 {
		if a.status != http.StatusServiceUnavailable || !strings.Contains(a.raw, "all database connections are busy") {
			break
		}
		time.Sleep(50 * time.Millisecond)
		a = c.once(method, path, body, headers...)
	}
	return a
}

func (c client) once(method, path string, body any, headers ...string) answer {
	c.t.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		encoded, err := json.Marshal(b)
		if err != nil {
			c.t.Fatal(err)
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequest(method, c.base+path, content)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		request.Header.Set(name, value)
	}
	a := answer{t: c.t, what: method + " " + path}
	response, err := c.http.Do(request)
	if err != nil {
		a.err = err
		return a
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	a.status, a.header, a.raw, a.err = response.StatusCode, response.Header, string(raw), err
	json.Unmarshal(raw, &a.body) // not everything is JSON
	if fault := described().fault(method, path, a); fault != "" {
		c.t.Errorf("%s %s answered %d otherwise than the API's description says: %s", method, path, a.status, fault)
	}
	return a
}

// want holds the answer to a status.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.err != nil || a.status != status {
		a.t.Fatalf("%s: %d %.400s (%v); want %d", a.what, a.status, a.raw, a.err, status)
	}
	return a
}

func (a answer) text(member string) string {
	s, _ := a.body[member].(string)
	return s
}

func (a answer) items() []object {
	var all []object
	list, _ := a.body["items"].([]any)
	for _, v := range list {
		all = append(all, v.(object))
	}
	return all
}

func (a answer) etag() string { return cmp.Or(a.header.Get("ETag"), `"v0"`) }

// logs is a log that a test reads while a server writes.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
