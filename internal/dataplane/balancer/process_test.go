package balancer

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"apex/internal/dataplane/supervisor"
)

// launch runs a balancer under a supervisor.
func launch(t testing.TB, dir string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process := filepath.Join(dir, "process")
	t.Cleanup(func() {
		if err := supervisor.Stop(context.Background(), process); err != nil {
			t.Error(err)
		}
	})
	err = supervisor.Apply(t.Context(), supervisor.Spec{
		Name: "balancer", Dir: process, Path: exe, Args: []string{"balancer", dir},
		Restart: true, KeepFiles: true, Executable: exe,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// deepDir is a directory whose path is too long for a socket's.
func deepDir(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), strings.Repeat("deep", 25))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func mustApply(t testing.TB, dir string, cfg Config) State {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	st, err := Apply(ctx, dir, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func awaitState(t testing.TB, dir string, met func(State) bool) State {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var after uint64
	var last State
	for {
		st, err := Watch(ctx, dir, after)
		if err == nil {
			last = st
		}
		switch {
		case err == nil && met(st):
			return st
		case ctx.Err() != nil:
			t.Fatalf("state never came: %+v %v", last, err)
		case err != nil:
			time.Sleep(5 * time.Millisecond) // the process is being replaced
		}
		after = st.Revision
	}
}

func healthy(n int) func(State) bool {
	return func(st State) bool { return countHealth(st, Healthy) == n }
}

// startTarget runs a web server as a process of its own, which can be killed.
func startTarget(t testing.TB, addr netip.AddrPort) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "target", addr.String())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd
}

// load sends GETs over kept connections from several clients until stopped.
type load struct {
	total, failed atomic.Int64
	first         atomic.Pointer[string]
	stop          chan struct{}
	done          sync.WaitGroup
}

func startLoad(addr netip.AddrPort, clients int) *load {
	l := &load{stop: make(chan struct{})}
	for range clients {
		l.done.Go(func() {
			client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for {
				select {
				case <-l.stop:
					return
				default:
					l.one(client, "http://"+addr.String()+"/x")
				}
			}
		})
	}
	return l
}

func (l *load) one(client *http.Client, url string) {
	l.total.Add(1)
	resp, err := client.Get(url)
	fault := ""
	if err != nil {
		fault = err.Error()
	} else {
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 200 {
			fault = resp.Status
		}
	}
	if fault != "" {
		l.failed.Add(1)
		l.first.CompareAndSwap(nil, &fault)
	}
}

// awaitMore waits until n more requests were sent.
func (l *load) awaitMore(n int64) {
	for goal := l.total.Load() + n; l.total.Load() < goal; {
		time.Sleep(time.Millisecond)
	}
}

func (l *load) end(t *testing.T) {
	t.Helper()
	close(l.stop)
	l.done.Wait()
	t.Logf("%d requests, %d failed", l.total.Load(), l.failed.Load())
	if f := l.first.Load(); f != nil {
		t.Errorf("%d of %d requests failed, the first: %s", l.failed.Load(), l.total.Load(), *f)
	}
}

// New targets take over again and again while requests go on: none fails.
func TestSwapUnderLoad(t *testing.T) {
	dir, addr := deepDir(t), freeAddr(t)
	launch(t, dir)
	generation := func() []netip.AddrPort { return []netip.AddrPort{named(t, "x"), named(t, "x")} }
	old := generation()
	mustApply(t, dir, configFor(addr, old...))
	awaitState(t, dir, healthy(2))
	l := startLoad(addr, 8)
	for range 8 {
		l.awaitMore(200)
		fresh := generation()
		mustApply(t, dir, configFor(addr, append(fresh, old...)...))
		awaitState(t, dir, healthy(4))
		cfg := configFor(addr, fresh...)
		for _, a := range old {
			cfg.Groups[0].Targets = append(cfg.Groups[0].Targets, Target{Addr: a, Draining: true, Until: time.Now().Add(time.Minute)})
		}
		mustApply(t, dir, cfg)
		awaitState(t, dir, func(st State) bool {
			a, _ := st.Target("g", old[0])
			b, _ := st.Target("g", old[1])
			return a.Drained && b.Drained
		})
		mustApply(t, dir, configFor(addr, fresh...))
		old = fresh
	}
	l.end(t)
}

// A target that is killed under load costs no GET.
func TestKilledTarget(t *testing.T) {
	dir, addr := deepDir(t), freeAddr(t)
	launch(t, dir)
	doomed := freeAddr(t)
	cmd := startTarget(t, doomed)
	mustApply(t, dir, configFor(addr, named(t, "a"), doomed))
	awaitState(t, dir, healthy(2))
	l := startLoad(addr, 8)
	l.awaitMore(500)
	cmd.Process.Kill()
	awaitState(t, dir, func(st State) bool { return countHealth(st, Unhealthy) == 1 })
	l.awaitMore(500)
	l.end(t)
}

// A balancer that is killed loses the requests it had begun; those that wait at
// its sockets, and all later ones, are served by its next run.
func TestKilledBalancer(t *testing.T) {
	dir, addr := deepDir(t), freeAddr(t)
	launch(t, dir)
	mustApply(t, dir, configFor(addr, named(t, "a")))
	st := awaitState(t, dir, healthy(1))
	freeze(t, st.PID)
	var waiting []net.Conn
	for range 20 {
		c, err := net.Dial("tcp", addr.String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.SetDeadline(time.Now().Add(20 * time.Second))
		io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		waiting = append(waiting, c)
	}
	syscall.Kill(st.PID, syscall.SIGKILL)
	for i, c := range waiting {
		resp, err := http.ReadResponse(bufio.NewReader(c), nil)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("waiting connection %d: %v %v", i, resp, err)
		}
	}
	after := awaitState(t, dir, healthy(1))
	if after.PID == st.PID {
		t.Error("the killed process answers")
	}
}

// freeze stops a process and returns when each of its threads stands still.
func freeze(t *testing.T, pid int) {
	t.Helper()
	syscall.Kill(pid, syscall.SIGSTOP)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(time.Millisecond) {
		threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
		running := slices.ContainsFunc(threads, func(path string) bool {
			stat, _ := os.ReadFile(path)
			return !strings.Contains(string(stat), ") T ")
		})
		if len(threads) > 0 && !running {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("process %d does not stop", pid)
		}
	}
}

// A balancer whose supervisor is killed as well starts from its directory alone.
func TestKilledSupervisor(t *testing.T) {
	dir, addr := deepDir(t), freeAddr(t)
	launch(t, dir)
	mustApply(t, dir, configFor(addr, named(t, "a")))
	awaitState(t, dir, healthy(1))
	seen, err := supervisor.Observe(filepath.Join(dir, "process"))
	if err != nil {
		t.Fatal(err)
	}
	syscall.Kill(seen.Supervisor, syscall.SIGKILL)
	syscall.Kill(seen.PID, syscall.SIGKILL)
	for deadline := time.Now().Add(20 * time.Second); seen.Supervisor != 0; time.Sleep(time.Millisecond) {
		if seen, err = supervisor.Observe(filepath.Join(dir, "process")); err != nil || time.Now().After(deadline) {
			t.Fatalf("supervisor %d lives: %v", seen.Supervisor, err)
		}
	}
	launch(t, dir)
	awaitState(t, dir, func(st State) bool { return healthy(1)(st) && len(st.Unopened()) == 0 })
	if status, body := get(t, fmt.Sprintf("http://%s/", addr)); status != 200 || body != "a" {
		t.Errorf("answer %d %q", status, body)
	}
}

// A port in use is said, and taken once it is free.
func TestPortInUse(t *testing.T) {
	dir := deepDir(t)
	launch(t, dir)
	squatter, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := squatter.Addr().(*net.TCPAddr).AddrPort()
	st := mustApply(t, dir, configFor(addr, named(t, "a")))
	if failed := st.Unopened(); len(failed) != 1 || !strings.Contains(failed[0].Error, "address already in use") {
		t.Fatalf("sockets %+v", st.Sockets)
	}
	squatter.Close()
	awaitState(t, dir, func(st State) bool { return len(st.Unopened()) == 0 && healthy(1)(st) })
	get(t, fmt.Sprintf("http://%s/", addr))
	cfg := configFor(addr)
	cfg.Listeners[0].Host = nil
	mustApply(t, dir, cfg)
	if c, err := net.Dial("tcp", addr.String()); err == nil {
		c.Close()
		t.Error("a closed listener accepts connections")
	}
}

func TestBadConfigIsRefused(t *testing.T) {
	dir := deepDir(t)
	launch(t, dir)
	mustApply(t, dir, configFor(freeAddr(t)))
	cfg := configFor(freeAddr(t))
	cfg.Listeners[0].Default = forwardTo("nowhere")
	if _, err := Apply(t.Context(), dir, cfg); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("error %v", err)
	}
}
