package balancer

import (
	"io"

	"apex/internal/dataplane/balancer/http1"
)

// switchProtocols passes on a 101 and then bytes both ways, until both sides
// have ended or nothing moves for the idle time.
func (x *exchange) switchProtocols(l lane) bool {
	defer l.release(false)
	u, plain := l.(*upstream)
	if !x.upgrade || !plain {
		return x.answer(502)
	}
	if err := x.front.interim(&x.resp); err != nil {
		return false
	}
	x.kind = "ws"
	if x.conn.secure != nil {
		x.kind = "wss"
	}
	return x.tunnel(u)
}

// tunnel copies both ways. One side may end its stream and still read the
// other's.
func (x *exchange) tunnel(u *upstream) bool {
	idle := x.table.options.IdleTimeout
	alive := func() {
		x.conn.extend(idle)
		u.extend(idle)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if copyTunnel(u, x.conn.rd, &x.conn.lease, alive) == nil {
			u.CloseWrite()
			return
		}
		u.Close()
	}()
	if copyTunnel(x.conn, u.rd, &u.lease, alive) == nil {
		x.conn.CloseWrite()
	} else {
		x.conn.shorten(0)
		u.Close()
	}
	<-done
	return false
}

// copyTunnel writes what it reads as it comes; nil at the end of the stream. An
// idle tunnel holds no buffer.
func copyTunnel(dst io.Writer, src *http1.Reader, from *lease, alive func()) error {
	for {
		n := src.Buffered()
		if err := writeAll(dst, src.Take(n)); err != nil {
			return err
		}
		src.Release()
		err := from.await()
		if err == nil {
			err = fillTunnel(src, n)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		alive()
	}
}

// fillTunnel reads into a buffer that fits what came last.
func fillTunnel(src *http1.Reader, last int) error {
	if last >= http1.SmallBuffer {
		src.Borrow()
	}
	return src.Fill()
}
