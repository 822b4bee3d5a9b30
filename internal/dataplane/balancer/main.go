package balancer

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// grace is how long a balancer that is asked to end lets requests finish.
const grace = 5 * time.Second

// Main runs the balancer of the directory args[0] and returns the exit code. A
// supervisor that keeps files should run it.
func Main(args []string) int {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if len(args) != 1 {
		log.Error("usage: balancer directory")
		return 2
	}
	if err := run(ctx, args[0], log); err != nil {
		log.Error("balancer ended", "error", err)
		return 1
	}
	return 0
}

// widen lets handshakes run beside requests: their mathematics would hold up
// everything else on the one thread that is best for plain connections.
func (s *server) widen(cfg *Config) {
	if _, secure := cfg.Split(); len(secure.Listeners) > 0 {
		runtime.GOMAXPROCS(runtime.NumCPU())
	}
}

// manyFiles is the most that Linux allows by default; each connection is one.
const manyFiles = 1 << 20

// allowFiles lets the process hold many connections if it may raise its own
// limit.
func allowFiles() {
	limit := syscall.Rlimit{Cur: manyFiles, Max: manyFiles}
	syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}

// run serves until ctx ends. One thread at a time runs Go code: hand-overs
// between threads cost a proxy more than a second one brings.
func run(ctx context.Context, dir string, log *slog.Logger) error {
	runtime.GOMAXPROCS(1)
	allowFiles()
	sockets, err := openShelf()
	if err != nil {
		return err
	}
	cfg, err := loadConfig(dir)
	if err != nil {
		return err
	}
	s := newServer(dir, sockets, log)
	s.widen(&cfg)
	if err := s.apply(cfg); err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	l, err := listenControl(dir)
	if err != nil {
		return err
	}
	control := &http.Server{Handler: s.control(dir), ReadHeaderTimeout: 10 * time.Second}
	go control.Serve(l)
	go s.tend(ctx)
	<-ctx.Done()
	l.Close()
	s.drain(grace)
	control.Close()
	return nil
}
