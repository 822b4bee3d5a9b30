package nat

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"
)

var outsideAddress = netip.MustParseAddr("203.0.113.10")

// counting is a gateway on loopback that counts under one address, and the
// address of its listener.
func counting(t *testing.T, dial func(context.Context) (net.Conn, error)) (*Gateway, string) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &Gateway{
		Exit: func(netip.Addr, netip.AddrPort) (netip.Addr, bool) { return outsideAddress, true },
		Dial: func(ctx context.Context, _ string, _ netip.Addr, _ netip.AddrPort) (net.Conn, error) {
			return dial(ctx)
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
	return g, l.Addr().String()
}

// await waits until the counters are as wanted.
func await(t *testing.T, g *Gateway, what string, holds func(Counters) bool) Counters {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		now := g.Counters()[outsideAddress]
		if holds(now) {
			return now
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %+v", what, now)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// A connection is counted while it is open, and what it carried stays counted
// when it has ended.
func TestConnectionIsCounted(t *testing.T) {
	server, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	g, address := counting(t, func(ctx context.Context) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp4", server.Addr().String())
	})
	const asked, answered = 100_000, 3_000_000
	client, err := net.Dial("tcp4", address)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	outside, err := server.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer outside.Close()
	transfer(t, client, outside, asked)
	transfer(t, outside, client, answered)
	open := await(t, g, "while it is open", func(c Counters) bool {
		return c.ToSource.Bytes == answered && c.ToDestination.Bytes == asked
	})
	if open.FromSource.Bytes != asked || open.FromDestination.Bytes != answered {
		t.Errorf("while it is open %+v", open)
	}
	if open.Active != 1 || open.Attempts != 1 || open.Established != 1 {
		t.Errorf("an open connection is counted as %+v", open)
	}
	client.Close()
	outside.Close()
	ended := await(t, g, "its end", func(c Counters) bool { return c.Active == 0 })
	for way, both := range map[string][2]Traffic{
		"from source": {ended.FromSource, {asked, 2}}, "to destination": {ended.ToDestination, {asked, 2}},
		"from destination": {ended.FromDestination, {answered, 2}}, "to source": {ended.ToSource, {answered, 2}},
	} {
		got, want := both[0], both[1]
		if over := got.Bytes - want.Bytes; over < 0 || over > 1 { // the stream's end
			t.Errorf("%s: %d bytes, want %d", way, got.Bytes, want.Bytes)
		}
		if got.Packets < want.Packets || got.Packets > got.Bytes {
			t.Errorf("%s: %d packets of %d bytes", way, got.Packets, got.Bytes)
		}
	}
}

func transfer(t *testing.T, from, to net.Conn, size int64) {
	t.Helper()
	var writing sync.WaitGroup
	writing.Go(func() {
		if _, err := from.Write(make([]byte, size)); err != nil {
			t.Error(err)
		}
	})
	if _, err := io.CopyN(io.Discard, to, size); err != nil {
		t.Error(err)
	}
	writing.Wait()
}

func TestRefusalIsAnAttemptOnly(t *testing.T) {
	g, address := counting(t, func(context.Context) (net.Conn, error) { return nil, ErrRefused })
	if conn, err := net.Dial("tcp4", address); err == nil {
		defer conn.Close()
	}
	got := await(t, g, "the attempt", func(c Counters) bool { return c.Attempts == 1 })
	if got != (Counters{Attempts: 1}) {
		t.Errorf("a refused connection is counted as %+v", got)
	}
}

// The kernel's count of packets has 32 bits.
func TestPacketsGoRound(t *testing.T) {
	a, p := new(account), new(pair)
	a.advance(p, toSource, Traffic{Bytes: 10, Packets: 1<<32 - 1})
	a.advance(p, toSource, Traffic{Bytes: 20, Packets: 4})
	if bytes, packets := a.bytes[toSource].Load(), a.packets[toSource].Load(); bytes != 20 || packets != 1<<32+4 {
		t.Errorf("%d bytes, %d packets", bytes, packets)
	}
}

// A flow that carries nothing for long ends, and is counted; one that is cut is
// not.
func TestIdleFlowIsCounted(t *testing.T) {
	for name, idle := range map[string]bool{"idle": true, "cut": false} {
		t.Run(name, func(t *testing.T) {
			f := &flow{inside: datagrams(t), outside: datagrams(t), account: new(account)}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			f.last.Store(time.Now().UnixNano())
			if idle {
				f.last.Store(time.Now().Add(-flowIdle).UnixNano())
			} else {
				stop()
			}
			f.run(ctx)
			if got := f.account.counters().IdleTimeouts == 1; got != idle {
				t.Errorf("counted: %v", got)
			}
		})
	}
}

func datagrams(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("udp4", "127.0.0.1:9")
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func TestTooManyFlowsAreAPortError(t *testing.T) {
	g, a := new(Gateway), new(account)
	if _, err := g.open(t.Context(), maxFlows, outsideAddress, a, flowKey{}); err == nil {
		t.Fatal("one flow too many was opened")
	}
	if got := a.counters(); got.PortErrors != 1 {
		t.Errorf("counted as %+v", got)
	}
}
