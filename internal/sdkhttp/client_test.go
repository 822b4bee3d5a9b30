package sdkhttp

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// takenBack is a body as the SDK gives it: once closed, its WriteTo fails.
type takenBack struct {
	io.Reader
	closed bool
}

func (b *takenBack) Close() error { b.closed = true; return nil }

func (b *takenBack) Read(p []byte) (int, error) {
	if b.closed {
		return 0, io.EOF
	}
	return b.Reader.Read(p)
}

func (b *takenBack) WriteTo(w io.Writer) (int64, error) {
	if b.closed {
		return 0, io.EOF
	}
	return io.Copy(w, b.Reader)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// What net/http does after an answer has begun: it looks for more of the body.
func TestBodyTakenBackIsNoFailure(t *testing.T) {
	client := New()
	client.Transport = transport{roundTrip(func(r *http.Request) (*http.Response, error) {
		r.Body.Close()
		_, err := io.Copy(io.Discard, r.Body)
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, err
	})}
	r, err := http.NewRequest(http.MethodPost, "http://127.0.0.1/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Body, r.ContentLength = &takenBack{Reader: strings.NewReader("Action=x")}, 8
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
}

func TestRequestArrivesWhole(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "/", http.StatusFound)
			return
		}
		_, _ = io.Copy(w, r.Body)
	}))
	defer server.Close()
	for path, want := range map[string]string{"/": "200 OK: sent", "/away": "302 Found: "} {
		answer, err := New().Post(server.URL+path, "text/plain", strings.NewReader("sent"))
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if got := answer.Status + ": " + string(body); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", path, got, err, want)
		}
	}
}
