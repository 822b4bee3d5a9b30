package balancer

import (
	"errors"
	"io"
	"sync/atomic"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

var (
	errBadBody = errors.New("request body: malformed or cut short")
	errStopped = errors.New("request body: no longer wanted")
)

// A pump sends a request's body to the target while the response is awaited, so
// that a target can answer early and an upload can take its time. It reads no
// faster than the target takes.
type pump struct {
	x       *exchange
	to      *upstream
	stopped atomic.Bool
	done    chan struct{}
	err     error // valid once done is closed; nil if the whole body was sent
}

func startPump(x *exchange, u *upstream) *pump {
	p := &pump{x: x, to: u, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		if p.err = p.run(); errors.Is(p.err, errBadBody) {
			u.Close() // wakes the reader of the response
		}
	}()
	return p
}

// run copies the body until its end.
func (p *pump) run() error {
	x, idle := p.x, p.x.table.options.IdleTimeout
	var out []byte
	for {
		x.conn.extend(idle)
		p.to.extend(idle)
		if p.stopped.Load() { // after extend, which would undo what stop did to the deadlines
			return errStopped
		}
		piece, err := x.body.Next(len(out) == 0)
		if err == nil {
			out = x.appendPiece(out, piece)
		}
		ended := err == io.EOF
		if ended && x.req.Framing == http1.Chunked {
			out = http1.AppendEnd(out, x.body.Trailers())
		}
		switch {
		case err == nil && len(out) < flushAt:
			continue
		case err != nil && !ended && !errors.Is(err, http1.ErrShort):
			return p.broken()
		}
		if err := writeAll(p.to, out); err != nil || ended {
			return err
		}
		out = out[:0]
	}
}

func (x *exchange) appendPiece(out, piece []byte) []byte {
	if x.req.Framing == http1.Chunked {
		return http1.AppendChunk(out, piece)
	}
	return append(out, piece...)
}

func (p *pump) broken() error {
	if p.stopped.Load() {
		return errStopped
	}
	return errBadBody
}

func writeAll(w io.Writer, b []byte) error {
	if len(b) == 0 {
		return nil
	}
	_, err := w.Write(b)
	return err
}

// finished reports whether the whole body was sent.
func (p *pump) finished() bool {
	select {
	case <-p.done:
		return p.err == nil
	default:
		return false
	}
}

// stop ends the pump and reports whether it had sent the whole body.
func (p *pump) stop() bool {
	if p == nil {
		return true
	}
	p.stopped.Store(true)
	if !p.finished() {
		p.x.conn.SetReadDeadline(time.Unix(1, 0))
		p.to.SetWriteDeadline(time.Unix(1, 0))
		<-p.done
	}
	return p.err == nil
}

// fault says what really went wrong when reading the response failed: it may be
// that the client's body broke off.
func (p *pump) fault(err error) error {
	if p == nil {
		return err
	}
	p.stop()
	if errors.Is(p.err, errBadBody) {
		return errBadBody
	}
	return err
}
