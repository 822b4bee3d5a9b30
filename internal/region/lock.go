package region

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"syscall"
)

// A Running describes the daemon that holds a home.
type Running struct {
	PID  int `json:"pid"`
	Port int `json:"port"`
}

// BusyError says that another process holds the home.
type BusyError struct {
	Dir string
	By  Running
}

// Error names the process that holds the home.
func (e *BusyError) Error() string {
	return fmt.Sprintf("lock %s: process %d runs a region there", e.Dir, e.By.PID)
}

// lock takes the home for this process until the returned file is closed: by
// unlock, or by the kernel when the process dies.
func (h Home) lock() (*os.File, error) {
	if err := os.MkdirAll(h.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the home directory: %w", err)
	}
	f, err := os.OpenFile(h.path("region.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		by := readRunning(f)
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, &BusyError{Dir: h.Dir, By: by}
		}
		return nil, fmt.Errorf("lock %s: %w", h.Dir, err)
	}
	return f, writeRunning(f, Running{PID: os.Getpid(), Port: h.Port})
}

// Daemon returns the process that holds the home, if any does.
func (h Home) Daemon() (Running, bool) {
	f, err := os.Open(h.path("region.lock"))
	if err != nil {
		return Running{}, false
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err == nil {
		return Running{}, false // nobody holds it; closing the file lets go again
	}
	r := readRunning(f)
	return r, r.PID != 0
}

func readRunning(f *os.File) Running {
	var r Running
	b := make([]byte, 256)
	n, _ := f.ReadAt(b, 0)
	if json.Unmarshal(b[:n], &r) != nil {
		return Running{}
	}
	return r
}

func writeRunning(f *os.File, r Running) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(b, 0)
	return err
}
