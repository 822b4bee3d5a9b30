// Package balancer is the region's layer-7 load balancer data plane.
//
// A balancer is one process (Main) under a supervisor that keeps its listening
// sockets: when it dies, the next run finds them open, and connections wait in
// the kernel's queue meanwhile. Its Config is kept in its directory, so that it
// needs nobody to start again.
//
// Apply replaces the Config without closing connections: requests in flight
// finish on the targets they started with. Observe says what is true.
//
// Client connections are served by a goroutine each, with an HTTP/1.1 engine of
// our own (package http1): the head of a request is checked, routed (package
// route), rewritten into one buffer and sent in one write over a pooled
// connection; bodies stream in both directions with back-pressure.
//
// An exchange (one request and its response) knows its two sides as a front (the
// client) and a lane (the target), so that routing, retries, figures and logs are
// the same whatever protocol either side speaks. A client over TLS is a conn whose
// stream is the TLS connection and whose secure says what was agreed on.
package balancer
