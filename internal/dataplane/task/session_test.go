package task

import (
	"context"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// open returns a running task whose containers may be entered.
func open(t *testing.T, change func(*Container)) Config {
	t.Helper()
	c := config(t, "await 0")
	c.Sessions = true
	c.Containers[0].Env = []string{"WHO=main"}
	if change != nil {
		change(&c.Containers[0])
	}
	apply(t, c)
	await(t, c, func(s State) bool { return s.Status == Running })
	return c
}

func enter(t *testing.T, c Config, verbs ...string) *Session {
	t.Helper()
	s, err := Enter(t.Context(), c.Dir, "main", append([]string{"/probe"}, strings.Fields(strings.Join(verbs, " , "))...), 24, 80)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func TestEnter(t *testing.T) {
	c := open(t, func(c *Container) { c.User, c.ReadonlyRoot = "1234", true })
	s := enter(t, c, "id", "env WHO", "env TERM", "where", "window", "field /proc/self/status NoNewPrivs", "read", "window", "exit 7")
	if err := s.Resize(40, 120); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(s, "hello\n"); err != nil {
		t.Fatal(err)
	}
	printed, err := io.ReadAll(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"id 0 0", "env WHO=main", "env TERM=xterm-256color", "where / box", "NoNewPrivs 1", "read hello", "window 40 120 true"} {
		if !strings.Contains(string(printed), want) {
			t.Errorf("printed %q, not %q", printed, want)
		}
	}
	if exit, err := s.Wait(); err != nil || exit.Code != 7 {
		t.Errorf("exit: %+v, %v; want 7", exit, err)
	}
	if state, err := Observe(c.Dir); err != nil || state.Status != Running {
		t.Errorf("the task after a session: %+v, %v", state, err)
	}
}

func TestEnterSaysWhyNot(t *testing.T) {
	c := open(t, nil)
	for name, want := range map[string]string{"main": "/bin/nothing", "other": "it does not run"} {
		if _, err := Enter(t.Context(), c.Dir, name, []string{"/bin/nothing"}, 24, 80); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
		}
	}
	closed := config(t, "await 0")
	apply(t, closed)
	if _, err := Enter(t.Context(), closed.Dir, "main", []string{"/probe"}, 24, 80); err == nil {
		t.Error("a task without sessions lets in")
	}
}

// TestSessionEndsWithItsHolder kills the process that entered, as a region may be
// killed: the program must go and the task stay.
func TestSessionEndsWithItsHolder(t *testing.T) {
	c := open(t, nil)
	holder := exec.Command(os.Args[0], "test-enter", c.Dir)
	out, err := holder.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := holder.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	pids := func() int64 {
		stats, err := ReadStats(c.Dir)
		if err != nil {
			t.Fatal(err)
		}
		return stats.Task.PIDs
	}
	with := pids()
	_ = holder.Process.Kill()
	_ = holder.Wait()
	for end := time.Now().Add(30 * time.Second); pids() >= with; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d processes and threads with the session, %d after its holder died", with, pids())
		}
	}
	if state, err := Observe(c.Dir); err != nil || state.Status != Running {
		t.Errorf("the task after the session: %+v, %v", state, err)
	}
}

// enterMain holds a session with a program that nothing but SIGKILL ends.
func enterMain(dir string) int {
	s, err := Enter(context.Background(), dir, "main", []string{"/probe", "nohup", ",", "sleep", "600000"}, 24, 80)
	if err != nil {
		return 1
	}
	if _, err := s.Read(make([]byte, 100)); err != nil {
		return 1
	}
	os.Stdout.WriteString("x")
	_ = syscall.Pause()
	return 0
}
