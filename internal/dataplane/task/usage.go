package task

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// DiskUsage returns the bytes on disk of what the task in dir wrote: over its
// images, and into the volumes of its own. A task that is gone uses nothing.
func DiskUsage(dir string) (int64, error) {
	var total int64
	for _, part := range []string{"containers", "volumes"} {
		err := filepath.WalkDir(filepath.Join(dir, part), func(_ string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) { // it went while we looked
				return nil
			}
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return nil
			}
			if stat, ok := info.Sys().(*syscall.Stat_t); ok && info.Mode().IsRegular() {
				total += stat.Blocks * 512
			}
			return nil
		})
		if err != nil {
			return 0, fmt.Errorf("measure disk usage: %w", err)
		}
	}
	return total, nil
}

// MachineCPU returns the time that all CPUs together have had since the machine
// started, busy or idle.
func MachineCPU() (time.Duration, error) {
	f, err := os.Open("/proc/stat")
	if err != nil {
		return 0, fmt.Errorf("read CPU time: %w", err)
	}
	defer f.Close()
	text := make([]byte, 512)
	n, err := f.Read(text)
	if err != nil {
		return 0, fmt.Errorf("read CPU time: %w", err)
	}
	line, _, _ := bytes.Cut(text[:n], []byte("\n"))
	var ticks int64
	for i, field := range bytes.Fields(line) {
		if i >= 1 && i <= 8 { // user to steal; what follows is counted in user
			one, err := strconv.ParseInt(string(field), 10, 64)
			if err != nil {
				return 0, fmt.Errorf("read CPU time: %w", err)
			}
			ticks += one
		}
	}
	return time.Duration(ticks) * (time.Second / clockTicks), nil
}

// clockTicks is the kernel's USER_HZ, 100 on every architecture of Linux.
const clockTicks = 100
