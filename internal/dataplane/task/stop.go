package task

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func stopPath(dir string) string { return filepath.Join(dir, "stop") }

// Stop asks the task to end: each container gets its stop signal, and SIGKILL
// after its timeout. It does not wait. A task that ended, or that never was, is
// no error. One that Apply has only begun ends without running anything.
func Stop(_ context.Context, dir, reason string) error {
	var r record
	if err := readJSON(filepath.Join(dir, "task.json"), &r); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("stop task in %s: %w", dir, err)
	}
	// Written before the look at the state, while a supervisor looks for it after
	// it has written its first: one of the two sees the other.
	if err := writeJSON(stopPath(dir), reason); err != nil {
		return fmt.Errorf("stop task %s: %w", r.ID, err)
	}
	s, err := Observe(dir)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("stop task %s: %w", r.ID, err)
	}
	if err := s.Supervisor.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop task %s: %w", r.ID, err)
	}
	return nil
}

// stopRequest is what Stop wrote, if it did.
func stopRequest(dir string) (reason string, asked bool) {
	err := readJSON(stopPath(dir), &reason)
	return reason, err == nil
}

// Remove ends at once what still runs of the task in dir and deletes all of it:
// processes, control groups and files. A directory that is gone is no error.
func Remove(ctx context.Context, dir string) error {
	var r record
	err := readJSON(filepath.Join(dir, "task.json"), &r)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	unlock, err := evict(ctx, dir)
	if err != nil {
		return fmt.Errorf("remove task %s: %w", r.ID, err)
	}
	defer unlock()
	if r.ID != "" {
		if err := removeGroup(ctx, r); err != nil {
			return fmt.Errorf("remove task %s: %w", r.ID, err)
		}
	}
	return os.RemoveAll(dir)
}

// evict kills the task's supervisor, also one that has the task but has not
// written its state yet, and keeps others out until unlock.
func evict(ctx context.Context, dir string) (unlock func(), err error) {
	for {
		s, err := readState(dir)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, err
		}
		if err := s.Supervisor.End(ctx, syscall.SIGKILL); err != nil {
			return nil, err
		}
		held, err := lock(dir)
		switch {
		case err == nil:
			return func() { unix.Close(held) }, nil
		case errors.Is(err, fs.ErrNotExist):
			return func() {}, nil
		case !errors.Is(err, unix.EWOULDBLOCK):
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("its supervisor does not end: %w", context.Cause(ctx))
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// lock takes the directory for as long as the descriptor is open.
func lock(dir string) (fd int, err error) {
	fd, err = unix.Open(filepath.Join(dir, "lock"), unix.O_CREAT|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return -1, err
	}
	if err := unix.Flock(fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// removeGroup also kills what the supervisor's death has not reached yet.
func removeGroup(ctx context.Context, r record) error {
	group, err := r.group()
	if err != nil {
		return err
	}
	if err := group.Remove(ctx); err != nil {
		return err
	}
	parent, err := record{ID: r.Cgroup}.group()
	parent.Prune() // the last task takes the parent with it
	return err
}
