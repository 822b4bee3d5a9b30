package task

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"apex/internal/dataplane/logfile"
	"apex/internal/dataplane/task/container"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "task":
			os.Exit(Main(os.Args[2:]))
		case "task-init":
			os.Exit(container.InitMain(os.Args[2:]))
		case "test-enter":
			os.Exit(enterMain(os.Args[2]))
		case "test-region":
			os.Exit(regionMain())
		}
	}
	code := m.Run()
	if layer, err := image(); err == nil {
		os.RemoveAll(layer)
	}
	os.Exit(code)
}

// image builds the probe once and returns a layer that holds it at /probe.
var image = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "apex-layer-")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "probe"), "./testdata/probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	return dir, os.Chmod(dir, 0o755)
})

var (
	idMutex sync.Mutex
	lastID  int
)

// config returns a task of one essential container "main" that runs the verbs,
// and removes it when the test ends.
func config(t testing.TB, verbs ...string) Config {
	t.Helper()
	idMutex.Lock()
	lastID++
	id := fmt.Sprintf("t%d-%d", os.Getpid(), lastID)
	idMutex.Unlock()
	c := Config{
		ID: id, Dir: filepath.Join(t.TempDir(), id), Hostname: "box", Cgroup: "apex-test-" + id,
		Executable: os.Args[0], SupervisorArgs: []string{"task"}, InitArgs: []string{"task-init"},
		Containers: []Container{essential(t, "main", verbs...)},
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		log, _ := os.ReadFile(filepath.Join(c.Dir, "supervisor.log"))
		if len(log) > 0 {
			t.Logf("supervisor: %s", log)
		}
		if err := Remove(ctx, c.Dir); err != nil {
			t.Error(err)
		}
		left, _ := filepath.Glob("/sys/fs/cgroup/*/" + c.Cgroup)
		if unified, _ := filepath.Glob("/sys/fs/cgroup/" + c.Cgroup); len(left)+len(unified) > 0 {
			t.Errorf("control groups left: %v", left)
		}
	})
	return c
}

func essential(t testing.TB, name string, verbs ...string) Container {
	c := sidecar(t, name, verbs...)
	c.Essential = true
	return c
}

func sidecar(t testing.TB, name string, verbs ...string) Container {
	t.Helper()
	layer, err := image()
	if err != nil {
		t.Fatal(err)
	}
	return Container{
		Name: name, Layers: []string{layer}, StopTimeout: 30 * time.Second,
		Args:   append([]string{"/probe"}, strings.Fields(strings.Join(verbs, " , "))...),
		LogDir: filepath.Join(t.TempDir(), name),
	}
}

// run applies the task and waits for its end.
func run(t *testing.T, c Config) State {
	t.Helper()
	apply(t, c)
	return await(t, c, func(s State) bool { return s.Status == Stopped })
}

func apply(t testing.TB, c Config) {
	t.Helper()
	if err := Apply(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

// await polls Observe, as a region that was told nothing does.
func await(t testing.TB, c Config, holds func(State) bool) State {
	t.Helper()
	var s State
	var err error
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if s, err = Observe(c.Dir); err == nil && holds(s) {
			return s
		}
	}
	t.Fatalf("task never got there: %+v, %v", s, err)
	return s
}

// awaitLog waits until a line of the container's log holds text.
func awaitLog(t *testing.T, c Container, text string) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if strings.Contains(strings.Join(logged(t, c), "\n"), text) {
			return
		}
	}
	t.Fatalf("%s logged %q, never %q", c.Name, logged(t, c), text)
}

// logged returns the lines of a container's log.
func logged(t testing.TB, c Container) []string {
	t.Helper()
	events, _, err := logfile.Read(c.LogDir, logfile.Query{Limit: 100000})
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var lines []string
	for _, e := range events {
		lines = append(lines, string(e.Message))
	}
	return lines
}
