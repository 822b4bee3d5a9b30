package region

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"syscall"
	"time"

	"apex/internal/controller"
	"apex/internal/service/ecs"
)

// shutdownTimeout bounds how long calls in flight may go on once the region is
// told to stop.
const shutdownTimeout = 5 * time.Second

const usage = `Usage: apex region

Serves the region of APEX_HOME in the foreground until it is told to stop; what
it started goes on. "apex up" starts it in the background, "apex down" stops
all of it.
`

// Main is the hidden sub-command `apex region`: it serves the home that the
// environment names until it gets SIGTERM or SIGINT. What it started goes on.
// It takes no arguments: any, --help among them, gets the usage and code 2.
func Main(args []string) int {
	if len(args) > 0 {
		fmt.Fprint(os.Stderr, usage)
		return 2
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	home, err := HomeFromEnv()
	if err == nil {
		err = Run(ctx, home, log)
	}
	if err != nil {
		log.Error("region", "error", err)
		return 1
	}
	return 0
}

// Run serves the home until the context ends.
func Run(ctx context.Context, home Home, log *slog.Logger) error {
	held, err := home.lock()
	if err != nil {
		return err
	}
	defer held.Close()
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(home.Port)))
	if err != nil {
		return fmt.Errorf("listen for AWS calls: %w", err)
	}
	parts, err := build(home, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer parts.store.Close()
	defer parts.metrics.Close()
	defer parts.objects.Close()
	if err := parts.resetAfterBoot(ctx, home); err != nil {
		return errors.Join(err, listener.Close())
	}
	metadata, err := listenUnix(home.path("run", "metadata.sock"))
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	log.Info("region started", "home", home.Dir, "endpoint", home.Endpoint(), "pid", os.Getpid())
	serve(ctx, parts, listener, metadata, log)
	log.Info("region stopped")
	return nil
}

// serve runs servers and controllers until the context ends, and returns when
// all of them have.
func serve(ctx context.Context, p *parts, aws, metadata net.Listener, log *slog.Logger) {
	var wg sync.WaitGroup
	for _, s := range []struct {
		listener net.Listener
		handler  http.Handler
	}{{aws, p.endpoint}, {ecs.AcceptProxied(metadata), p.metadata}} {
		server := &http.Server{
			Handler: s.handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
			MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		}
		wg.Go(func() {
			if err := server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
				log.Error("serve", "address", s.listener.Addr(), "error", err)
			}
		})
		context.AfterFunc(ctx, func() {
			grace, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
			defer cancel()
			if server.Shutdown(grace) != nil {
				server.Close()
			}
		})
	}
	wg.Go(func() { controller.Run(ctx, p.store, log, p.controllers...) })
	wg.Wait()
}

// listenUnix listens on a socket that only the owner can open, in place of one
// that an earlier process left.
func listenUnix(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen for task metadata: %w", err)
	}
	return l, os.Chmod(path, 0o600)
}
