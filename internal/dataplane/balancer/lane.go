package balancer

import (
	"time"

	"apex/internal/dataplane/balancer/http1"
)

// A lane carries one exchange to a target and back: a pooled HTTP/1.1
// connection, or a stream of an HTTP/2 one.
type lane interface {
	// roundTrip sends the request (exchange.up holds the head, and the body if
	// it is not streamed) and reads the head of the final response into
	// exchange.resp. If it fails, fate says how far the request got. A body that
	// is streamed is sent by a pump from then on.
	roundTrip(x *exchange) (fate, error)
	// response returns the body of the response.
	response() body
	// reused reports whether the connection has served requests before, and may
	// have been closed by the target meanwhile.
	reused() bool
	extend(idle time.Duration)
	// abandon ends all waiting for the target, from whatever goroutine.
	abandon()
	// release ends the exchange. clean says that both messages went over as a
	// whole, so that the connection can serve another.
	release(clean bool)
}

// A fate says how far a request got before it failed.
type fate int

const (
	unsent fate = iota // no byte of it was accepted
	sent               // it may have been acted on
)

// roundTrip sends the request and reads the head of the response.
func (u *upstream) roundTrip(x *exchange) (fate, error) {
	u.extend(x.table.options.IdleTimeout)
	if !x.streamed && idempotent(x.method) {
		u.await.begin()
	}
	x.note.sentAt = time.Since(x.start)
	n, err := u.put(x.up, x.streamed)
	switch {
	case err != nil && !u.await.end():
		return sent, errRescued
	case err != nil && n == 0:
		return unsent, err
	case err != nil:
		return sent, err
	}
	if x.streamed {
		u.upload = gatherer{to: u, chunks: x.req.Framing == http1.Chunked}
		x.pump = startPump(x, u)
	}
	err = u.readHead(x)
	switch {
	case !u.await.end():
		return sent, errRescued
	case err != nil:
		return sent, x.pump.fault(err)
	}
	u.hold = holdTime(x.resp.Hold)
	u.keeps = x.resp.KeepAlive
	u.body.Reset(u.rd, x.resp.Framing, x.resp.Length)
	return sent, nil
}

// put writes the request, or what comes before its body.
func (u *upstream) put(b []byte, more bool) (int, error) {
	if t, ok := u.stream.(*tcpStream); ok && !more {
		return t.ask(b)
	}
	return u.Write(b)
}

// readHead reads the head of the final response; interim ones go to the client
// as they come.
func (u *upstream) readHead(x *exchange) error {
	for {
		head, err := u.rd.Head(http1.MaxResponseHead)
		if err != nil {
			return err
		}
		if err := x.resp.Parse(head, x.method); err != nil {
			return err
		}
		if x.resp.Status >= 200 || x.resp.Status == 101 {
			return nil
		}
		if err := x.front.interim(&x.resp); err != nil {
			return err
		}
	}
}

func (u *upstream) response() body { return &u.body }

func (u *upstream) reused() bool { return u.used }

func (u *upstream) release(clean bool) {
	if clean && u.keeps && u.rd.Buffered() == 0 {
		u.target.pool.put(u)
	} else {
		u.close()
	}
}

func (u *upstream) pending() bool                    { return u.upload.pending() }
func (u *upstream) data(piece []byte) error          { return u.upload.data(piece) }
func (u *upstream) flush() error                     { return u.upload.flush() }
func (u *upstream) end(trailers []http1.Field) error { return u.upload.end(trailers) }
func (u *upstream) interrupt()                       { u.SetWriteDeadline(time.Unix(1, 0)) }

// abandon wakes whoever reads the response: it is not wanted any more.
func (u *upstream) abandon() { u.Close() }

// holdTime is how long a connection may be kept by a target that closes it
// after the given seconds; a second early, lest a request meets the close.
func holdTime(seconds int) time.Duration {
	if seconds == 0 {
		return 0
	}
	return max(time.Duration(seconds)*time.Second-time.Second, time.Second/2)
}
