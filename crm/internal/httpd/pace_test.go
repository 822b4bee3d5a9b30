package httpd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"apexai/crm/internal/problem"
)

// reading answers how many bytes a body had, or the problem with it.
func reading(t *testing.T, p pace, after func(context.Context)) net.Conn {
	t.Helper()
	s := httptest.NewServer(paced(p, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/unread" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, err := io.ReadAll(r.Body)
		if p, ok := errors.AsType[*problem.Problem](err); ok {
			w.WriteHeader(p.Status)
			return
		}
		after(r.Context())
		fmt.Fprintf(w, "%d bytes, %v", len(body), r.Context().Err())
	})))
	t.Cleanup(s.Close)
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(30 * time.Second))
	return conn
}

func nothing(context.Context) {}

// A body that stands still ends, and so does its connection.
func TestBodyThatNeverComes(t *testing.T) {
	for path, want := range map[string]int{"/": 408, "/unread": 401} {
		conn := reading(t, pace{50 * time.Millisecond, 1 << 20}, nothing)
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf", path)
		from := bufio.NewReader(conn)
		response, err := http.ReadResponse(from, nil)
		if err != nil || response.StatusCode != want {
			t.Fatalf("%s: %v, %v", path, response, err)
		}
		io.Copy(io.Discard, response.Body)
		if _, err := from.ReadByte(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: the connection stays: %v", path, err)
		}
	}
}

// A byte now and then is no pace.
func TestBodyThatTrickles(t *testing.T) {
	conn := reading(t, pace{100 * time.Millisecond, 1 << 20}, nothing)
	fmt.Fprint(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
	go func() {
		for _, err := conn.Write([]byte("x")); err == nil; _, err = conn.Write([]byte("x")) {
			time.Sleep(5 * time.Millisecond)
		}
	}()
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || response.StatusCode != http.StatusRequestTimeout {
		t.Errorf("%v, %v", response, err)
	}
}

// The limit is on the body alone: what takes long afterwards is not cut, and
// the connection serves the next request.
func TestBodyThatCameMayBeWorkedOn(t *testing.T) {
	const within = time.Second
	conn := reading(t, pace{within, 1 << 20}, func(ctx context.Context) {
		select {
		case <-ctx.Done():
		case <-time.After(within + within/4):
		}
	})
	from := bufio.NewReader(conn)
	for range 2 {
		fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n%s", strings.Repeat("x", 100_000))
		response, err := http.ReadResponse(from, nil)
		if err != nil {
			t.Fatal(err)
		}
		if text, err := io.ReadAll(response.Body); err != nil || string(text) != "100000 bytes, <nil>" {
			t.Errorf("%q, %v", text, err)
		}
	}
}
