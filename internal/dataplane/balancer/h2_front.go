package balancer

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

// An h2Front is the front of a request on an HTTP/2 stream.
type h2Front struct {
	x    *exchange
	h2   *h2Conn
	w    http.ResponseWriter
	r    *http.Request
	body h2Body

	head   []byte       // the request's, as HTTP/1.1 would have it
	grpc   bool         // the request's content is gRPC
	dirty  bool         // something was written that may not be on its way
	broken bool         // the response is not whole
	until  atomic.Int64 // in Unix nanoseconds; both directions of the stream move it on
	sent   int64
}

// What records call requests that came over HTTP/2, and their kind if they are
// gRPC.
const (
	overHTTP2 = "HTTP/2.0"
	kindGRPC  = "grpcs"
)

// small is up to which length a request's body is read before a target is
// chosen, so that it can be sent again.
const small = 16 << 10

func newH2Front(x *exchange, h *h2Conn, w http.ResponseWriter, r *http.Request) *h2Front {
	f := &h2Front{x: x, h2: h, w: w, r: r}
	f.until.Store(x.start.Add(time.Second).UnixNano())
	f.grpc = strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")
	f.head = appendHead(nil, r)
	f.body = h2Body{from: r.Body, trailer: func() http.Header { return r.Trailer }}
	x.front, x.body = f, &f.body
	x.kind, x.version = "h2", overHTTP2
	if f.grpc {
		x.kind = kindGRPC
	}
	return f
}

// appendHead writes a request's head as HTTP/1.1 has it. The library has made
// sure that no name or value breaks its line.
func appendHead(b []byte, r *http.Request) []byte {
	b = fmt.Appendf(b, "%s %s HTTP/1.1\r\nHost: %s\r\n", r.Method, r.RequestURI, r.Host)
	for name, values := range r.Header {
		switch name {
		case "Connection", "Keep-Alive", "Proxy-Connection", "Te", "Transfer-Encoding", "Upgrade", "Host", "Content-Length":
			continue // of one hop, or said otherwise
		}
		for _, v := range values {
			b = http1.AppendField(b, []byte(name), []byte(v))
		}
	}
	for name := range r.Trailer {
		b = http1.AppendField(b, []byte("Trailer"), []byte(name))
	}
	switch {
	case r.ContentLength > 0 || r.ContentLength == 0 && r.Header.Get("Content-Length") != "":
		b = append(b, "Content-Length: "+strconv.FormatInt(r.ContentLength, 10)+"\r\n"...)
	case r.ContentLength < 0:
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	}
	return append(b, '\r', '\n')
}

// extend lets the stream live for idle from now on. For its first second the
// connection's own deadline will do.
func (f *h2Front) extend(idle time.Duration) {
	f.x.conn.extend(idle + idleGrace)
	now := time.Now()
	if now.UnixNano() < f.until.Load() {
		return
	}
	until := now.Add(idle / 8)
	f.until.Store(until.UnixNano())
	c := http.NewResponseController(f.w)
	c.SetReadDeadline(until.Add(idle))
	c.SetWriteDeadline(until.Add(idle))
}

func (f *h2Front) keeps() bool {
	return f.x.conn.mayStay(f.x.table.options.ClientKeepAlive) && f.h2.requests.Load() < maxH2Requests
}

func (f *h2Front) whole(b []byte) ([]byte, bool) {
	switch n := f.r.ContentLength; {
	case n == 0:
		return b, true
	case n < 0 || n > small || f.x.req.Expect:
		return b, false
	default:
		start := len(b)
		b = append(b, make([]byte, n)...)
		got, err := io.ReadFull(f.r.Body, b[start:])
		f.body.got += int64(got)
		if err != nil {
			f.body.fault = err
			return b[:start], false
		}
		return b, true
	}
}

func (f *h2Front) interrupt() { f.r.Body.Close() }

// interim passes on what comes before the response. The library says 100 itself
// when the body is read.
func (f *h2Front) interim(resp *http1.Response) error {
	if resp.Status == http.StatusContinue || resp.Status == http.StatusSwitchingProtocols {
		return nil
	}
	f.setFields(resp)
	f.w.WriteHeader(resp.Status)
	clear(f.w.Header())
	f.x.committed = true
	return nil
}

func (f *h2Front) setFields(resp *http1.Response) {
	h := f.w.Header()
	for i := range resp.Fields {
		field := &resp.Fields[i]
		if resp.Dropped(field) || field.Kind == http1.ContentLength && resp.Framing == http1.Chunked {
			continue
		}
		name := http.CanonicalHeaderKey(string(field.Name))
		h[name] = append(h[name], string(field.Value))
		f.sent += int64(len(field.Name) + len(field.Value))
	}
}

// begin writes the head. The connection ends only if it is to, not because of
// this stream's body.
func (f *h2Front) begin(resp *http1.Response, _ bool) bool {
	f.setFields(resp)
	h := f.w.Header()
	if h["Content-Type"] == nil {
		h["Content-Type"] = nil // keeps the library from guessing one
	}
	if h["Date"] == nil {
		h["Date"] = nil
	}
	keep := f.keeps()
	if !keep {
		h.Set("Connection", "close") // the library makes a GOAWAY of it
	}
	f.w.WriteHeader(resp.Status)
	f.x.committed, f.dirty = true, true
	return keep
}

func (f *h2Front) pending() bool { return f.dirty }

func (f *h2Front) data(piece []byte) error {
	f.dirty = true
	n, err := f.w.Write(piece)
	f.sent += int64(n)
	return f.clientFault(err)
}

func (f *h2Front) flush() error {
	f.dirty = false
	return f.clientFault(http.NewResponseController(f.w).Flush())
}

// clientFault says that the client has gone. A body that a response must not
// have is left out.
func (f *h2Front) clientFault(err error) error {
	if err == nil || errors.Is(err, http.ErrBodyNotAllowed) {
		return nil
	}
	return errClientGone
}

func (f *h2Front) end(trailers []http1.Field) error {
	for _, t := range trailers {
		f.w.Header().Add(http.TrailerPrefix+http.CanonicalHeaderKey(string(t.Name)), string(t.Value))
	}
	return f.clientFault(f.r.Context().Err())
}

func (f *h2Front) cut()    { f.broken = true }
func (f *h2Front) linger() {}

func (f *h2Front) traffic() (received, sent int64) {
	return int64(len(f.head)) + f.body.got, f.sent
}
