package task

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"apex/internal/dataplane/process"
)

// regionMain is a region that applies the task on its standard input, says so
// and waits to be killed.
func regionMain() int {
	var c Config
	if err := json.NewDecoder(os.Stdin).Decode(&c); err != nil {
		return 1
	}
	if err := Apply(context.Background(), c); err != nil {
		os.Stdout.WriteString(err.Error() + "\n")
		return 1
	}
	os.Stdout.WriteString("applied\n")
	select {}
}

func TestRegionDiesAndTheTaskLives(t *testing.T) {
	c := config(t, "await 0")
	region := exec.Command(os.Args[0], "test-region")
	in, err := region.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := region.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := region.Start(); err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(in).Encode(c); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "applied\n" {
		t.Fatalf("region: %q, %v", line, err)
	}
	awaitLog(t, c.Containers[0], "waiting")
	before, err := Observe(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	_ = region.Process.Kill()
	_ = region.Wait()
	after, err := Observe(c.Dir)
	if err != nil || after.Status != Running || after.Supervisor != before.Supervisor {
		t.Fatalf("after the region's death: %+v, %v", after, err)
	}
	apply(t, c) // the next region adopts
	if again, _ := Observe(c.Dir); again.Containers[0].PID != before.Containers[0].PID {
		t.Errorf("started again: %+v", again)
	}
	if err := Stop(t.Context(), c.Dir, "done"); err != nil {
		t.Fatal(err)
	}
	s := await(t, c, func(s State) bool { return s.Status == Stopped })
	if *s.Containers[0].Exit != 0 {
		t.Errorf("ended with %+v", s)
	}
}

func TestSupervisorKilledTakesItsContainers(t *testing.T) {
	c := config(t, "await 0")
	apply(t, c)
	awaitLog(t, c.Containers[0], "waiting")
	before, err := Observe(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	main, err := process.Identify(before.Containers[0].PID)
	if err != nil {
		t.Fatal(err)
	}
	if err := before.Supervisor.End(t.Context(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := main.End(t.Context(), 0); err != nil { // waits only
		t.Errorf("container outlived its supervisor: %v", err)
	}
	s, err := Observe(c.Dir)
	if err != nil || s.Status != Stopped || s.Cause != CauseLost || *s.Containers[0].Exit != 137 {
		t.Errorf("got %+v, %v", s, err)
	}
	apply(t, c)
	if s, _ := Observe(c.Dir); s.Status != Stopped {
		t.Errorf("a lost task was started again: %+v", s)
	}
}

func TestHalfMadeDirectory(t *testing.T) {
	c := config(t, "exit 0")
	beginApply(t, c)
	if err := os.WriteFile(filepath.Join(c.Dir, "lock"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s := run(t, c); *s.Containers[0].Exit != 0 {
		t.Errorf("got %+v", s)
	}
}

func TestRemove(t *testing.T) {
	c := config(t, "ignore", "orphan 60000", "sleep 60000")
	apply(t, c)
	awaitLog(t, c.Containers[0], "orphaned")
	for range 2 {
		if err := Remove(t.Context(), c.Dir); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(c.Dir); err == nil {
		t.Error("the directory is there")
	}
}

// TestDeathOfSupervisorIsTold kills a supervisor, which can tell nobody itself.
func TestDeathOfSupervisorIsTold(t *testing.T) {
	c := config(t, "await 0")
	c.Notify = filepath.Join(t.TempDir(), "tasks.sock")
	ctx, cancel := context.WithCancel(t.Context())
	told := make(chan string, 100)
	listening := make(chan error, 1)
	go func() { listening <- Listen(ctx, c.Notify, func(id string) { told <- id }) }()
	defer func() {
		cancel()
		if err := <-listening; err != nil {
			t.Error(err)
		}
	}()
	for _, err := os.Stat(c.Notify); err != nil; _, err = os.Stat(c.Notify) {
		time.Sleep(time.Millisecond)
	}
	apply(t, c)
	s := await(t, c, func(s State) bool { return s.Status == Running })
	for len(told) > 0 {
		<-told
	}
	if err := s.Supervisor.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	late := time.After(30 * time.Second)
	for s.Status != Stopped {
		select {
		case <-told: // the news of a moment ago may come first
		case <-late:
			t.Fatal("nobody was told")
		}
		var err error
		if s, err = Observe(c.Dir); err != nil {
			t.Fatal(err)
		}
	}
	if s.Cause != CauseLost {
		t.Errorf("got %+v", s)
	}
}
