package mysql

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"apex/internal/dataplane/supervisor"
)

// freezeTimeout bounds how long a backup waits for a server to hold still.
const freezeTimeout = 5 * time.Second

// Backup copies an instance's data, as they are at one moment, to the directory
// to. A new instance may begin with it ([Config.From]). A server that runs is
// held still while its files are copied, as the disk of a Single-AZ instance of
// RDS is; what the copy then lacks, its own recovery mends at its first start.
func Backup(ctx context.Context, dir, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil // it was done before
	}
	if err := backUp(ctx, dir, to); err != nil {
		return fmt.Errorf("back up mysql %s: %w", filepath.Base(dir), err)
	}
	return nil
}

func backUp(ctx context.Context, dir, to string) error {
	unlock, err := lockFile(filepath.Join(dir, "lock"))
	if err != nil {
		return err
	}
	defer unlock()
	process, err := supervisor.Observe(supervisorDir(dir))
	if err != nil {
		return err
	}
	if !process.Running {
		return CopyBackup(filepath.Join(dir, "home"), to)
	}
	return withAdmin(ctx, dir, func(a *admin) error {
		// Tables of engines without a log of their own are written back, if no
		// statement stands in the way; the lock ends with the session.
		waiting, cancel := context.WithTimeout(ctx, freezeTimeout)
		defer cancel()
		_, _ = a.db.ExecContext(waiting, "FLUSH TABLES WITH READ LOCK")
		defer resume(process.PID)
		if err := freeze(process.PID); err != nil {
			return err
		}
		return CopyBackup(filepath.Join(dir, "home"), to)
	})
}

// CopyBackup copies a backup, or the files of a server that holds still.
func CopyBackup(from, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	building := to + ".new"
	if err := os.RemoveAll(building); err != nil { // of one who was killed
		return err
	}
	if err := os.Mkdir(building, 0o700); err != nil {
		return err
	}
	if err := copyTree(filepath.Join(from, "data"), filepath.Join(building, "data"), os.Getuid(), os.Getgid()); err != nil {
		return err
	}
	if err := syncTree(building); err != nil {
		return err
	}
	return os.Rename(building, to)
}

// freeze stops all threads of a process, and waits until they stand.
func freeze(pid int) error {
	if err := unix.Kill(pid, unix.SIGSTOP); err != nil {
		return fmt.Errorf("hold process %d: %w", pid, err)
	}
	for deadline := time.Now().Add(freezeTimeout); ; time.Sleep(time.Millisecond) {
		still, err := stopped(pid)
		if err != nil || still {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("process %d does not hold still", pid)
		}
	}
}

// thaw lets a server go on that a backup held when its process was killed.
func thaw(dir string) error {
	process, err := supervisor.Observe(supervisorDir(dir))
	if err == nil && process.Running {
		resume(process.PID)
	}
	return err
}

func resume(pid int) { _ = unix.Kill(pid, unix.SIGCONT) }

// stopped reports whether no thread of the process runs.
func stopped(pid int) (bool, error) {
	tasks := filepath.Join("/proc", strconv.Itoa(pid), "task")
	threads, err := os.ReadDir(tasks)
	if err != nil {
		return false, err
	}
	for _, thread := range threads {
		line, err := os.ReadFile(filepath.Join(tasks, thread.Name(), "stat"))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return false, err
		}
		if state := threadState(string(line)); state != 'T' && state != 't' && state != 'Z' && state != 'X' {
			return false, nil
		}
	}
	return true, nil
}

// threadState returns the letter after the name in a line of /proc/…/stat; the
// name itself may hold anything.
func threadState(line string) byte {
	i := strings.LastIndexByte(line, ')')
	if i < 0 || i+2 >= len(line) {
		return 0
	}
	return line[i+2]
}
