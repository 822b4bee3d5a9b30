package balancer

import (
	"errors"
	"io"
	"net"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

const (
	flushAt = 32 << 10 // so much is gathered before it is written
	direct  = 8 << 10  // pieces from this size on are written where they lie
)

// relay sends the response whose head is in resp to the client and gives the
// target's connection back if it can be used again. It reports whether the
// client's can.
func (x *exchange) relay(u *upstream) bool {
	if x.resp.Status == 101 {
		return x.switchProtocols(u)
	}
	sent := x.pump == nil || x.pump.finished()
	keep := x.keepsClient() && sent && !(x.resp.Framing >= http1.Chunked && x.req.Minor == 0)
	x.down = x.appendResponse(x.down[:0], keep)
	x.respBody.Reset(u.rd, x.resp.Framing, x.resp.Length)
	err := x.stream(u)
	sent = x.pump.stop()
	if err == nil && sent && x.resp.KeepAlive && u.rd.Buffered() == 0 {
		u.hold = holdTime(x.resp.Hold)
		x.target.pool.put(u)
	} else {
		u.close()
	}
	switch {
	case errors.Is(err, errClientGone):
		x.conn.server.stats.gone.Add(1)
	case err != nil:
		x.conn.SetLinger(0) // the response is not whole, and the client must see it
	case !keep:
		x.conn.linger()
	}
	return err == nil && keep && sent
}

// holdTime is how long a connection may be kept by a target that closes it
// after the given seconds; a second early, lest a request meets the close.
func holdTime(seconds int) time.Duration {
	if seconds == 0 {
		return 0
	}
	return max(time.Duration(seconds)*time.Second-time.Second, time.Second/2)
}

// stream copies the response's body behind its head. What has arrived is
// written before more is awaited, so that events pass at once.
func (x *exchange) stream(u *upstream) error {
	idle := x.table.options.IdleTimeout
	for {
		x.conn.extend(idle)
		u.extend(idle)
		piece, err := x.respBody.Next(len(x.down) == 0)
		if err == io.EOF {
			if x.chunksDown() {
				x.down = http1.AppendEnd(x.down, x.respBody.Trailers())
			}
			return x.flush(nil)
		}
		switch {
		case err == nil && x.chunksDown():
			x.down = http1.AppendChunk(x.down, piece)
		case err == nil && len(piece) >= direct:
			if err := x.flush(piece); err != nil {
				return err
			}
		case err == nil:
			x.down = append(x.down, piece...)
		case !errors.Is(err, http1.ErrShort):
			x.flush(nil)
			return err
		}
		if len(x.down) >= flushAt || err != nil {
			if err := x.flush(nil); err != nil {
				return err
			}
		}
	}
}

// flush writes what was gathered, and a piece behind it.
func (x *exchange) flush(piece []byte) error {
	x.committed = true
	var err error
	switch {
	case len(piece) == 0:
		err = writeAll(x.conn, x.down)
	case len(x.down) == 0:
		err = writeAll(x.conn, piece)
	default:
		both := net.Buffers{x.down, piece}
		var n int64
		n, err = both.WriteTo(x.conn.TCPConn)
		x.conn.server.stats.sent.Add(n)
	}
	x.down = x.down[:0]
	if err != nil {
		return errClientGone
	}
	return nil
}
