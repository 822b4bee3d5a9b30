package balancer

import (
	"errors"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

// A front is the client's side of one exchange, in the client's protocol. The
// exchange routes, chooses targets, retries and counts; the front reads the
// request's body and writes the response. A protocol other than HTTP/1.1 sets
// exchange.front and exchange.body, fills in exchange.req, and calls
// exchange.handle.
type front interface {
	sink
	// keeps reports whether the client's connection can carry another request
	// after this one.
	keeps() bool
	// whole appends the request's body to b if all of it is here, so that it
	// goes with the head and can be sent again.
	whole(b []byte) ([]byte, bool)
	// interrupt ends all waiting for the request's body.
	interrupt()
	// interim passes an interim response on at once: 100, 103, or the 101 that
	// opens a tunnel.
	interim(resp *http1.Response) error
	// begin starts the response. Without keep it is the connection's last one.
	// It reports whether the connection is kept: the framing may forbid it.
	begin(resp *http1.Response, keep bool) bool
	// cut ends a response that is not whole so that the client sees it.
	cut()
	// traffic returns how many bytes the request and the response had, heads
	// included.
	traffic() (received, sent int64)
	// linger closes after a last response in a way that lets the client read it.
	linger()
}

var errClientGone = errors.New("client: gone")

// An http1Front is the front of a request on an HTTP/1.1 connection.
type http1Front struct {
	gatherer
	x    *exchange
	conn *conn
	body http1.Body
	// what the connection had carried before the request
	received, sent int64
}

func (f *http1Front) reset(x *exchange, c *conn) {
	*f = http1Front{gatherer: gatherer{to: f, out: kept(f.out)}, x: x, conn: c, received: c.rd.Consumed(), sent: c.sent}
	x.front, x.body = f, &f.body
	x.kind, x.version = c.scheme(), "HTTP/1.1"
}

func (f *http1Front) extend(idle time.Duration) { f.conn.extend(idle) }

// writev writes to the client and notes that it has begun to get a response.
func (f *http1Front) writev(a, b []byte) (int, error) {
	f.x.committed = true
	n, err := f.conn.writev(a, b)
	if err != nil {
		return n, errClientGone
	}
	return n, nil
}

func (f *http1Front) keeps() bool {
	return f.x.req.KeepAlive && f.conn.mayStay(f.x.table.options.ClientKeepAlive)
}

func (f *http1Front) whole(b []byte) ([]byte, bool) {
	req := &f.x.req
	if req.Framing != http1.Length || req.Length > int64(f.conn.rd.Buffered()) {
		return b, req.Framing == http1.NoBody
	}
	b = append(b, f.conn.rd.Take(int(req.Length))...)
	f.body.Reset(f.conn.rd, http1.NoBody, 0)
	return b, true
}

func (f *http1Front) interrupt() { f.conn.SetReadDeadline(time.Unix(1, 0)) }

// interim writes the head of a response without an end of its own. A client of
// HTTP/1.0 knows none.
func (f *http1Front) interim(resp *http1.Response) error {
	if f.x.req.Minor == 0 {
		return nil
	}
	f.out = http1.AppendStatusLine(f.out[:0], resp.Status, resp.Reason)
	f.out = appendKept(f.out, resp)
	if resp.Status == 101 {
		f.out = append(f.out, "Connection: Upgrade\r\nUpgrade: websocket\r\n"...)
	}
	f.out = append(f.out, '\r', '\n')
	return f.flush()
}

// begin gathers the head. An HTTP/1.0 client cannot read chunks, and gets a body
// of unknown length up to the end of the connection.
func (f *http1Front) begin(resp *http1.Response, keep bool) bool {
	unknown := resp.Framing == http1.Chunked || resp.Framing == http1.UntilClose
	f.chunks = unknown && f.x.req.Minor == 1
	keep = keep && (f.chunks || !unknown)
	f.out = http1.AppendStatusLine(f.out[:0], resp.Status, resp.Reason)
	f.out = appendKept(f.out, resp)
	if f.chunks {
		f.out = append(f.out, "Transfer-Encoding: chunked\r\n"...)
	}
	if keep {
		f.out = append(f.out, "Connection: keep-alive\r\n\r\n"...)
	} else {
		f.out = append(f.out, "Connection: close\r\n\r\n"...)
	}
	return keep
}

// appendKept appends the fields that go on to the client.
func appendKept(b []byte, resp *http1.Response) []byte {
	for i := range resp.Fields {
		f := &resp.Fields[i]
		if resp.Dropped(f) || f.Kind == http1.ContentLength && resp.Framing == http1.Chunked {
			continue
		}
		b = http1.AppendField(b, f.Name, f.Value)
	}
	return b
}

func (f *http1Front) traffic() (received, sent int64) {
	return f.conn.rd.Consumed() - f.received, f.conn.sent - f.sent
}

func (f *http1Front) cut()    { f.conn.spoil() }
func (f *http1Front) linger() { f.conn.lingers = true }
