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
	u.rd.Shrink()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if copyTunnel(u, x.conn.rd, alive) == nil {
			u.CloseWrite()
			return
		}
		u.Close()
	}()
	if copyTunnel(x.conn, u.rd, alive) == nil {
		x.conn.CloseWrite()
	} else {
		x.conn.shorten(0)
		u.Close()
	}
	<-done
	return false
}

// copyTunnel writes what it reads as it comes; nil at the end of the stream. An
// idle tunnel holds small buffers only.
func copyTunnel(dst io.Writer, src *http1.Reader, alive func()) error {
	for {
		n := src.Buffered()
		if err := writeAll(dst, src.Take(n)); err != nil {
			return err
		}
		if n < http1.SmallBuffer {
			src.Release()
		} else {
			src.Borrow()
		}
		err := src.Fill()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		alive()
	}
}
