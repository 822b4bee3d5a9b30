package nat

import (
	"context"
	"errors"
	"net"
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
	outside, err := g.exit(ctx, "tcp4", sender, destination)
	if err != nil {
		reset(inside)
		g.Log.DebugContext(ctx, "connection refused", "sender", sender, "destination", destination, "reason", err)
		return
	}
	defer context.AfterFunc(ctx, func() { outside.Close() })()
	Join(inside, outside)
}

// reset makes the close that follows look like a refusal to the other end.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}
