package balancer

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"golang.org/x/net/http2"

	"apex/internal/dataplane/balancer/http1"
)

// An h2Lane carries one exchange over a stream of a target's connection.
type h2Lane struct {
	conn   *h2Upstream
	speech Speech
	used   bool

	ctx    context.Context //nolint:containedctx // it is the stream's own, and lives as long
	cancel context.CancelCauseFunc
	limit  *time.Timer // ends the stream when nothing has moved for the idle time
	req    *http.Request
	from   *io.PipeReader // what the pump writes to, of a body that is streamed
	upload *io.PipeWriter
	resp   *http.Response
	body   h2Body
}

func newH2Lane(u *h2Upstream, used bool, s Speech) *h2Lane {
	l := &h2Lane{conn: u, used: used, speech: s}
	l.ctx, l.cancel = context.WithCancelCause(context.Background())
	return l
}

// roundTrip reads the head that would have gone to an HTTP/1.1 target, and sends
// it as HTTP/2 has it.
func (l *h2Lane) roundTrip(x *exchange) (fate, error) {
	idle := x.table.options.IdleTimeout
	l.limit = time.AfterFunc(idle, func() { l.cancel(os.ErrDeadlineExceeded) })
	req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(x.up)))
	if err != nil {
		return unsent, fmt.Errorf("request for target: %w", err)
	}
	l.req = req.WithContext(l.ctx)
	l.req.URL.Scheme, l.req.URL.Host, l.req.RequestURI = "http", l.req.Host, ""
	if l.speech.Secure {
		l.req.URL.Scheme = "https"
	}
	if l.req.Header["User-Agent"] == nil {
		l.req.Header["User-Agent"] = nil // keeps the library from naming itself
	}
	if l.speech.Version == GRPC {
		l.req.Header.Set("Te", "trailers")
	}
	if x.streamed {
		l.from, l.upload = io.Pipe()
		l.req.Body = l.from
		x.pump = startPump(x, l)
	}
	x.note.sentAt = max(time.Since(x.start), 1)
	l.resp, err = l.conn.RoundTrip(l.req)
	if err != nil {
		return fateOf(err), x.pump.fault(l.fault(err))
	}
	l.body = h2Body{from: l.resp.Body, trailer: func() http.Header { return l.resp.Trailer }}
	x.takeResponse(l.resp)
	return sent, nil
}

// fateOf says whether the target can have acted on a request that failed.
func fateOf(err error) fate {
	var refused http2.StreamError
	if errors.As(err, &refused) && refused.Code == http2.ErrCodeRefusedStream {
		return unsent
	}
	return sent
}

// fault says why the stream ended, if we have ended it.
func (l *h2Lane) fault(err error) error {
	if cause := context.Cause(l.ctx); cause != nil {
		return cause
	}
	return err
}

// takeResponse puts a head into resp.
func (x *exchange) takeResponse(from *http.Response) {
	x.resp = http1.Response{
		Status: from.StatusCode, Reason: []byte(http.StatusText(from.StatusCode)), Fields: x.resp.Fields[:0],
		Minor: 1, KeepAlive: true, Framing: http1.Chunked, Length: from.ContentLength,
	}
	switch {
	case x.method == "HEAD" || from.Body == http.NoBody || from.StatusCode == 204 || from.StatusCode == 304:
		x.resp.Framing = http1.NoBody
	case from.ContentLength >= 0:
		x.resp.Framing = http1.Length
	}
	for name, values := range from.Header {
		kind := http1.Other
		if name == "Content-Length" {
			kind = http1.ContentLength
		}
		for _, v := range values {
			x.addField(name, v, kind)
		}
	}
}

func (l *h2Lane) response() body { return &l.body }

func (l *h2Lane) reused() bool { return l.used }

func (l *h2Lane) extend(idle time.Duration) { l.limit.Reset(idle) }

func (l *h2Lane) release(bool) {
	if l.limit != nil {
		l.limit.Stop()
	}
	l.cancel(errStopped) // resets the stream, unless it has ended
	if l.resp != nil {
		l.resp.Body.Close()
	}
	if l.from != nil {
		l.from.CloseWithError(errStopped)
	}
}

func (l *h2Lane) pending() bool { return false }

func (l *h2Lane) data(piece []byte) error {
	_, err := l.upload.Write(piece)
	return err
}

func (l *h2Lane) flush() error { return nil }

// end ends the body. Trailers that the head did not announce are left out.
func (l *h2Lane) end(trailers []http1.Field) error {
	for _, t := range trailers {
		name := http.CanonicalHeaderKey(string(t.Name))
		if _, announced := l.req.Trailer[name]; announced {
			l.req.Trailer[name] = append(l.req.Trailer[name], string(t.Value))
		}
	}
	return l.upload.Close()
}

func (l *h2Lane) interrupt() { l.from.CloseWithError(errStopped) }

// abandon ends all waiting for the target.
func (l *h2Lane) abandon() { l.cancel(errClientGone) }
