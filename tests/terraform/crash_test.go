package terraform

import (
	"bytes"
	"os"
	"os/exec"
	"testing"

	"apex/internal/regiontest"
)

// crashVars leave out what waits long and adds nothing to a crash.
var crashVars = []string{
	"-var-file=environments/dev.tfvars", "-target=module.network", "-target=module.security", "-target=module.balancer",
	"-target=module.cache", "-target=module.secrets", "-target=module.cluster.aws_ecs_cluster.this",
}

// TestCrash kills the region in the middle of an apply, once so that Terraform
// fails and once so that it may go on, and holds that applying again makes all
// of it, and that destroying leaves nothing: whatever was made is known.
func TestCrash(t *testing.T) {
	needTools(t)
	turn(t, stories)
	r := regiontest.Start(t)
	w := newWorkspace(t, r, exampleFolder, ".")
	w.vars = crashVars

	apply := w.start(t, "AWS_MAX_ATTEMPTS=2")
	apply.await(t, 12)
	r.Kill(t)
	if err := apply.wait(); err == nil {
		t.Fatal("apply succeeded without a region")
	}
	r.StartDaemon(t)

	apply = w.start(t, "AWS_MAX_ATTEMPTS=10")
	apply.await(t, 12)
	r.Kill(t)
	r.StartDaemon(t)
	t.Logf("the apply in which the region was killed and came back: %v", apply.wait())

	made := w.changing(t, "apply")
	t.Logf("%d resources were left to make", len(made.completed("create")))
	w.unchanged(t, "the plan after two crashes")
	w.vars = w.vars[:1] // a targeted destroy would leave what the targets depend on
	w.destroy(t)
	nothingLeft(t, r)
}

// A running is an apply that goes on while the test does something to it.
type running struct {
	cmd  *exec.Cmd
	out  *lines
	done chan error
}

// start begins an apply with more variables in its environment.
func (w *workspace) start(t *testing.T, env ...string) *running {
	t.Helper()
	args := append([]string{"apply", "-auto-approve", "-input=false", "-json"}, w.vars...)
	a := &running{exec.CommandContext(t.Context(), w.tool.terraform, args...), &lines{seen: make(chan string, 1<<16)}, make(chan error, 1)}
	a.cmd.Dir, a.cmd.Env = w.dir, append(w.env, env...)
	a.cmd.Stdout, a.cmd.Stderr = a.out, os.Stderr
	a.cmd.Cancel = func() error { return a.cmd.Process.Signal(os.Interrupt) }
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { a.done <- a.cmd.Wait(); close(a.out.seen) }()
	return a
}

// await returns when so many resources are made.
func (a *running) await(t *testing.T, resources int) {
	t.Helper()
	for line := range a.out.seen {
		if r := parseReport(line); len(r.completed("create")) > 0 {
			if resources--; resources == 0 {
				return
			}
		}
	}
	t.Fatalf("apply ended before so many resources were made: %v", <-a.done)
}

func (a *running) wait() error { return <-a.done }

// lines sends whole lines on.
type lines struct {
	part bytes.Buffer
	seen chan string
}

// Write keeps what has no end yet.
func (l *lines) Write(p []byte) (int, error) {
	l.part.Write(p)
	for {
		at := bytes.IndexByte(l.part.Bytes(), '\n')
		if at < 0 {
			return len(p), nil
		}
		l.seen <- string(l.part.Next(at + 1))
	}
}
