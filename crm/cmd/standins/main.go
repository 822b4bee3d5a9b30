// Command standins runs the development services that take the place of
// outside ones, below /standins/: identity for Firebase Authentication, and
// those that other packages of internal/standins add. It refuses to start
// unless APP_ENV is dev.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"apexai/crm/internal/config"
	"apexai/crm/internal/httpd"
	"apexai/crm/internal/standins"
	"apexai/crm/internal/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "standins:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	c, err := config.LoadStandins(os.Getenv)
	if err != nil {
		return fmt.Errorf("these settings cannot be used:\n%w", err)
	}
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: c.LogLevel}))
	log.Warn("these are stand-ins for outside services, for development only")
	handler, err := standins.Handler(ctx, c, log)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", ":"+strconv.Itoa(c.Port))
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.Handle("/", web.Logged(log, c.TrustedProxies, handler))
	return httpd.Server{Handler: mux, DrainDelay: c.DrainDelay, Draining: func() {}, Log: log}.Serve(ctx, listener)
}
