// Package process names processes for good. A pid alone is given out again; with
// the time its process started it is not, so that a supervisor written down
// before a restart of the region is found after it or known to be gone.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// An Identity is one process; the zero Identity is none.
type Identity struct {
	PID   int    `json:"pid,omitempty"`
	Start uint64 `json:"start,omitempty"` // clock ticks after boot, field 22 of /proc/PID/stat
}

// Self identifies the calling process.
func Self() (Identity, error) { return Identify(os.Getpid()) }

// Identify returns the process that has the pid now, or os.ErrProcessDone.
func Identify(pid int) (Identity, error) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH) {
		return Identity{}, fmt.Errorf("identify process %d: %w", pid, os.ErrProcessDone)
	}
	if err != nil {
		return Identity{}, fmt.Errorf("identify process %d: %w", pid, err)
	}
	start, state, err := parseStat(data)
	if err != nil {
		return Identity{}, fmt.Errorf("identify process %d: %w", pid, err)
	}
	if state == 'Z' || state == 'X' {
		return Identity{}, fmt.Errorf("identify process %d: %w", pid, os.ErrProcessDone)
	}
	return Identity{PID: pid, Start: start}, nil
}

// Alive reports whether the process still runs; a zombie does not.
func (i Identity) Alive() bool {
	if i.PID <= 0 {
		return false
	}
	now, err := Identify(i.PID)
	return err == nil && now == i
}

// Signal sends the signal. A process that is gone is no error.
func (i Identity) Signal(sig syscall.Signal) error {
	fd, err := i.open()
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return i.send(fd, sig)
}

// End sends the signal and waits until the process is gone or ctx is done.
func (i Identity) End(ctx context.Context, sig syscall.Signal) error {
	fd, err := i.open()
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := i.send(fd, sig); err != nil {
		return err
	}
	return i.await(ctx, fd)
}

// open returns a pidfd of this process and no later one.
func (i Identity) open() (int, error) {
	if i.PID <= 0 {
		return -1, os.ErrProcessDone
	}
	fd, err := unix.PidfdOpen(i.PID, 0)
	if errors.Is(err, unix.ESRCH) {
		return -1, os.ErrProcessDone
	}
	if err != nil {
		return -1, fmt.Errorf("open process %d: %w", i.PID, err)
	}
	if !i.Alive() { // asked after the open: the descriptor cannot change hands any more
		unix.Close(fd)
		return -1, os.ErrProcessDone
	}
	return fd, nil
}

func (i Identity) send(fd int, sig syscall.Signal) error {
	if err := unix.PidfdSendSignal(fd, sig, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("signal process %d: %w", i.PID, err)
	}
	return nil
}

// pollMillis is how late the end of a context is noticed.
const pollMillis = 50

func (i Identity) await(ctx context.Context, fd int) error {
	for {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, pollMillis)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("wait for process %d: %w", i.PID, err)
		}
		if n > 0 {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("wait for process %d: %w", i.PID, context.Cause(ctx))
		}
	}
}

// parseStat reads state and start time of a /proc/PID/stat line (proc(5)). The
// program's name in parentheses may hold anything, so fields count from its end.
func parseStat(data []byte) (start uint64, state byte, err error) {
	end := bytes.LastIndexByte(data, ')')
	fields := bytes.Fields(data[end+1:])
	const startField = 22 - 3 // the first field after the name is the third
	if end < 0 || len(fields) <= startField {
		return 0, 0, errors.New("stat has too few fields")
	}
	start, err = strconv.ParseUint(string(fields[startField]), 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("start time: %w", err)
	}
	return start, fields[0][0], nil
}
