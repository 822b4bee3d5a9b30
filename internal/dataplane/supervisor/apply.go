package supervisor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
)

// The descriptors that Apply gives a new supervisor.
const (
	readyFD = 3 // a pipe: "ok", or why the process could not be started
	lockFD  = 4 // a copy of the directory's lock
)

const readyOK = "ok"

// Apply makes the process run as the spec says. It returns when the process has
// been started; a process that already runs by the same spec is left alone, one
// that runs by another spec is stopped first. Callers may be many.
func Apply(ctx context.Context, spec Spec) error {
	spec = spec.withDefaults()
	if err := spec.validate(); err != nil {
		return err
	}
	if err := os.MkdirAll(spec.Dir, 0o700); err != nil {
		return fmt.Errorf("supervise %s: %w", spec.Name, err)
	}
	lock, err := lockDir(ctx, spec.Dir)
	if err != nil {
		return fmt.Errorf("supervise %s: %w", spec.Name, err)
	}
	defer lock.Close()
	if err := apply(ctx, spec, lock); err != nil {
		return fmt.Errorf("supervise %s: %w", spec.Name, err)
	}
	return nil
}

func apply(ctx context.Context, spec Spec, lock *os.File) error {
	old, err := readJSON[Spec](specPath(spec.Dir))
	if err != nil {
		return err
	}
	now, err := readJSON[record](statePath(spec.Dir))
	if err != nil {
		return err
	}
	if now.Supervisor.alive() && sameProcess(old, spec) {
		return nil
	}
	if err := end(ctx, now); err != nil {
		return err
	}
	// Not before the old one ended: else a caller that gave up in between would
	// leave the new spec beside the old process.
	if err := writeJSON(specPath(spec.Dir), spec); err != nil {
		return err
	}
	return start(ctx, spec, lock)
}

// start runs a supervisor and waits until it has started the process.
func start(ctx context.Context, spec Spec, lock *os.File) error {
	ready, theirs, err := os.Pipe()
	if err != nil {
		return err
	}
	defer ready.Close()
	cmd := exec.Command(spec.Executable, "supervise", spec.Dir)
	cmd.Env = []string{}
	cmd.Dir = "/"
	cmd.ExtraFiles = []*os.File{theirs, lock} // readyFD, lockFD
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	theirs.Close()
	if err != nil {
		return fmt.Errorf("start supervisor: %w", err)
	}
	// Reaps the supervisor, should it end before its parent: the goroutine is meant
	// to live as long. Once the parent is gone, init does it.
	go func() { _ = cmd.Wait() }()
	if err := awaitReady(ctx, ready); err != nil {
		_ = cmd.Process.Kill() // takes the process with it
		return err
	}
	return nil
}

// awaitReady reads the supervisor's one word.
func awaitReady(ctx context.Context, ready *os.File) error {
	defer context.AfterFunc(ctx, func() { ready.Close() })() // ends the read
	said, err := io.ReadAll(io.LimitReader(ready, 4096))
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("start supervisor: %w", err)
	case len(said) == 0:
		return errors.New("start supervisor: it ended without a word")
	case string(said) != readyOK:
		return errors.New(string(said))
	}
	return nil
}
