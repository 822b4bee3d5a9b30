package datachannel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"
)

// An echo is a program that prints what is typed, in capitals, and ends with code
// 3 at "exit".
type echo struct {
	typed  *io.PipeReader
	in     *io.PipeWriter
	sizes  chan Size
	ended  chan struct{}
	closed sync.Once
}

func newEcho() *echo {
	r, w := io.Pipe()
	return &echo{typed: r, in: w, sizes: make(chan Size, 10), ended: make(chan struct{})}
}

func (e *echo) Read(b []byte) (int, error) {
	n, err := e.typed.Read(b)
	if bytes.Contains(b[:n], []byte("exit")) {
		e.Close()
	}
	return copy(b, bytes.ToUpper(b[:n])), err
}
func (e *echo) Write(b []byte) (int, error) { return e.in.Write(b) }
func (e *echo) Resize(rows, cols uint16) error {
	e.sizes <- Size{Rows: uint32(rows), Cols: uint32(cols)}
	return nil
}

func (e *echo) Wait() (int, error) {
	<-e.ended
	return 3, nil
}

func (e *echo) Close() {
	e.closed.Do(func() {
		close(e.ended)
		e.in.Close()
	})
}

// serve answers one session at a URL.
func serve(t *testing.T, s Session) (url string, done <-chan error) {
	t.Helper()
	ended := make(chan error, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, nil)
		if err != nil {
			ended <- err
			return
		}
		defer conn.CloseNow()
		token, err := Token(r.Context(), conn)
		if err == nil && token != "sesame" {
			err = errors.New("wrong token: " + token)
		}
		if err == nil {
			err = s.Serve(r.Context(), conn)
		}
		ended <- err
	}))
	t.Cleanup(server.Close)
	return "ws" + strings.TrimPrefix(server.URL, "http"), ended
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestSession(t *testing.T) {
	program := newEcho()
	url, done := serve(t, Session{ID: "s1", Start: func() (Program, error) { return program, nil }})
	ctx := within(t)
	c, err := Dial(ctx, url, "sesame")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Resize(ctx, Size{Rows: 40, Cols: 120}); err != nil {
		t.Fatal(err)
	}
	if got := <-program.sizes; got != (Size{Rows: 40, Cols: 120}) {
		t.Errorf("size: %+v", got)
	}
	long := strings.Repeat("all work and no play ", 100)
	go func() {
		for range 600 { // more than may be on their way
			if err := c.Type(ctx, []byte(long)); err != nil {
				t.Error(err)
				return
			}
		}
		if err := c.Type(ctx, []byte("exit")); err != nil {
			t.Error(err)
		}
	}()
	var printed bytes.Buffer
	end, err := c.Print(ctx, &printed)
	if err != nil || end.Code != 3 || end.Message != "" {
		t.Errorf("end: %+v, %v; want code 3", end, err)
	}
	if want := strings.ToUpper(strings.Repeat(long, 600) + "exit"); printed.String() != want {
		t.Errorf("printed %d bytes, want %d", printed.Len(), len(want))
	}
	c.Close()
	if err := <-done; err != nil {
		t.Errorf("the other side: %v", err)
	}
}

func TestSessionEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		session Session
		code    int
		want    string
	}{
		"not started": {Session{Start: func() (Program, error) { return nil, errors.New("no such program") }}, 127, "no such program"},
		"idle":        {Session{Start: func() (Program, error) { return newEcho(), nil }, Idle: 50 * time.Millisecond}, 1, ErrIdle.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := serve(t, tt.session)
			c, err := Dial(within(t), url, "sesame")
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if end, err := c.Print(within(t), io.Discard); err != nil || end.Code != tt.code || end.Message != tt.want {
				t.Errorf("end: %+v, %v", end, err)
			}
		})
	}
}

func TestProgramEndsWithItsClient(t *testing.T) {
	program := newEcho()
	url, done := serve(t, Session{Start: func() (Program, error) { return program, nil }})
	c, err := Dial(within(t), url, "sesame")
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	select {
	case <-program.ended:
	case <-time.After(30 * time.Second):
		t.Fatal("the program goes on")
	}
	if err := <-done; err != nil {
		t.Errorf("the other side: %v", err)
	}
}

func TestMessage(t *testing.T) {
	want := message{kind: typeInput, sequence: 7, flags: 1, id: newID(), payload: PayloadOutput, body: []byte("ls\r")}
	b := want.marshal(time.Now())
	got, err := parse(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(message{})); diff != "" {
		t.Errorf("message (-want +got):\n%s", diff)
	}
	b[len(b)-1]++
	if _, err := parse(b); err == nil {
		t.Error("a changed payload is taken")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(message{kind: typeInput, body: []byte("x")}.marshal(time.Unix(0, 0)))
	f.Add([]byte{0, 0, 0, 116})
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parse(b)
		if err != nil {
			return
		}
		if again, err := parse(m.marshal(time.Unix(0, 0))); err != nil || !bytes.Equal(again.body, m.body) || again.sequence != m.sequence {
			t.Errorf("%x is not what it was: %v", b, err)
		}
	})
}
