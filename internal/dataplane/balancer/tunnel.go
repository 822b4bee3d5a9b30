package balancer

import (
	"bytes"
	"io"

	"apex/internal/dataplane/balancer/http1"
)

// switchProtocols passes on a 101. What follows is the connection's business
// (serveTunnel), with little on the stack: tunnels last, and are many.
func (x *exchange) switchProtocols(l lane) bool {
	u, plain := l.(*upstream)
	switch {
	case !x.upgrade || !plain:
		l.release(false)
		return x.answer(502)
	case x.front.interim(&x.resp) != nil:
		l.release(false)
		return false
	}
	x.kind = "ws"
	if x.conn.secure != nil {
		x.kind = "wss"
	}
	x.through = u
	return false
}

// serveTunnel passes bytes both ways, until both sides have ended or nothing
// moves for the idle time.
func (c *conn) serveTunnel(x *exchange) {
	x.slim()
	x.tunnel(x.through)
	x.through.release(false)
	x.target.release()
	x.record()
}

// slim lets go of what a tunnel's record does not need.
func (x *exchange) slim() {
	x.req.Fields, x.resp.Fields, x.http1.out = nil, nil, nil
	x.up = bytes.Clone(x.up[x.traceIn.start:x.traceIn.end])
	x.traceIn = piece{0, len(x.up)}
}

// tunnel copies both ways. One side may end its stream and still read the
// other's.
func (x *exchange) tunnel(u *upstream) {
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
