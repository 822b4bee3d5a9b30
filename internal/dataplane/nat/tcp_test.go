package nat

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// gateway carries connections to a listener on loopback, wherever they were
// meant to go.
func gateway(t *testing.T, exit func() bool, outside string) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &Gateway{
		Exit: func(netip.Addr, netip.AddrPort) (netip.Addr, bool) { return netip.Addr{}, exit() },
		Dial: func(ctx context.Context, _ string, _ netip.Addr, _ netip.AddrPort) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp4", outside)
		},
		Log: slog.New(slog.DiscardHandler),
	}
	ctx, stop := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := g.ServeTCP(ctx, l); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); serving.Wait() })
	return l.Addr().String()
}

func TestNoRouteIsAReset(t *testing.T) {
	conn, err := net.Dial("tcp4", gateway(t, func() bool { return false }, ""))
	if err == nil { // else the reset was quicker than Dial
		defer conn.Close()
		_, err = conn.Read(make([]byte, 1))
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("the sender met %v, want a reset", err)
	}
}

// A reader that does not read must stop its writer, not fill the gateway.
func TestSlowReaderSlowsItsWriter(t *testing.T) {
	outside, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close()
	conn, err := net.Dial("tcp4", gateway(t, func() bool { return true }, outside.Addr().String()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	silent, err := outside.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	const limit = 256 << 20
	written, data := 0, make([]byte, 1<<20)
	for written < limit {
		if err := conn.SetWriteDeadline(time.Now().Add(300 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		n, err := conn.Write(data)
		written += n
		if err != nil {
			break
		}
	}
	if written >= limit {
		t.Fatalf("%d bytes were taken for a reader that reads nothing", written)
	}
	conn.Close()
	if n, err := io.Copy(io.Discard, silent); err != nil || int(n) != written {
		t.Errorf("the reader got %d bytes, %v, of %d written", n, err, written)
	}
}

func TestEndOfContextCutsConnections(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	ctx, stop := context.WithCancel(context.Background())
	l := &single{conn: b, done: make(chan struct{})}
	var serving sync.WaitGroup
	serving.Go(func() {
		_ = Serve(ctx, l, func(_ context.Context, c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	})
	if _, err := a.Write([]byte("x")); err != nil { // it is being handled
		t.Fatal(err)
	}
	stop()
	serving.Wait()
	if _, err := a.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
}

// A single is a listener of one connection.
type single struct {
	conn net.Conn
	once sync.Once
	done chan struct{}
}

func (s *single) Accept() (net.Conn, error) {
	var conn net.Conn
	s.once.Do(func() { conn = s.conn })
	if conn != nil {
		return conn, nil
	}
	<-s.done
	return nil, net.ErrClosed
}

func (s *single) Close() error   { close(s.done); return nil }
func (s *single) Addr() net.Addr { return &net.TCPAddr{} }
