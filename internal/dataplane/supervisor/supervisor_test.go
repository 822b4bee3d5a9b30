package supervisor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary stand in for apex, and for the processes.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "supervise":
			os.Exit(Main(os.Args[2:]))
		case "hold-listener":
			os.Exit(holdListener(os.Args[2]))
		}
	}
	os.Exit(m.Run())
}

// shell is a spec that runs a script; it is stopped when the test ends.
func shell(t *testing.T, script string) Spec {
	t.Helper()
	spec := Spec{
		Name: "test", Dir: filepath.Join(t.TempDir(), "sv"),
		Path: "/bin/sh", Args: []string{"-c", script}, Env: []string{"PATH=/usr/bin:/bin"},
		StopTimeout: 2 * time.Second,
	}
	return supervised(t, spec)
}

func supervised(t *testing.T, spec Spec) Spec {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	spec.Executable = executable
	t.Cleanup(func() {
		if err := Stop(context.Background(), spec.Dir); err != nil {
			t.Error(err)
		}
	})
	return spec
}

func applied(t *testing.T, spec Spec) State {
	t.Helper()
	if err := Apply(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	return observe(t, spec.Dir)
}

func observe(t *testing.T, dir string) State {
	t.Helper()
	s, err := Observe(dir)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// await waits until the state is as wanted.
func await(t *testing.T, dir, what string, want func(State) bool) State {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for time.Now().Before(deadline) {
		if s := observe(t, dir); want(s) {
			return s
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatalf("never %s: %+v\nlog:\n%s", what, observe(t, dir), logOf(dir))
	return State{}
}

func logOf(dir string) string {
	data, _ := os.ReadFile(filepath.Join(dir, "log"))
	return string(data)
}

func awaitLog(t *testing.T, dir, want string) {
	t.Helper()
	await(t, dir, "logged "+want, func(State) bool { return strings.Contains(logOf(dir), want) })
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("kill %d: %v", pid, err)
	}
}

func TestApplyStartsOnce(t *testing.T) {
	spec := shell(t, "echo begun; exec sleep 1000")
	first := applied(t, spec)
	if !first.Running || first.PID == 0 || first.Supervisor == 0 {
		t.Fatalf("after Apply: %+v", first)
	}
	if again := applied(t, spec); again != first {
		t.Errorf("a second Apply changed the state: %+v, was %+v", again, first)
	}
	if leader, err := syscall.Getpgid(first.Supervisor); err != nil || leader != first.Supervisor {
		t.Errorf("the supervisor is in group %d of another (%v)", leader, err)
	}
	awaitLog(t, spec.Dir, "begun")
}

func TestApplyAnotherSpecRestarts(t *testing.T) {
	spec := shell(t, "exec sleep 1000")
	first := applied(t, spec)
	spec.Args = []string{"-c", "exec sleep 2000"}
	second := applied(t, spec)
	if !second.Running || second.PID == first.PID {
		t.Errorf("state %+v, was %+v", second, first)
	}
	if (process{PID: first.PID}).alive() {
		t.Error("the old process lives")
	}
}

func TestApplyFromManyCallers(t *testing.T) {
	spec := shell(t, "echo begun; exec sleep 1000")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := Apply(t.Context(), spec); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	awaitLog(t, spec.Dir, "begun")
	if n := strings.Count(logOf(spec.Dir), "begun"); n != 1 {
		t.Errorf("started %d times", n)
	}
}

func TestApplyTellsWhatIsWrong(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Spec)
		want   string
	}{
		"no program":   {func(s *Spec) { s.Path = "/nonexistent/program" }, "no such file"},
		"no namespace": {func(s *Spec) { s.Namespace = "/nonexistent/ns" }, "enter network namespace"},
		"no mount":     {func(s *Spec) { s.Mounts = []Mount{{Source: "/nonexistent", Target: "/mnt"}} }, "mount /nonexistent on /mnt"},
		"relative":     {func(s *Spec) { s.Path = "sleep" }, "not an absolute path"},
		"no apex":      {func(s *Spec) { s.Executable = "/nonexistent/apex" }, "start supervisor"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := shell(t, "exec sleep 1000")
			tt.change(&spec)
			err := Apply(t.Context(), spec)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if s := observe(t, spec.Dir); s.Supervisor != 0 || s.PID != 0 {
				t.Errorf("left behind: %+v", s)
			}
		})
	}
}

func TestApplyGivesUpWithItsContext(t *testing.T) {
	spec := shell(t, "exec sleep 1000")
	if err := os.MkdirAll(spec.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	lock, err := lockDir(t.Context(), spec.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Apply(ctx, spec); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestEnvironmentIsTheSpecs(t *testing.T) {
	t.Setenv("SECRET_OF_OURS", "leaked")
	spec := shell(t, "env; echo done; exec sleep 1000")
	spec.Env = append(spec.Env, "ITS_OWN=given")
	applied(t, spec)
	awaitLog(t, spec.Dir, "done")
	if log := logOf(spec.Dir); strings.Contains(log, "leaked") || !strings.Contains(log, "ITS_OWN=given") {
		t.Errorf("environment:\n%s", log)
	}
}

func TestExitIsNoted(t *testing.T) {
	spec := shell(t, "exit 7")
	applied(t, spec)
	s := await(t, spec.Dir, "ended", func(s State) bool { return s.Supervisor == 0 && !s.ExitedAt.IsZero() })
	if s.ExitCode != 7 || s.Signal != "" || s.Running {
		t.Errorf("state %+v", s)
	}
}

func TestKilledProcessIsRestarted(t *testing.T) {
	spec := shell(t, "exec sleep 1000")
	spec.Restart = true
	first := applied(t, spec)
	kill(t, first.PID)
	s := await(t, spec.Dir, "restarted", func(s State) bool { return s.Running && s.PID != first.PID })
	if s.Restarts != 1 || s.ExitCode != -1 || s.Signal != "killed" || s.Supervisor != first.Supervisor {
		t.Errorf("state %+v", s)
	}
}

func TestKilledProcessIsLeftWithoutRestart(t *testing.T) {
	spec := shell(t, "exec sleep 1000")
	first := applied(t, spec)
	kill(t, first.PID)
	await(t, spec.Dir, "ended", func(s State) bool { return s.Supervisor == 0 })
	if s := applied(t, spec); !s.Running || s.PID == first.PID {
		t.Errorf("Apply did not start it again: %+v", s)
	}
}

func TestKilledSupervisorTakesItsProcessAlong(t *testing.T) {
	spec := shell(t, "exec sleep 1000")
	first := applied(t, spec)
	kill(t, first.Supervisor)
	await(t, spec.Dir, "gone", func(s State) bool { return s.Supervisor == 0 && s.PID == 0 })
	if s := applied(t, spec); !s.Running || s.PID == first.PID {
		t.Errorf("Apply did not start both again: %+v", s)
	}
}

func TestGroupEndsWithItsLeader(t *testing.T) {
	spec := shell(t, "sleep 1000 & echo $! > $0.pid; wait")
	spec.Args = append(spec.Args, filepath.Join(t.TempDir(), "child"))
	first := applied(t, spec)
	var grandchild process
	await(t, spec.Dir, "forked", func(State) bool {
		var pid int
		data, _ := os.ReadFile(spec.Args[2] + ".pid")
		_, err := fmt.Sscan(string(data), &pid)
		if err == nil {
			grandchild, err = identify(pid)
		}
		return err == nil
	})
	kill(t, first.PID)
	await(t, spec.Dir, "ended with its group", func(State) bool { return !grandchild.alive() })
}

func TestStop(t *testing.T) {
	for name, tt := range map[string]struct {
		script string
		code   int
		signal string
	}{
		"willing":   {"trap 'exit 3' TERM; echo up; while :; do sleep 0.01; done", 3, ""},
		"by signal": {"echo up; exec sleep 1000", -1, "terminated"},
		"stubborn":  {"trap '' TERM; echo up; while :; do sleep 0.01; done", -1, "killed"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := shell(t, tt.script)
			spec.Restart, spec.StopTimeout = true, 300*time.Millisecond
			applied(t, spec)
			awaitLog(t, spec.Dir, "up")
			if err := Stop(t.Context(), spec.Dir); err != nil {
				t.Fatal(err)
			}
			s := observe(t, spec.Dir)
			if s.Running || s.Supervisor != 0 || s.PID != 0 || s.ExitCode != tt.code || s.Signal != tt.signal {
				t.Errorf("state %+v", s)
			}
			if err := Stop(t.Context(), spec.Dir); err != nil {
				t.Errorf("a second Stop: %v", err)
			}
		})
	}
}

func TestStopWithItsOwnSignal(t *testing.T) {
	spec := shell(t, "trap 'exit 4' INT; trap '' TERM; echo up; while :; do sleep 0.01; done")
	spec.StopSignal = syscall.SIGINT
	applied(t, spec)
	awaitLog(t, spec.Dir, "up")
	if err := Stop(t.Context(), spec.Dir); err != nil {
		t.Fatal(err)
	}
	if s := observe(t, spec.Dir); s.ExitCode != 4 {
		t.Errorf("state %+v", s)
	}
}

func TestStopWhatIsNotThere(t *testing.T) {
	if err := Stop(t.Context(), filepath.Join(t.TempDir(), "none")); err != nil {
		t.Error(err)
	}
	if s := observe(t, filepath.Join(t.TempDir(), "none")); s != (State{}) {
		t.Errorf("state %+v", s)
	}
}

// A state file may name a process id that the system has given to another.
func TestAnotherProcessOfThatIDIsNotOurs(t *testing.T) {
	stranger := exec.Command("sleep", "1000")
	if err := stranger.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Process.Kill(); _ = stranger.Wait() }()
	p, err := identify(stranger.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	p.Start-- // an earlier process
	spec := shell(t, "exec sleep 1000")
	if err := os.MkdirAll(spec.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeJSON(statePath(spec.Dir), record{Supervisor: p, Process: p}); err != nil {
		t.Fatal(err)
	}
	if s := observe(t, spec.Dir); s.PID != 0 || s.Supervisor != 0 {
		t.Errorf("taken for ours: %+v", s)
	}
	if err := Stop(t.Context(), spec.Dir); err != nil {
		t.Fatal(err)
	}
	if _, err := identify(stranger.Process.Pid); err != nil {
		t.Errorf("the stranger was killed: %v", err)
	}
}
