package balancer

import (
	"io"
	"net/http"
	"sync"

	"apex/internal/dataplane/balancer/http1"
)

// An h2Body is a message's body on an HTTP/2 stream.
type h2Body struct {
	from    io.Reader
	trailer func() http.Header // valid at the end
	buf     []byte
	fault   error // what ended it; io.EOF if it was whole
	got     int64
}

// Next never knows what is here without waiting for it: it is asked again.
func (b *h2Body) Next(wait bool) ([]byte, error) {
	if b.fault != nil {
		return nil, b.fault
	}
	if !wait {
		return nil, http1.ErrShort
	}
	if b.buf == nil {
		b.buf = make([]byte, flushAt)
	}
	for {
		n, err := b.from.Read(b.buf)
		b.fault = err
		b.got += int64(n)
		if n > 0 {
			return b.buf[:n], nil
		}
		if err != nil {
			return nil, err
		}
	}
}

// Done says that nothing needs to be read before the next exchange: streams are
// not in each other's way.
func (b *h2Body) Done() bool { return true }

// Trailers returns the fields after the body.
func (b *h2Body) Trailers() (fields []http1.Field) {
	for name, values := range b.trailer() {
		for _, v := range values {
			fields = append(fields, http1.Field{Name: []byte(name), Value: []byte(v)})
		}
	}
	return fields
}

// An abandonment tells the lane of an exchange that the client has gone.
type abandonment struct {
	mu       sync.Mutex
	happened bool
	lane     lane
}

// happen ends the lane that is in use, and every one after it.
func (a *abandonment) happen() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.happened = true
	if a.lane != nil {
		a.lane.abandon()
	}
}

// watch takes the lane that is used from now on; nil is none.
func (a *abandonment) watch(l lane) {
	if a == nil {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lane = l
	if a.happened && l != nil {
		l.abandon()
	}
}

// over reports whether the client has gone.
func (a *abandonment) over() bool {
	if a == nil {
		return false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.happened
}
