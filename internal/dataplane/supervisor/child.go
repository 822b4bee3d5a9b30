package supervisor

import (
	"errors"
	"fmt"
	"io"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// drainLog is how long output may still come from processes that hold the pipe
// after their parent, the process itself, has ended.
const drainLog = time.Second

// A child is one run of the process.
type child struct {
	cmd     *exec.Cmd
	process process
	started time.Time
	ended   chan struct{} // closed when it has been waited for
}

// startChild starts the process in the calling thread's namespaces.
func startChild(spec Spec, log io.Writer, keep *shelf) (*child, error) {
	cmd := exec.Command(spec.Path, spec.Args...)
	cmd.Env = append([]string{}, spec.Env...) // not nil, which would inherit ours
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.WaitDelay = drainLog
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if spec.UID != 0 || spec.GID != 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(spec.UID), Gid: uint32(spec.GID)}
	}
	started := func() {}
	if spec.KeepFiles {
		var err error
		if started, err = keep.offer(cmd); err != nil {
			return nil, err
		}
	}
	err := cmd.Start()
	started()
	if err != nil {
		return nil, fmt.Errorf("start process: %w", err)
	}
	return watchChild(cmd)
}

func watchChild(cmd *exec.Cmd) (*child, error) {
	c := &child{cmd: cmd, started: time.Now(), ended: make(chan struct{})}
	// Not waited for yet, so it has its start time even if it has ended.
	start, _, err := readStat(cmd.Process.Pid)
	c.process = process{PID: cmd.Process.Pid, Start: start}
	go c.wait()
	if err != nil {
		c.kill()
		return nil, fmt.Errorf("identify process: %w", err)
	}
	return c, nil
}

// stop ends the run: the signal, and SIGKILL after the timeout.
func (c *child) stop(sig syscall.Signal, timeout time.Duration) {
	_ = c.cmd.Process.Signal(sig) // gone is as good
	select {
	case <-c.ended:
	case <-time.After(timeout):
		c.kill()
	}
}

// wait reaps the process, and before that kills what it left behind in its
// group: until then the group's id cannot belong to anybody else.
func (c *child) wait() {
	defer close(c.ended)
	for {
		err := unix.Waitid(unix.P_PID, c.process.PID, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	_ = unix.Kill(-c.process.PID, unix.SIGKILL)
	_ = c.cmd.Wait() // outcome reads the state
}

func (c *child) kill() {
	_ = c.cmd.Process.Kill()
	<-c.ended
}

// outcome returns the exit code, or -1 and the name of the signal.
func (c *child) outcome() (code int, signal string) {
	state := c.cmd.ProcessState
	if state == nil {
		return -1, ""
	}
	if status, ok := state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return -1, status.Signal().String()
	}
	return state.ExitCode(), ""
}
