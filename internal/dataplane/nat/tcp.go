package nat

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
)

// ServeTCP carries the connections of a transparent listener until ctx ends,
// then cuts them.
func (g *Gateway) ServeTCP(ctx context.Context, l net.Listener) error {
	return Serve(ctx, l, func(ctx context.Context, inside net.Conn) { g.carry(ctx, inside) })
}

// Serve hands a listener's connections to handle, a bounded number at a time,
// until ctx ends. It returns when every handle has; handle must return when its
// context ends or its connection closes.
func Serve(ctx context.Context, l net.Listener, handle func(context.Context, net.Conn)) error {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var running sync.WaitGroup
	defer running.Wait()
	slots := make(chan struct{}, maxConnections)
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return nil
		}
		conn, err := l.Accept()
		if err != nil {
			if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
				return nil
			}
			return err
		}
		running.Go(func() {
			defer func() { <-slots }()
			defer context.AfterFunc(ctx, func() { conn.Close() })()
			defer conn.Close()
			handle(ctx, conn)
		})
	}
}

func (g *Gateway) carry(ctx context.Context, inside net.Conn) {
	sender, destination := addrPort(inside.RemoteAddr()), addrPort(inside.LocalAddr())
	outside, a, err := g.connect(ctx, sender, destination)
	if err != nil {
		reset(inside)
		g.Log.DebugContext(ctx, "connection refused", "sender", sender, "destination", destination, "reason", err)
		return
	}
	defer context.AfterFunc(ctx, func() { outside.Close() })()
	p := a.enter(inside, outside)
	defer a.leave(p)
	join(inside, outside, func() { a.settle(p) })
}

// connect opens the connection outside, and says on which account it goes.
func (g *Gateway) connect(ctx context.Context, sender, destination netip.AddrPort) (net.Conn, *account, error) {
	source, ok := g.Exit(sender.Addr(), destination)
	if !ok {
		return nil, nil, ErrNoRoute
	}
	a := g.ledger.of(source)
	a.attempts.Add(1)
	conn, err := g.dial(ctx, "tcp4", source, destination)
	return conn, a, err
}

// reset makes the close that follows look like a refusal to the other end.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}
