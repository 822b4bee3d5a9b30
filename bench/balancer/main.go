// Command balancer measures what one request costs our balancer, beside nginx,
// HAProxy and Caddy: CPU time of the proxy, user and kernel, per 100,000 requests.
//
// Proxies are measured in rounds, each proxy once in a round and in another order
// in each, and compared within a round: a machine that gets slower for a while
// then spoils the ratios less than the figures. It needs root, nginx, HAProxy,
// Caddy and wrk (scripts/setup.sh bench) and a quiet machine. It prints a table
// for bench/README.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"apex/internal/dataplane/balancer"
	"apex/internal/dataplane/supervisor"
)

func main() {
	if len(os.Args) > 2 {
		switch os.Args[1] { // this binary is also the balancer, its supervisor and the backend
		case "balancer":
			os.Exit(balancer.Main(os.Args[2:]))
		case "supervise":
			os.Exit(supervisor.Main(os.Args[2:]))
		case "backend":
			os.Exit(backend(os.Args[2]))
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A setting is how long and what is measured.
type setting struct {
	rounds  int
	seconds int
	idle    int // connections
	only    string
	dir     string
	targets []netip.AddrPort
}

func run(ctx context.Context) error {
	var s setting
	flag.IntVar(&s.rounds, "rounds", 9, "rounds of each row")
	flag.IntVar(&s.seconds, "seconds", 5, "seconds of load on each proxy in a round")
	flag.IntVar(&s.idle, "idle", 10_000, "idle connections to weigh")
	flag.StringVar(&s.only, "only", "", "measure the rows whose name contains this")
	flag.Parse()
	files, err := raiseFiles()
	if err != nil {
		return err
	}
	s.idle = min(s.idle, files/2-200) // a WebSocket is two of a proxy's files
	if s.dir, err = os.MkdirTemp("", "bench-balancer"); err != nil {
		return err
	}
	defer os.RemoveAll(s.dir)
	os.Chmod(s.dir, 0o755) // nginx's worker may be another user
	p := &processes{dir: s.dir}
	defer p.stop()
	for range 2 {
		addr, err := p.backend()
		if err != nil {
			return err
		}
		s.targets = append(s.targets, addr)
	}
	return s.measure(ctx, p)
}

func (s *setting) measure(ctx context.Context, p *processes) error {
	fmt.Printf("%s, rounds of %d s, %d of them:\n\n", strings.Join(versions(), ", "), s.seconds, s.rounds)
	printHead(os.Stdout)
	for _, r := range rows() {
		if !strings.Contains(r.name, s.only) {
			continue
		}
		if err := s.row(ctx, p, r); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	if strings.Contains("idle", s.only) {
		return s.weigh(ctx, p)
	}
	return nil
}

// row measures one kind of load on all proxies that take part, in rounds.
func (s *setting) row(ctx context.Context, p *processes, r row) error {
	results := make([]result, len(r.proxies))
	var running []*proxy
	defer func() {
		for _, x := range running {
			x.stop()
		}
	}()
	for i, kind := range r.proxies {
		x, err := p.start(ctx, kind, s.targets, r)
		if err != nil {
			return err
		}
		running = append(running, x)
		results[i].name = kind.name
	}
	for round := range s.rounds {
		for i := range running {
			at := (i + round) % len(running)
			sample, err := r.load(ctx, running[at], r, time.Duration(s.seconds)*time.Second)
			if err != nil {
				return fmt.Errorf("%s: %w", running[at].kind.name, err)
			}
			results[at].samples = append(results[at].samples, sample)
		}
	}
	printRow(os.Stdout, r, results)
	return nil
}

// raiseFiles lets this process and its children open as many files as may be,
// and returns how many that is.
func raiseFiles() (int, error) {
	var limit syscall.Rlimit
	wanted := syscall.Rlimit{Cur: 1 << 18, Max: 1 << 18}
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &wanted) == nil {
		return int(wanted.Cur), nil
	}
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("limit of open files: %w", err)
	}
	limit.Cur = limit.Max
	return int(limit.Cur), syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}

func write(dir, name, text string) (string, error) {
	path := filepath.Join(dir, name)
	return path, os.WriteFile(path, []byte(text), 0o644)
}
