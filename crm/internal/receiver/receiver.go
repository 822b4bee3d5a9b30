// Package receiver is another system that webhooks tell of changes: it keeps
// what it is sent, and answers as it is told. For tests.
package receiver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A Receiver listens at URL.
type Receiver struct {
	URL string

	mu     sync.Mutex
	status int
	got    []Message
}

// A Message is one that came in.
type Message struct {
	Header http.Header
	Body   string
}

// Start starts a receiver at an address of this machine, until the test ends.
// It answers 204 until it is told otherwise.
func Start(t *testing.T, at string) *Receiver {
	t.Helper()
	l, err := net.Listen("tcp", at+":0")
	if err != nil {
		t.Skip(err) // not every system has all of 127.0.0.0/8
	}
	r := &Receiver{status: http.StatusNoContent}
	server := httptest.NewUnstartedServer(r)
	server.Listener.Close()
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// ServeHTTP takes a message in.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, _ := io.ReadAll(q.Body) // what came is kept
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, Message{q.Header, string(body)})
	w.WriteHeader(r.status)
}

// Answer sets the status that messages are answered with from now on.
func (r *Receiver) Answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// Find returns the messages whose body has all parts.
func (r *Receiver) Find(parts ...string) (found []Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.got {
		if !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(m.Body, p) }) {
			found = append(found, m)
		}
	}
	return found
}

// SignedWith says whether a message's signature is that of the secret, as
// Standard Webhooks has a receiver find out.
func (m Message) SignedWith(secret string) bool {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	mac := hmac.New(sha256.New, key)
	io.WriteString(mac, m.Header.Get("webhook-id")+"."+m.Header.Get("webhook-timestamp")+"."+m.Body)
	return err == nil && m.Header.Get("webhook-signature") == "v1,"+base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
