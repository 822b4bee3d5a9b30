package balancer

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
)

func echoSocket(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer c.CloseNow()
	c.SetReadLimit(4 << 20)
	for {
		kind, data, err := c.Read(r.Context())
		if err != nil || c.Write(r.Context(), kind, data) != nil {
			return
		}
	}
}

func TestWebSocket(t *testing.T) {
	b := start(t, backend(t, echoSocket))
	c, _, err := websocket.Dial(t.Context(), b.url("/socket.io/?EIO=4&transport=websocket"), nil)
	if err != nil {
		t.Fatal(err)
	}
	c.SetReadLimit(4 << 20)
	for _, size := range []int{1, 5000, 70000, 1 << 20, 3} {
		sent := bytes.Repeat([]byte{'w'}, size)
		if err := c.Write(t.Context(), websocket.MessageBinary, sent); err != nil {
			t.Fatal(err)
		}
		if _, got, err := c.Read(t.Context()); err != nil || !bytes.Equal(got, sent) {
			t.Fatalf("%d bytes: %d came back: %v", size, len(got), err)
		}
	}
	if err := c.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Errorf("close: %v", err)
	}
}

// A WebSocket outlives changes of the configuration and its target's leaving,
// until the drain is over.
func TestWebSocketDrains(t *testing.T) {
	first, second := backend(t, echoSocket), backend(t, echoSocket)
	b := start(t, first)
	c, _, err := websocket.Dial(t.Context(), b.url("/"), nil)
	if err != nil {
		t.Fatal(err)
	}
	echo := func() error {
		if err := c.Write(t.Context(), websocket.MessageText, []byte("x")); err != nil {
			return err
		}
		_, _, err := c.Read(t.Context())
		return err
	}
	drain := func(until time.Time) {
		cfg := configFor(b.addr, second)
		cfg.Groups[0].Targets = append(cfg.Groups[0].Targets, Target{Addr: first, Draining: true, Until: until})
		if err := b.apply(cfg); err != nil {
			t.Fatal(err)
		}
	}
	drain(time.Now().Add(time.Hour))
	if err := echo(); err != nil {
		t.Errorf("while draining: %v", err)
	}
	if st, _ := ptr(b.state()).Target("g", first); st.Health != Draining || st.Drained || st.InFlight != 1 {
		t.Errorf("draining target: %+v", st)
	}
	drain(time.Now())
	b.await("drained", func(st State) bool {
		target, _ := st.Target("g", first)
		return target.Drained
	})
	if err := echo(); err == nil {
		t.Error("the tunnel outlived the drain")
	}
}

func ptr[T any](v T) *T { return &v }
