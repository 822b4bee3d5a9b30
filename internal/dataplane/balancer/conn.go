package balancer

import (
	"errors"
	"io"
	"net/netip"
	"os"
	"runtime/debug"
	"sync/atomic"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

// A conn serves one client's connection.
type conn struct {
	lease
	server  *server
	socket  *socket
	secure  *security // what TLS agreed on; nil on a plain connection
	turn    uint32    // which of several nodes its requests go out from
	peer    netip.AddrPort
	rd      *http1.Reader
	opened  time.Time
	id      [2]uint64   // random
	sent    int64       // bytes; one goroutine at a time writes
	idle    atomic.Bool // between requests
	leaving atomic.Bool // no further request is wanted
	lingers bool        // the client is to be let read its last response
	parked
	tunnelled *exchange              // whose connections carry a WebSocket from now on
	h2        atomic.Pointer[h2Conn] // nil on a connection of HTTP/1.1
}

// Read counts what the client sent.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.readSome(b)
	c.server.stats.received.Add(int64(n))
	return n, err
}

// Write counts what the client was sent.
func (c *conn) Write(b []byte) (int, error) {
	n, err := c.stream.Write(b)
	c.count(n)
	return n, err
}

func (c *conn) readSome(b []byte) (int, error) {
	if c.inside {
		return readFD(c.fd, b)
	}
	return c.stream.Read(b)
}

// writev counts what the client was sent.
func (c *conn) writev(a, b []byte) (int, error) {
	n, err := c.lease.writev(a, b)
	c.count(n)
	return n, err
}

func (c *conn) count(sent int) {
	c.sent += int64(sent)
	c.server.stats.sent.Add(int64(sent))
}

// scheme is the protocol in the client's URLs.
func (c *conn) scheme() string {
	if c.secure != nil {
		return "https"
	}
	return "http"
}

// shown returns the name that a client asked for and the certificate it was
// shown.
func (c *conn) shown() (sni, certificate string) {
	if c.secure == nil {
		return "", ""
	}
	return c.secure.sni, c.secure.certificate
}

// mayStay reports whether the connection can carry another request: it is not
// asked to end, and not older than limit.
func (c *conn) mayStay(limit time.Duration) bool {
	return !c.leaving.Load() && time.Since(c.opened) < limit
}

// serve answers requests until the connection ends. A panic ends this
// connection alone.
func (c *conn) serve() {
	defer c.Close()
	defer func() {
		if fault := recover(); fault != nil {
			c.server.stats.panics.Add(1)
			c.server.log.Error("request panicked", "fault", fault, "stack", string(debug.Stack()))
		}
	}()
	if !c.protect() {
		return
	}
	if c.secure != nil && c.secure.protocol == "h2" {
		c.serveH2()
		return
	}
	if t, plain := c.stream.(*tcpStream); plain {
		c.serveParked(t)
	} else {
		for c.next() {
		}
	}
	switch {
	case c.tunnelled != nil:
		c.serveTunnel(c.tunnelled)
	case c.lingers:
		c.linger()
	}
}

// lastCall is how long an idle connection that is to end waits for one more
// request, to answer it with the news.
const lastCall = time.Second

// leave asks the connection to end with its next response; if it stays idle,
// soon.
func (c *conn) leave() {
	c.leaving.Store(true)
	if h := c.h2.Load(); h != nil {
		h.goAway()
		return
	}
	if c.idle.Load() {
		c.shorten(lastCall)
	}
}

// next serves one request and reports whether another may follow.
func (c *conn) next() bool {
	if !c.awaitRequest() {
		return false
	}
	c.extend(c.idleTimeout())
	x := newExchange(c)
	head, err := c.rd.Head(http1.MaxRequestHead)
	if err != nil {
		return c.finish(x, x.refuseRead(err))
	}
	return c.finish(x, x.parse(head) && x.handle())
}

// finish ends an exchange and passes on whether another may follow.
func (c *conn) finish(x *exchange, again bool) bool {
	if x.through != nil {
		c.tunnelled = x
		return false
	}
	x.record()
	exchanges.Put(x) // not after a panic: somebody may still hold it
	return again
}

func (c *conn) idleTimeout() time.Duration { return c.socket.table().options.IdleTimeout }

// awaitRequest waits for the first byte of a request.
func (c *conn) awaitRequest() bool {
	if c.rd.Buffered() > 0 {
		return true
	}
	c.rest()
	err := c.rd.Fill()
	c.idle.Store(false)
	return err == nil
}

// rest makes the connection ready to be idle.
func (c *conn) rest() {
	c.rd.Release()
	c.rests.Add(1)
	c.idle.Store(true)
	if c.leaving.Load() {
		c.shorten(lastCall)
		return
	}
	c.extend(c.idleTimeout())
}

// refuseRead answers a request whose head could not be read.
func (x *exchange) refuseRead(err error) bool {
	var bad *http1.Error
	switch {
	case errors.As(err, &bad):
		return x.refuse(bad)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return x.answer(408)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return x.answer(400)
	}
	return false
}

// linger closes in a way that lets the client read our last answer: closing
// with unread bytes would reset the connection and may destroy it.
func (c *conn) linger() {
	c.CloseWrite()
	c.shorten(time.Second)
	c.rd.Borrow()
	for range 16 {
		c.rd.Take(c.rd.Buffered())
		if c.rd.Fill() != nil {
			return
		}
	}
}
