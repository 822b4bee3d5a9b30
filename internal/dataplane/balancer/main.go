package balancer

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"
	"time"
)

// grace is how long a worker that is asked to end lets requests finish.
const grace = 5 * time.Second

// workerWord is the second argument that makes Main the worker.
const workerWord = "worker"

// Main runs a balancer in the directory args[0]: the keeper, or with a second
// argument its worker. It returns the exit code.
func Main(args []string) int {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	var err error
	switch {
	case len(args) == 1:
		k := keeper{sockets: map[socketKey]*net.TCPListener{}, log: log}
		err = k.run(ctx, workerCommand)
	case len(args) == 2 && args[1] == workerWord:
		err = work(ctx, args[0], log)
	default:
		err = fmt.Errorf("usage: balancer directory")
	}
	if err != nil {
		log.Error("balancer ended", "error", err)
		return 1
	}
	return 0
}

// workerCommand is this same command with one word more.
func workerCommand() *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", append(os.Args[1:], workerWord)...)
	cmd.Args[0] = os.Args[0]
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	return cmd
}

// work serves until ctx ends or the keeper does. One thread at a time runs Go
// code: hand-overs between threads cost a proxy more than a second one brings.
func work(ctx context.Context, dir string, log *slog.Logger) error {
	runtime.GOMAXPROCS(1)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	link, err := keeperLink()
	if err != nil {
		return err
	}
	cfg, err := loadConfig(dir)
	if err != nil {
		return err
	}
	s := newServer(&keeperClient{link}, log)
	if err := s.apply(cfg); err != nil {
		return err
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

// keeperLink is the socket to the keeper, the first file passed on.
func keeperLink() (*net.UnixConn, error) {
	file := os.NewFile(3, "keeper")
	defer file.Close()
	conn, err := net.FileConn(file)
	if err != nil {
		return nil, fmt.Errorf("keeper: %w", err)
	}
	link, ok := conn.(*net.UnixConn)
	if !ok {
		return nil, fmt.Errorf("keeper: descriptor 3 is no socket")
	}
	return link, nil
}
