package acceptance

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/nodeclient"
	"apexai/crm/internal/standins/identity"
)

type object = map[string]any

// A client is one browser: it keeps cookies.
type client struct {
	t    testing.TB
	http *http.Client
}

// signIn is somebody with a session.
func signIn(t testing.TB, email string) client {
	t.Helper()
	jar, _ := cookiejar.New(nil) // it has no options to be wrong
	c := client{t, &http.Client{Jar: jar, Timeout: 30 * time.Second}}
	c.call("POST", "/api/v1/auth/session", object{"idToken": c.prove(email)}).want(201)
	return c
}

// prove signs up at the identity stand-in, or in if there is such an account:
// the demonstration's own, or one of an earlier test. It returns the ID token.
func (c client) prove(email string) string {
	c.t.Helper()
	password := "acceptance-1"
	for _, d := range identity.Demo {
		if d.Email == email {
			password = d.Password
		}
	}
	who := object{"email": email, "password": password, "displayName": "Acceptance", "returnSecureToken": true}
	for _, operation := range []string{"signInWithPassword", "signUp"} {
		if a := c.call("POST", "/standins/identity/v1/accounts:"+operation+"?key=x", who); a.status == 200 {
			return a.text("idToken")
		}
	}
	c.t.Fatalf("%s: the identity stand-in admits nobody", email)
	return ""
}

// An answer is what came back.
type answer struct {
	t      testing.TB
	what   string
	status int
	header http.Header
	raw    string
	body   object
	err    error
}

// call sends a request; headers are "Name: value" pairs.
func (c client) call(method, path string, body any, headers ...string) answer {
	c.t.Helper()
	var content io.Reader
	if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		content = bytes.NewReader(encoded)
	}
	request, err := http.NewRequest(method, crm.url+path, content)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		request.Header.Set(name, value)
	}
	return c.send(request)
}

func (c client) send(request *http.Request) answer {
	a := answer{t: c.t, what: request.Method + " " + request.URL.Path}
	response, err := c.http.Do(request)
	if err != nil {
		a.err = err
		return a
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	a.status, a.header, a.raw, a.err = response.StatusCode, response.Header, string(raw), err
	json.Unmarshal(raw, &a.body) // not everything is JSON
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

// cookie is the client's session, as a header has it.
func (c client) cookie() string {
	base, err := url.Parse(crm.url)
	if err != nil {
		c.t.Fatal(err)
	}
	var all []string
	for _, cookie := range c.http.Jar.Cookies(base) {
		all = append(all, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(all, "; ")
}

// sockets opens so many sockets of the client's session, with the studio's own
// socket.io-client.
func (c client) sockets(count int) *nodeclient.Client {
	c.t.Helper()
	if !nodeclient.Installed() {
		c.t.Skip("no node is installed")
	}
	n, err := nodeclient.Start(c.t.TempDir(), crm.url, c.cookie(), count)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(n.Stop)
	eventually(c.t, "all sockets are connected", func() bool { return n.Connected() == count })
	return n
}

// eventually waits until ok says so.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within three minutes: %s", what)
		}
	}
}
