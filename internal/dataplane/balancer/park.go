package balancer

import (
	"errors"
	"os"
	"sync/atomic"

	"apex/internal/dataplane/balancer/http1"
)

// parked is how a plain connection is served: its goroutine stays inside one
// raw.Read for as long as requests come whole and without anything that needs to
// wait for more from the client. A request then costs one read and one write on
// either side: nobody reads just to learn that nothing is here yet. Everything
// else leaves raw.Read, and is served by ordinary code over the same connection.
type parked struct {
	inside   bool    // raw.Read is running: reading by other means would wait for ever
	fd       uintptr // valid while inside
	warm     bool    // a request was served before
	pending  *exchange
	ended    bool
	lastLook bool // the time is over; what has arrived is still served

	// For the socket, which looks after idle connections.
	rests  atomic.Uint64 // how often it became idle
	seen   uint64        // rests, a second ago
	looked bool          // since it became idle
}

// stillQuiet reports whether nothing has arrived, not even the end. The poller
// tells of an end that comes together with data only once, and reading the data
// is not enough to see it.
func (c *conn) stillQuiet() bool {
	t, plain := c.stream.(*tcpStream)
	if !plain {
		return true
	}
	is := true
	t.raw.Control(func(fd uintptr) { is = quiet(fd) })
	return is
}

// serveParked answers requests until the connection ends.
func (c *conn) serveParked(t *tcpStream) {
	whenReadable := c.whenReadable
	for !c.ended {
		err := t.raw.Read(whenReadable)
		switch {
		case c.ended:
		case errors.Is(err, os.ErrDeadlineExceeded) && !c.lastLook:
			c.lastLook = true
			c.extend(c.idleTimeout())
		case err != nil:
			return
		case c.pending != nil:
			x := c.pending
			c.pending = nil
			c.ended = !c.finish(x, x.handle())
		default:
			c.ended = !c.next()
		}
	}
}

// whenReadable is called when something may have arrived. It returns false to be
// called again.
func (c *conn) whenReadable(fd uintptr) (leave bool) {
	c.idle.Store(false)
	c.inside, c.fd = true, fd
	leave = c.serveArrived()
	c.inside = false
	return leave
}

// serveArrived serves what has arrived. It reports whether the connection has to
// leave raw.Read: for its end, or for a request that is not whole.
func (c *conn) serveArrived() (leave bool) {
	for drained := false; ; {
		for c.rd.Buffered() > 0 {
			if c.serveBuffered() {
				return true
			}
			drained = c.rd.Drained() && c.warm
			c.warm = true
		}
		if drained {
			c.rest()
			return false
		}
		switch err := c.rd.Fill(); {
		case err == errAgain && !c.lastLook:
			c.rest()
			return false
		case err != nil:
			c.ended = true
			return true
		}
		c.lastLook = false
	}
}

// serveBuffered serves one request if it is here as a whole.
func (c *conn) serveBuffered() (leave bool) {
	x := newExchange(c)
	head, err := c.rd.Head(http1.MaxRequestHead)
	switch {
	case err == errAgain:
		exchanges.Put(x)
		return true
	case err != nil:
		c.ended = !c.finish(x, x.refuseRead(err))
		return c.ended
	case !x.parse(head):
		c.ended = !c.finish(x, false)
		return true
	case !x.atOnce():
		c.pending = x
		return true
	}
	c.ended = !c.finish(x, x.handle())
	return c.ended
}
