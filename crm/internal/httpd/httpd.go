// Package httpd runs an HTTP server behind a load balancer, and stops it
// without failing a request.
package httpd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"apexai/crm/internal/problem"
)

// A Server serves one handler on one listener.
type Server struct {
	Handler    http.Handler
	DrainDelay time.Duration // how long the balancer may go on sending after it was told
	Draining   func()        // called when the end begins: health turns bad
	Log        *slog.Logger
}

const (
	headerWithin = 5 * time.Second
	// The balancer must be the one to close idle connections, or it may send
	// a request on one that is closing; its own limit is 60 s.
	idleFor      = 75 * time.Second
	finishWithin = 15 * time.Second
	// Requests that run still so long before finishWithin are ended, so that
	// they can say so: streams, which would be cut otherwise.
	lastWords = 3 * time.Second
	maxHeader = 32 << 10
)

// Serve answers requests until ctx ends; then it says that it is draining,
// goes on for DrainDelay while asking clients to leave, and waits for the
// requests that are still running.
func (s Server) Serve(ctx context.Context, listener net.Listener) error {
	var draining atomic.Bool
	requests, end := context.WithCancelCause(context.WithoutCancel(ctx))
	defer end(nil)
	server := &http.Server{
		BaseContext:       func(net.Listener) context.Context { return requests },
		Handler:           closing(&draining, paced(usual, s.Handler)),
		ReadHeaderTimeout: headerWithin,
		IdleTimeout:       idleFor,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug), // clients that hang up, mostly
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	s.Log.Info("listening", "address", listener.Addr().String())
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	draining.Store(true)
	s.Draining()
	s.Log.Info("draining", "for", s.DrainDelay.String())
	time.Sleep(s.DrainDelay)
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), finishWithin)
	defer cancel()
	defer time.AfterFunc(finishWithin-lastWords, func() { end(problem.Unavailable("the server restarts; ask again", nil)) }).Stop()
	err := server.Shutdown(limited)
	if served := <-served; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	s.Log.Info("stopped")
	return err
}

// closing asks clients, while draining, to use another connection next.
// Closing idle ones at once would race with requests on their way.
func closing(draining *atomic.Bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
