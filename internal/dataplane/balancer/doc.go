// Package balancer is the region's layer-7 load balancer data plane.
//
// A balancer is two processes. The keeper (Main with a directory) opens
// listening sockets and holds them; its child, the worker, serves one Config at
// a time from them. When the worker dies the keeper starts another at once, and
// connections wait in the kernel's queue meanwhile. The Config is kept in the
// directory, so that a balancer needs nobody to start again.
//
// Apply replaces the Config without closing connections: requests in flight
// finish on the targets they started with. Observe says what is true.
//
// Client connections are served by a goroutine each, with an HTTP/1.1 engine of
// our own (package http1): the head of a request is checked, routed (package
// route), rewritten into one buffer and sent in one write over a pooled
// connection; bodies stream in both directions with back-pressure.
package balancer
