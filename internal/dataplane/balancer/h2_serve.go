package balancer

import (
	"context"
	"io"
	"log"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"golang.org/x/net/http2"

	"apex/internal/dataplane/balancer/http1"
)

const (
	maxStreams    = 128    // of a connection at once (AWS's guide, "Listeners")
	maxH2Requests = 10_000 // of a connection in all; then the client is asked to open another
)

// idleGrace is how much longer a connection lives than its streams: it is always
// being read from, and must still carry the answer to a request that timed out.
const idleGrace = 10 * time.Second

// An h2Conn is what a conn has more if it speaks HTTP/2. Its streams are served
// by the library's framing and by exchanges of our own.
type h2Conn struct {
	base     *http.Server // what the library keeps for the connection; it opens no socket
	requests atomic.Int64
}

// serveH2 answers streams until the connection ends.
func (c *conn) serveH2() {
	t := c.socket.table()
	if t == nil {
		return
	}
	c.rd.Release()
	h := &h2Conn{base: &http.Server{MaxHeaderBytes: http1.MaxRequestHead, ErrorLog: log.New(io.Discard, "", 0)}}
	framing := &http2.Server{
		MaxConcurrentStreams: maxStreams, IdleTimeout: t.options.IdleTimeout, PermitProhibitedCipherSuites: true,
	}
	if err := http2.ConfigureServer(h.base, framing); err != nil {
		c.server.log.Error("HTTP/2 not served", "error", err)
		return
	}
	c.h2.Store(h)
	c.extend(t.options.IdleTimeout + idleGrace)
	framing.ServeConn(c, &http2.ServeConnOpts{
		BaseConfig: h.base,
		Handler:    http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { c.serveStream(h, w, r) }),
	})
}

// goAway asks the client to open no further streams, and ends the connection
// when those under way are done.
func (h *h2Conn) goAway() { h.base.Shutdown(context.Background()) }

// serveStream serves one request. A panic ends its stream alone.
func (c *conn) serveStream(h *h2Conn, w http.ResponseWriter, r *http.Request) {
	defer func() {
		if fault := recover(); fault != nil && fault != http.ErrAbortHandler { //nolint:errorlint // it is compared as the library does
			c.server.stats.panics.Add(1)
			c.server.log.Error("request panicked", "fault", fault, "stack", string(debug.Stack()))
			panic(http.ErrAbortHandler)
		} else if fault != nil {
			panic(fault)
		}
	}()
	h.requests.Add(1)
	x := exchanges.Get().(*exchange)
	x.begin(c)
	f := newH2Front(x, h, w, r)
	x.runStream(f)
	x.record()
	broken := f.broken
	exchanges.Put(x) // not after a panic: somebody may still hold it
	if broken {
		panic(http.ErrAbortHandler) // resets the stream
	}
}

// runStream serves the request that came on a stream. Its head goes through the
// same parser as HTTP/1.1's, so that what is refused there is refused here.
func (x *exchange) runStream(f *h2Front) {
	x.count()
	if x.table != nil {
		f.extend(x.table.options.IdleTimeout)
	}
	if f.grpc {
		x.conn.server.stats.grpc.Add(1)
	}
	x.abandoned = &abandonment{}
	stop := context.AfterFunc(f.r.Context(), x.abandoned.happen)
	defer stop()
	if err := x.req.Parse(f.head); err != nil {
		x.refuse(err)
		return
	}
	x.handle()
}
