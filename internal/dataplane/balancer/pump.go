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

// An uploader is a lane as the pump sees it.
type uploader interface {
	sink
	interrupt() // ends all waiting for the target to take more
	abandon()   // wakes whoever reads the response
}

// A pump sends a request's body to the target while the response is awaited, so
// that a target can answer early and an upload can take its time. It reads no
// faster than the target takes.
type pump struct {
	uploader
	x       *exchange
	ending  atomic.Bool // the last bytes are on their way
	stopped atomic.Bool
	done    chan struct{}
	err     error // valid once done is closed; nil if the whole body was sent
}

func startPump(x *exchange, to uploader) *pump {
	p := &pump{uploader: to, x: x, done: make(chan struct{})}
	go func() {
		defer close(p.done)
		if p.err = p.run(); errors.Is(p.err, errBadBody) {
			to.abandon()
		}
	}()
	return p
}

// run copies the body until its end.
func (p *pump) run() error {
	idle := p.x.table.options.IdleTimeout
	readErr, writeErr := copyBody(p, p.x.body, func() bool {
		p.x.front.extend(idle)
		p.extend(idle)
		return !p.stopped.Load() // after extend, which would undo what stop did to the deadlines
	})
	switch {
	case readErr == nil:
		return writeErr
	case p.stopped.Load():
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

// end notes that the body is over.
func (p *pump) end(trailers []http1.Field) error {
	p.ending.Store(true)
	return p.uploader.end(trailers)
}

// settles is how long a body that is over has to be written: the target may have
// answered it before the writer has come to say so.
const settles = 10 * time.Millisecond

// finished reports whether the whole body was sent.
func (p *pump) finished() bool {
	if p.ending.Load() {
		select {
		case <-p.done:
		case <-time.After(settles):
		}
	}
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
		p.x.front.interrupt()
		p.uploader.interrupt()
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
