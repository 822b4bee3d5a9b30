package task

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"apex/internal/dataplane/task/cgroup"
)

// A record is what outlives a supervisor and the configuration.
type record struct{ ID, Cgroup string }

func (r record) group() (cgroup.Group, error) {
	mounts, err := cgroup.Detect()
	if err != nil {
		return cgroup.Group{}, err
	}
	return mounts.Group(filepath.Join(r.Cgroup, r.ID)), nil
}

// Apply starts the task unless it was started before, running or ended. When it
// returns nil, the supervisor has the task and the region may die.
func Apply(ctx context.Context, c Config) error {
	if err := c.Validate(); err != nil {
		return err
	}
	if _, err := readState(c.Dir); !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fmt.Errorf("apply task %s: %w", c.ID, err)
	}
	if err := writeJSON(filepath.Join(c.Dir, "task.json"), record{c.ID, c.Cgroup}); err != nil {
		return fmt.Errorf("apply task %s: %w", c.ID, err)
	}
	if err := supervise(ctx, c); err != nil {
		return fmt.Errorf("apply task %s: %w", c.ID, err)
	}
	return nil
}

// supervise starts the supervisor and waits until it has written its state.
func supervise(ctx context.Context, c Config) error {
	config, err := json.Marshal(c)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(filepath.Join(c.Dir, "supervisor.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	ready, theirs, err := os.Pipe()
	if err != nil {
		return err
	}
	defer ready.Close()
	cmd := exec.Command(c.Executable, append(c.SupervisorArgs, c.Dir)...)
	cmd.Env = []string{"GOMAXPROCS=1"} // it copies lines and waits: small matters more than fast
	cmd.Stdin = strings.NewReader(string(config))
	cmd.Stderr = log
	cmd.ExtraFiles = []*os.File{theirs}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	theirs.Close()
	if err != nil {
		return fmt.Errorf("start supervisor: %w", err)
	}
	go reapAndTell(cmd, c.Notify, c.ID)
	return awaitReady(ctx, ready)
}

// reapAndTell outlives its caller, so that no zombie stays and that a supervisor's
// death, which it cannot tell itself, is told too.
func reapAndTell(cmd *exec.Cmd, notify, id string) {
	reap(cmd)
	tell(notify, id)
}

// reap waits for the end of a process without a thread that waits: a region has
// hundreds of supervisors.
func reap(cmd *exec.Cmd) {
	if fd, err := unix.PidfdOpen(cmd.Process.Pid, unix.PIDFD_NONBLOCK); err == nil {
		ended := os.NewFile(uintptr(fd), "pidfd")
		if raw, err := ended.SyscallConn(); err == nil {
			_ = raw.Read(func(fd uintptr) bool {
				n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
				return n > 0 || err != nil && !errors.Is(err, unix.EINTR)
			})
		}
		ended.Close()
	}
	_ = cmd.Wait()
}

// readyWord is what a supervisor writes once it has the task; anything else is
// why it has not.
const readyWord = "ready"

func awaitReady(ctx context.Context, ready *os.File) error {
	stop := context.AfterFunc(ctx, func() { ready.Close() })
	defer stop()
	said, err := io.ReadAll(ready)
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("supervisor: %w", err)
	case string(said) == readyWord:
		return nil
	case len(said) == 0:
		return errors.New("supervisor ended before it had the task; see its log")
	}
	return fmt.Errorf("supervisor: %s", said)
}

// Observe tells how the task in dir is. It returns ErrNotFound if none was
// started there.
func Observe(dir string) (State, error) {
	s, err := readState(dir)
	if err != nil || s.Status == Stopped || s.Supervisor.Alive() {
		return s, err
	}
	// It may have written its last state between the two looks.
	if s, err = readState(dir); err != nil || s.Status == Stopped {
		return s, err
	}
	return lost(s), nil
}
