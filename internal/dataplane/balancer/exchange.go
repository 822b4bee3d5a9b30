package balancer

import (
	"bytes"
	"errors"
	"sync"
	"time"

	"apex/internal/dataplane/balancer/cookie"
	"apex/internal/dataplane/balancer/http1"
	"apex/internal/dataplane/balancer/route"
)

// An exchange is one request and its response. Once the head has gone to a
// target nothing looks at req's slices again: the body may be read into the
// buffer that they are views of.
type exchange struct {
	conn  *conn
	table *table
	start time.Time
	front front
	http1 http1Front // what front is on an HTTP/1.1 connection

	req      http1.Request
	body     body
	streamed bool // the body is sent apart from the head
	resp     http1.Response
	up       []byte // what goes to the target
	traceIn  piece  // where the trace id stands in up
	note     note
	kind     string // "http", "https", "h2", "grpcs", "ws", "wss"
	version  string // of the protocol: "HTTP/1.1"
	pump     *pump  // sends the body while the response is read

	method string
	// upgrade: a WebSocket is asked for, the one protocol that a request can
	// change to. Passing on others, h2c above all, would carry requests past
	// the rules.
	upgrade     bool
	abandoned   *abandonment // nil if the client's going is seen by writing to it
	acceptsGzip bool
	through     *upstream // to the target of a WebSocket
	alone       bool      // the connections end with it
	committed   bool      // a byte of a response has gone to the client
	group       *group
	stay        stay
	moved       bool             // a transform has set the host
	guarded     bool             // the request went past a login
	added       []http1.Field    // what the target is told of the user
	cookies     []cookie.Setting // what the client is to keep of its login
	target      *target
	tried       []*target
}

var exchanges = sync.Pool{New: func() any { return new(exchange) }}

const keptBuffer = 16 << 10

func (x *exchange) begin(c *conn) {
	*x = exchange{
		conn: c, table: c.socket.table(), start: time.Now(),
		req: http1.Request{Fields: x.req.Fields[:0]}, resp: http1.Response{Fields: x.resp.Fields[:0]},
		up: kept(x.up), tried: x.tried[:0], http1: x.http1,
		note: note{request: x.note.request[:0], rule: noRule},
	}
}

func kept(b []byte) []byte {
	if cap(b) > keptBuffer {
		return nil
	}
	return b[:0]
}

// newExchange returns an exchange for a request on an HTTP/1.1 connection.
func newExchange(c *conn) *exchange {
	x := exchanges.Get().(*exchange)
	x.begin(c)
	x.http1.reset(x, c)
	return x
}

// parse reads the head of an HTTP/1.1 request; false if it was refused.
func (x *exchange) parse(head []byte) bool {
	x.count()
	if err := x.req.Parse(head); err != nil {
		return x.refuse(err)
	}
	x.http1.body.Reset(x.conn.rd, x.req.Framing, x.req.Length)
	x.upgrade = http1.EqualFold(x.req.Upgrade, "websocket")
	return true
}

// atOnce reports whether the request can be served without anything more from
// the client.
func (x *exchange) atOnce() bool {
	return !x.upgrade && (x.req.Framing == http1.NoBody ||
		x.req.Framing == http1.Length && x.req.Length <= int64(x.conn.rd.Buffered()))
}

// handle serves the request in req, whatever protocol it came in: it finds the
// rule and acts on it. It reports whether the client's connection can carry
// another request.
func (x *exchange) handle() bool {
	x.method = methodName(x.req.Method)
	x.noteRequest()
	if x.table == nil {
		return x.answer(503)
	}
	if !x.trusts() {
		x.req.KeepAlive = false
		return x.answer(400)
	}
	if forwardedAddresses(x.req.Fields) > maxForwarded {
		return x.answer(463)
	}
	if answered, again := x.reserved(); answered {
		return again
	}
	x.acceptsGzip = x.table.options.Compression && acceptsGzip(x.req.Fields)
	rule, looked := x.table.rules.Match(&route.Request{
		Method: x.req.Method, Host: x.req.Host, Path: x.req.Path, Query: x.req.Query,
		Fields: x.req.Fields, Source: x.conn.peer.Addr(),
	})
	x.conn.server.stats.evaluations.Add(int64(looked))
	x.note.rule = rule.Priority
	return x.act(rule)
}

// trusts reports whether the request may go on, by its class and the mode. In the
// mode "defensive" an ambiguous one goes on, but is the last on both connections:
// what it may have hidden is never read.
func (x *exchange) trusts() bool {
	if x.req.Class == http1.Compliant {
		return true
	}
	x.conn.server.stats.nonCompliant.Add(1)
	switch x.table.options.Desync {
	case "monitor":
		return true
	case "strictest":
		return false
	}
	if x.req.Class >= http1.Ambiguous {
		x.req.KeepAlive, x.alone = false, true
	}
	return x.req.Class < http1.Severe
}

func (x *exchange) act(rule *route.Rule) bool {
	a := &rule.Action
	if a.Token != nil || a.Login != nil {
		if admitted, again := x.admit(a); !admitted {
			return again
		}
	}
	switch {
	case a.Forward != nil:
		x.did("forward")
		if x.group = x.chooseGroup(a.Forward); x.group == nil {
			return x.answer(503)
		}
		if !x.group.config.Load().Speech.Version.takes(x.version == overHTTP2, x.kind == kindGRPC, x.method) {
			return x.answer(464)
		}
		if err := x.transform(rule); err != nil {
			return x.answer(500)
		}
		x.recall()
		return x.forward()
	case a.Redirect != nil:
		x.did("redirect")
		return x.redirect(a.Redirect)
	default:
		x.did("fixed-response")
		x.conn.server.stats.fixed.Add(1)
		return x.respond(a.Fixed.Status, a.Fixed.ContentType, a.Fixed.Body, "")
	}
}

// transform rewrites what goes to the target as the rule says.
func (x *exchange) transform(rule *route.Rule) error {
	if len(rule.Transforms) == 0 {
		return nil
	}
	host, target, err := rule.Rewrite(x.req.Host, x.req.Target)
	switch {
	case errors.Is(err, route.ErrHost):
		x.note.transform = "TransformInvalidHost"
		return err
	case err != nil:
		x.note.transform = "TransformInvalidPath"
		return err
	}
	if x.moved = !bytes.Equal(host, x.req.Host); x.moved {
		x.note.newHost, x.note.transform = string(host), "TransformSuccess"
	}
	if !bytes.Equal(target, x.req.Target) {
		x.note.newURI, x.note.transform = string(target), "TransformSuccess"
	}
	x.req.Host, x.req.Target = host, target
	x.req.Path, x.req.Query, _ = bytes.Cut(target, []byte("?"))
	return nil
}

// did notes an action for the record.
func (x *exchange) did(action string) {
	if x.note.actions != "" {
		action = x.note.actions + "," + action
	}
	x.note.actions = action
}

// count counts a request that has begun.
func (x *exchange) count() {
	stats := &x.conn.server.stats
	stats.requests.Add(1)
	if x.conn.peer.Addr().Is6() {
		stats.ipv6.Add(1)
	}
	if x.table != nil {
		x.table.stats.requests.Add(1)
	}
}

// methodName returns the method as a string of its own, without allocating for
// the usual ones.
func methodName(m []byte) string {
	switch string(m) {
	case "GET":
		return "GET"
	case "HEAD":
		return "HEAD"
	case "POST":
		return "POST"
	}
	return string(m)
}

// skipBody consumes a body that nobody will read; false if it is not here as a
// whole.
func (x *exchange) skipBody() bool {
	for !x.body.Done() {
		if _, err := x.body.Next(false); err != nil && !x.body.Done() {
			return false
		}
	}
	return true
}

const maxForwarded = 30

// forwardedAddresses counts the addresses in X-Forwarded-For.
func forwardedAddresses(fields []http1.Field) (n int) {
	for i := range fields {
		if fields[i].Kind == http1.ForwardedFor {
			n += bytes.Count(fields[i].Value, []byte(",")) + 1
		}
	}
	return n
}
