package balancer

import (
	"errors"
	"io"
	"sync/atomic"
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
	x       *exchange
	to      uploader
	stopped atomic.Bool
	done    chan struct{}
	err     error // valid once done is closed; nil if the whole body was sent
}

func startPump(x *exchange, to uploader) *pump {
	p := &pump{x: x, to: to, done: make(chan struct{})}
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
	readErr, writeErr := copyBody(p.to, p.x.body, func() bool {
		p.x.front.extend(idle)
		p.to.extend(idle)
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
		p.x.front.interrupt()
		p.to.interrupt()
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
