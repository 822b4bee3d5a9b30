package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"apex/internal/region"
)

// lockChanges lets one process at a time change what runs in a home. The kernel
// lets go of the lock when the process ends, however it ends.
func lockChanges(home region.Home) (*os.File, error) {
	if err := os.MkdirAll(home.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the home directory: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(home.Dir, "up.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", home.Dir, err)
		}
		return nil, hinted(fmt.Errorf("change %s: process %s does so already", home.Dir, holder(f)),
			"wait for it to end, or interrupt it: what it has done stays, and the next up goes on from there")
	}
	if err := f.Truncate(0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if _, err := f.WriteAt([]byte(strconv.Itoa(os.Getpid())), 0); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func holder(f *os.File) string {
	b := make([]byte, 32)
	n, _ := f.ReadAt(b, 0)
	if pid := strings.TrimSpace(string(b[:n])); pid != "" {
		return pid
	}
	return "unknown"
}
