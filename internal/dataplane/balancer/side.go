package balancer

import (
	"io"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

// A body is a message's body as it arrives, piece by piece: an http1.Body, or
// its like in another protocol.
type body interface {
	// Next returns the next piece, a view that lives until the next call. At
	// the end it returns io.EOF; if nothing is here and wait is false,
	// http1.ErrShort.
	Next(wait bool) ([]byte, error)
	// Done reports whether the whole body was read.
	Done() bool
	// Trailers returns the fields after the body; valid when it is done.
	Trailers() []http1.Field
}

// A sink takes a message's body in the protocol of its side. It may gather what
// it is given until flush or end.
type sink interface {
	// extend lets the side live for idle from now on.
	extend(idle time.Duration)
	// pending reports whether something was gathered that is not written yet.
	pending() bool
	data(piece []byte) error
	flush() error
	// end writes all that was gathered and the end of the body.
	end(trailers []http1.Field) error
}

// copyBody passes a body on. What has arrived is written before more is
// awaited, so that events pass at once; no more is read than dst takes. alive is
// called before whatever may wait, and ends the copying by returning false.
func copyBody(dst sink, src body, alive func() bool) (readErr, writeErr error) {
	for alive() {
		piece, err := src.Next(!dst.pending())
		for err == nil && writeErr == nil && len(piece) < direct {
			writeErr = dst.data(piece)
			piece, err = src.Next(false)
		}
		switch {
		case writeErr != nil:
			return nil, writeErr
		case err == nil:
			writeErr = dst.data(piece)
		case err == io.EOF:
			return nil, dst.end(src.Trailers())
		case err == http1.ErrShort:
			writeErr = dst.flush()
		default:
			return err, dst.flush()
		}
		if writeErr != nil {
			return nil, writeErr
		}
	}
	return errStopped, nil
}

const (
	flushAt = 32 << 10 // so much is gathered before it is written
	direct  = 8 << 10  // pieces from this size on are written where they lie
)

// A gatherer is the part of a sink that HTTP/1.1 connections have in common: it
// gathers head and body in one buffer, in chunks if the message needs them.
type gatherer struct {
	to interface {
		writev(a, b []byte) (int, error)
	}
	out    []byte
	chunks bool
}

func (g *gatherer) pending() bool { return len(g.out) > 0 }

func (g *gatherer) data(piece []byte) error {
	switch {
	case g.chunks:
		g.out = http1.AppendChunk(g.out, piece)
	case len(piece) >= direct:
		return g.write(piece)
	default:
		g.out = append(g.out, piece...)
	}
	if len(g.out) >= flushAt {
		return g.flush()
	}
	return nil
}

func (g *gatherer) end(trailers []http1.Field) error {
	if g.chunks {
		g.out = http1.AppendEnd(g.out, trailers)
	}
	return g.flush()
}

func (g *gatherer) flush() error { return g.write(nil) }

// write writes what was gathered, and a piece behind it.
func (g *gatherer) write(piece []byte) error {
	if len(g.out)+len(piece) == 0 {
		return nil
	}
	_, err := g.to.writev(g.out, piece)
	g.out = g.out[:0]
	return err
}
