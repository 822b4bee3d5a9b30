package task

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apex/internal/dataplane/process"
)

// TestStopAtAnyMoment stops tasks at random moments of their start, from before
// there is a supervisor to after the program waits for the signal.
func TestStopAtAnyMoment(t *testing.T) {
	const tasks = 150
	slots := make(chan struct{}, 8) // more than there are processors
	random := rand.New(rand.NewPCG(1, 2))
	var all sync.WaitGroup
	defer all.Wait()
	for range tasks {
		c := config(t, "await 0")
		delay := time.Duration(random.Int64N(int64(90 * time.Millisecond)))
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			stopAfter(t, c, delay)
		})
	}
}

// stopAfter stops a task so long after its Apply began, in which the region gives
// up, and fails the test if the task had to be killed or never ends.
func stopAfter(t *testing.T, c Config, delay time.Duration) {
	ctx, cancel := context.WithTimeout(t.Context(), delay)
	defer cancel()
	if err := Apply(ctx, c); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	<-ctx.Done()
	if err := Stop(t.Context(), c.Dir, "enough"); err != nil {
		t.Error(err)
	}
	s := await(t, c, func(s State) bool { return s.Status == Stopped })
	if exit := s.Containers[0].Exit; exit != nil && *exit == 137 || s.Cause != CauseRequested || s.Reason != "enough" {
		t.Errorf("stopped after %s: got %+v, want an end by its own", delay, s)
	}
}

// TestStopBeforeTheSupervisor stops a task that a region began to apply, and that
// the next one applies.
func TestStopBeforeTheSupervisor(t *testing.T) {
	c := config(t, "ignore", "sleep 60000")
	beginApply(t, c)
	if err := Stop(t.Context(), c.Dir, "early"); err != nil {
		t.Fatal(err)
	}
	s := run(t, c)
	if s.Cause != CauseRequested || s.Reason != "early" || !s.Containers[0].StartedAt.IsZero() {
		t.Errorf("got %+v, want a task that never ran", s)
	}
}

// beginApply leaves what a region leaves that dies before it starts the supervisor.
func beginApply(t *testing.T, c Config) {
	t.Helper()
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeJSON(filepath.Join(c.Dir, "task.json"), record{c.ID, c.Cgroup}); err != nil {
		t.Fatal(err)
	}
}

func TestStopWhileADependencyIsAwaited(t *testing.T) {
	for _, condition := range []Condition{Complete, Healthy} {
		t.Run(string(condition), func(t *testing.T) {
			t.Parallel()
			c := config(t, "exit 0")
			first := sidecar(t, "first", "await 3")
			first.Health = &HealthCheck{Args: []string{"/probe", "exists", "/nothing"}, Interval: time.Minute}
			c.Containers[0].DependsOn = []Dependency{{"first", condition}}
			c.Containers = append(c.Containers, first)
			apply(t, c)
			awaitLog(t, first, "waiting")
			if err := Stop(t.Context(), c.Dir, "enough"); err != nil {
				t.Fatal(err)
			}
			s := await(t, c, func(s State) bool { return s.Status == Stopped })
			if exit := s.Container("first").Exit; exit == nil || *exit != 3 || !s.Container("main").StartedAt.IsZero() {
				t.Errorf("got %+v, want first ended by the signal and main never run", s)
			}
		})
	}
}

// TestRemoveFindsASupervisorThatBegins has one that has the task already and
// writes its first state while Remove waits for it.
func TestRemoveFindsASupervisorThatBegins(t *testing.T) {
	c := config(t, "exit 0")
	beginApply(t, c)
	held, err := lock(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := Remove(ctx, c.Dir); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("while the supervisor begins: got %v, want the deadline", err)
	}
	supervisor := exec.Command("sleep", "60")
	if err := supervisor.Start(); err != nil {
		t.Fatal(err)
	}
	removed := make(chan error, 1)
	go func() { removed <- Remove(t.Context(), c.Dir) }()
	self, err := process.Identify(supervisor.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	if err := writeJSON(statePath(c.Dir), State{ID: c.ID, Supervisor: self, Status: Pending}); err != nil {
		t.Fatal(err)
	}
	if err := supervisor.Wait(); err == nil {
		t.Error("the supervisor was not killed")
	}
	unix.Close(held) // as the kernel does for the dead
	if err := <-removed; err != nil {
		t.Error(err)
	}
}
