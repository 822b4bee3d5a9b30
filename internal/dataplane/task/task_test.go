package task

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"apex/internal/dataplane/task/container"
)

func TestTaskRunsToItsEnd(t *testing.T) {
	c := config(t, "env GREETING", "where", "cat /etc/hosts", "cat /etc/resolv.conf", "stderr oops", "exit 7")
	c.Containers[0].Env = []string{"GREETING=hello"}
	c.Address, c.DNS = netip.MustParseAddr("192.0.2.5"), []netip.Addr{netip.MustParseAddr("169.254.169.253")}
	s := run(t, c)
	if s.Cause != CauseEssential || s.Containers[0].Exit == nil || *s.Containers[0].Exit != 7 {
		t.Errorf("got %+v, want code 7 of an essential container", s)
	}
	lines := logged(t, c.Containers[0])
	slices.Sort(lines) // two pipes: the order between stdout and stderr is not kept
	want := []string{
		"127.0.0.1 localhost", "192.0.2.5 box", "env GREETING=hello", "nameserver 169.254.169.253", "ok", "oops", "where / box",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
	apply(t, c) // what ended stays ended
	if again, err := Observe(c.Dir); err != nil || again.Status != Stopped {
		t.Errorf("after a second Apply: %+v, %v", again, err)
	}
}

func TestExits(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Config)
		verbs  string
		want   string
	}{
		"zero":          {nil, "exit 0", "essential exited 0"},
		"signal":        {nil, "die 9", "essential exited 137"},
		"out of memory": {func(c *Config) { c.Memory = 32 }, "eat 256", "essential exited 137 oom"},
		"container out of memory": {func(c *Config) {
			c.Memory, c.Containers[0].Memory = 512, 32
		}, "eat 256", "essential exited 137 oom"},
		"enough memory": {func(c *Config) { c.Memory = 256 }, "eat 32", "essential exited 0"},
		"no command": {
			func(c *Config) { c.Containers[0].Args = []string{"/no/such"} }, "id",
			"could not start CannotStartContainerError: start container: exec /no/such: no such file or directory",
		},
		"no namespace": {
			func(c *Config) { c.Namespace = "/run/netns/not-there" }, "id",
			"could not start open network namespace: open /run/netns/not-there: no such file or directory",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(t, tt.verbs)
			if tt.change != nil {
				tt.change(&c)
			}
			s := run(t, c)
			got := string(s.Cause)
			first := s.Containers[0]
			if first.Exit != nil {
				got += fmt.Sprint(" ", *first.Exit)
			}
			if first.Error != "" {
				got += " " + first.Error
			}
			if first.OOM {
				got += " oom"
			}
			if got != tt.want {
				t.Errorf("got %q, want %q; log %q", got, tt.want, logged(t, c.Containers[0]))
			}
		})
	}
}

func TestStop(t *testing.T) {
	for name, tt := range map[string]struct {
		verbs string
		want  int
	}{
		"handles TERM": {"await 3", 3},
		"ignores TERM": {"ignore,sleep 60000", 137},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := config(t, tt.verbs)
			if tt.want == 137 {
				c.Containers[0].StopTimeout = 300 * time.Millisecond
			}
			apply(t, c)
			awaitLog(t, c.Containers[0], "ing") // waiting, ignoring
			if err := Stop(t.Context(), c.Dir, "because"); err != nil {
				t.Fatal(err)
			}
			s := await(t, c, func(s State) bool { return s.Status == Stopped })
			if *s.Containers[0].Exit != tt.want || s.Cause != CauseRequested || s.Reason != "because" {
				t.Errorf("got %+v, want code %d on request", s, tt.want)
			}
			if err := Stop(t.Context(), c.Dir, "again"); err != nil {
				t.Errorf("stop again: %v", err)
			}
		})
	}
	if err := Stop(t.Context(), t.TempDir(), "nobody there"); err != nil {
		t.Errorf("stop of no task: %v", err)
	}
}

func TestContainersStartAndStopInOrder(t *testing.T) {
	c := config(t, "await 0")
	migrate := sidecar(t, "migrate", "exit 0")
	proxy := sidecar(t, "proxy", "touch /dev/shm/up", "await 0")
	proxy.Health = &HealthCheck{Args: []string{"/probe", "exists", "/dev/shm/up"}, Interval: 20 * time.Millisecond}
	c.Containers[0].DependsOn = []Dependency{{"migrate", Success}, {"proxy", Healthy}}
	c.Containers = append(c.Containers, migrate, proxy)
	apply(t, c)
	awaitLog(t, c.Containers[0], "waiting")
	s := await(t, c, func(s State) bool { return s.Status == Running })
	if s.Container("proxy").Health != HealthOK || s.Container("main").StartedAt.Before(s.Container("migrate").FinishedAt) {
		t.Errorf("main started too early: %+v", s)
	}
	if err := Stop(t.Context(), c.Dir, "enough"); err != nil {
		t.Fatal(err)
	}
	s = await(t, c, func(s State) bool { return s.Status == Stopped })
	if s.Container("proxy").FinishedAt.Before(s.Container("main").FinishedAt) {
		t.Errorf("proxy ended before main, which depends on it: %+v", s)
	}
}

func TestUnmetDependencyEndsTheTask(t *testing.T) {
	c := config(t, "await 0")
	c.Containers[0].DependsOn = []Dependency{{"migrate", Success}}
	c.Containers = append(c.Containers, sidecar(t, "migrate", "exit 1"))
	s := run(t, c)
	if s.Cause != CauseStart || !strings.Contains(s.Reason, "dependency on migrate (SUCCESS): it did not end with code 0") {
		t.Errorf("got %+v", s)
	}
	if !s.Containers[0].StartedAt.IsZero() || s.Containers[0].Exit != nil {
		t.Errorf("main ran: %+v", s.Containers[0])
	}
}

func TestHealth(t *testing.T) {
	c := config(t, "await 0")
	c.Containers[0].Health = &HealthCheck{
		Args: []string{"/probe", "exists", "/dev/shm/ok"}, Interval: 20 * time.Millisecond, Retries: 2,
	}
	apply(t, c)
	await(t, c, func(s State) bool { return s.Containers[0].Health == HealthBad })
	s, _ := Observe(c.Dir)
	if s.Status != Running {
		t.Errorf("an unhealthy container was stopped: who runs the task decides that: %+v", s)
	}
}

func TestContainersShareVolumesAndNetwork(t *testing.T) {
	c := config(t, "dial 127.0.0.1:8080", "cat /shared/x")
	server := sidecar(t, "server", "write /data/x", "listen 127.0.0.1:8080", "touch /dev/shm/up", "await 0")
	server.Health = &HealthCheck{Args: []string{"/probe", "exists", "/dev/shm/up"}, Interval: 20 * time.Millisecond}
	server.Mounts = []Mount{{Source: "scratch", Target: "/data"}}
	c.Containers[0].Mounts = []Mount{{Source: "scratch", Target: "/shared", ReadOnly: true}}
	c.Containers[0].DependsOn = []Dependency{{"server", Healthy}}
	c.Containers = append(c.Containers, server)
	run(t, c)
	if diff := cmp.Diff([]string{"dialed", "x"}, logged(t, c.Containers[0])); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}
}

func TestOutputIsWhole(t *testing.T) {
	c := config(t, "lines 20000", "long 600000", "partial end-without-newline")
	run(t, c)
	lines := logged(t, c.Containers[0])
	if len(lines) != 20000+1+3+1 {
		t.Fatalf("got %d lines", len(lines))
	}
	if got := len(lines[20001]) + len(lines[20002]) + len(lines[20003]); got != 600000 {
		t.Errorf("the long line has %d bytes", got)
	}
	if got := lines[len(lines)-1]; got != "end-without-newline" {
		t.Errorf("last line %q", got)
	}
}

func TestForkBombIsBounded(t *testing.T) {
	c := config(t, "fork 100")
	c.PIDs = 40
	s := run(t, c)
	lines := strings.Join(logged(t, c.Containers[0]), "\n")
	if s.Cause != CauseEssential || strings.Contains(lines, "forked 100") {
		t.Errorf("got %+v, log %q", s, lines)
	}
}

// The quota is small, as on a busy machine one of a quarter CPU may not be met.
func TestCPUIsAQuota(t *testing.T) {
	c := config(t, "spin 120000")
	c.CPU = 64
	apply(t, c)
	var stats Stats
	await(t, c, func(State) bool {
		var err error
		stats, err = ReadStats(c.Dir)
		return err == nil && stats.Task.Throttled > 0 && stats.Containers["main"].CPU > 0
	})
	if main := stats.Containers["main"]; main.CPU > stats.Task.CPU || main.Memory == 0 {
		t.Errorf("stats of main %+v, of the task %+v", main, stats.Task)
	}
}

func TestNotify(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("long", 30), "tasks.sock")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan string, 100)
	listening := make(chan error, 1)
	go func() { listening <- Listen(ctx, path, func(id string) { told <- id }) }()
	for _, err := os.Stat(path); err != nil; _, err = os.Stat(path) {
		time.Sleep(time.Millisecond)
	}
	c := config(t, "exit 0")
	c.Notify = path
	apply(t, c)
	for stopped := false; !stopped; {
		if id := <-told; id != c.ID {
			t.Fatalf("told of %q", id)
		}
		s, err := Observe(c.Dir)
		stopped = err == nil && s.Status == Stopped
	}
	cancel()
	if err := <-listening; err != nil {
		t.Error(err)
	}
}

func TestApplyRefuses(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"id":          func(c *Config) { c.ID = "../x" },
		"directory":   func(c *Config) { c.Dir = "relative" },
		"no cgroup":   func(c *Config) { c.Cgroup = "" },
		"empty":       func(c *Config) { c.Containers = nil },
		"twice":       func(c *Config) { c.Containers = append(c.Containers, c.Containers[0]) },
		"inessential": func(c *Config) { c.Containers[0].Essential = false },
		"itself":      func(c *Config) { c.Containers[0].DependsOn = []Dependency{{"main", Start}} },
		"unknown":     func(c *Config) { c.Containers[0].DependsOn = []Dependency{{"other", Start}} },
		"no check": func(c *Config) {
			c.Containers[0].DependsOn = []Dependency{{"side", Healthy}}
			c.Containers = append(c.Containers, Container{Name: "side"})
		},
		"executable": func(c *Config) { c.Executable = "/no/such" },
	} {
		t.Run(name, func(t *testing.T) {
			c := config(t, "id")
			change(&c)
			if err := Apply(t.Context(), c); err == nil {
				t.Error("applied")
			}
			if _, err := Observe(c.Dir); c.Dir != "relative" && !errors.Is(err, ErrNotFound) {
				t.Errorf("observe: %v", err)
			}
		})
	}
}

func TestRestartPolicy(t *testing.T) {
	c := config(t, "await 0")
	for name, policy := range map[string]RestartPolicy{
		"again": {}, "ignored": {Ignored: []int{3}}, "tooSoon": {Period: time.Hour},
	} {
		s := sidecar(t, name, "touch /tmp/here", "exit 3")
		s.Restart = &policy
		c.Containers = append(c.Containers, s)
	}
	apply(t, c)
	s := await(t, c, func(s State) bool {
		return s.Container("again").Restarts > 2 && s.Container("ignored").Status == Stopped && s.Container("tooSoon").Status == Stopped
	})
	for _, name := range []string{"ignored", "tooSoon"} {
		if one := s.Container(name); one.Restarts != 0 || one.Exit == nil || *one.Exit != 3 {
			t.Errorf("%s: %+v", name, one)
		}
	}
	if err := Stop(t.Context(), c.Dir, "test"); err != nil {
		t.Fatal(err)
	}
	if s := await(t, c, func(s State) bool { return s.Status == Stopped }); s.Cause != CauseRequested {
		t.Errorf("a task that was stopped among restarts: %+v", s)
	}
}

func TestSysctls(t *testing.T) {
	c := config(t, "cat /proc/sys/net/ipv4/tcp_keepalive_time", "write /proc/sys/net/ipv4/tcp_keepalive_time", "exit 0")
	c.Containers[0].Sysctls = []container.Sysctl{{Name: "net.ipv4.tcp_keepalive_time", Value: "77"}}
	run(t, c)
	got := logged(t, c.Containers[0])
	if len(got) < 2 || got[0] != "77" || !strings.HasPrefix(got[1], "error") {
		t.Errorf("logged %q", got)
	}
	c = config(t, "exit 0")
	c.Containers[0].Sysctls = []container.Sysctl{{Name: "kernel.panic", Value: "1"}}
	if s := run(t, c); s.Cause != CauseStart || !strings.Contains(s.Reason, "kernel.panic") {
		t.Errorf("a parameter of the host: %+v", s)
	}
}
