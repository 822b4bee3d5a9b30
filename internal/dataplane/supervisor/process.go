package supervisor

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

// A process names a process for good: the start time tells it from a later one
// that the system gave the same id.
type process struct {
	PID   int    `json:"pid,omitempty"`
	Start uint64 `json:"start,omitempty"` // clock ticks after boot, /proc/PID/stat field 22
}

// identify returns the process that has the id now.
func identify(pid int) (process, error) {
	start, state, err := readStat(pid)
	if err != nil {
		return process{}, err
	}
	if state == 'Z' || state == 'X' {
		return process{}, fmt.Errorf("process %d: %w", pid, os.ErrProcessDone)
	}
	return process{PID: pid, Start: start}, nil
}

// alive reports whether the process still runs; a zombie does not.
func (p process) alive() bool {
	if p.PID <= 0 {
		return false
	}
	now, err := identify(p.PID)
	return err == nil && now == p
}

// open returns a pidfd of the process, or os.ErrProcessDone.
func (p process) open() (int, error) {
	if p.PID <= 0 {
		return -1, os.ErrProcessDone
	}
	fd, err := unix.PidfdOpen(p.PID, 0)
	if errors.Is(err, unix.ESRCH) {
		return -1, os.ErrProcessDone
	}
	if err != nil {
		return -1, fmt.Errorf("open process %d: %w", p.PID, err)
	}
	if !p.alive() { // looked at after the open, so the descriptor is of this one
		unix.Close(fd)
		return -1, os.ErrProcessDone
	}
	return fd, nil
}

// end sends the signal and waits until the process is gone or ctx is done.
func (p process) end(ctx context.Context, sig syscall.Signal) error {
	fd, err := p.open()
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	if err := unix.PidfdSendSignal(fd, sig, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("signal process %d: %w", p.PID, err)
	}
	return awaitExit(ctx, fd)
}

// awaitExit waits until the pidfd's process has ended.
func awaitExit(ctx context.Context, fd int) error {
	const pollMillis = 50 // how late a done ctx is noticed
	for {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
		n, err := unix.Poll(fds, pollMillis)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return fmt.Errorf("wait for process: %w", err)
		}
		if n > 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("wait for process: %w", err)
		}
	}
}

func readStat(pid int) (start uint64, state byte, err error) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0, 0, err
	}
	return parseStat(data)
}

// parseStat reads the state and the start time of a /proc/PID/stat line. The
// program's name in parentheses may hold anything, so fields count from its end.
func parseStat(data []byte) (start uint64, state byte, err error) {
	end := bytes.LastIndexByte(data, ')')
	fields := bytes.Fields(data[end+1:])
	const startField = 22 - 3 // the fields after the name begin with the third
	if end < 0 || len(fields) <= startField {
		return 0, 0, errors.New("parse process stat: too few fields")
	}
	start, err = strconv.ParseUint(string(fields[startField]), 10, 64)
	if err != nil {
		return 0, 0, fmt.Errorf("parse process stat: start time: %w", err)
	}
	return start, fields[0][0], nil
}
