// Command studio serves the CRM's pages. It needs nothing but a port:
// PORT (3000), LOG_LEVEL (info), DRAIN_DELAY (3s), TRUSTED_PROXIES.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"apexai/crm/internal/config"
	"apexai/crm/internal/httpd"
	"apexai/crm/internal/studio"
	"apexai/crm/internal/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "studio:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	c, err := config.LoadStudio(os.Getenv)
	if err != nil {
		return fmt.Errorf("these settings cannot be used:\n%w", err)
	}
	pages, err := studio.New(c.Origins...)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", ":"+strconv.Itoa(c.Port))
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{Level: c.LogLevel}))
	return httpd.Server{
		Handler: web.Logged(log, c.TrustedProxies, pages), DrainDelay: c.DrainDelay, Draining: func() {}, Log: log,
	}.Serve(ctx, listener)
}
