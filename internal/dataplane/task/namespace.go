package task

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// openNamespace opens a network namespace, or makes one with nothing but a
// loopback interface that lives as long as the descriptor.
func openNamespace(path string) (*os.File, error) {
	if path != "" {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("open network namespace: %w", err)
		}
		return f, nil
	}
	type made struct {
		file *os.File
		err  error
	}
	done := make(chan made, 1)
	go func() {
		runtime.LockOSThread() // and never unlock: the thread is in the new namespace and ends
		file, err := makeNamespace()
		done <- made{file, err}
	}()
	m := <-done
	return m.file, m.err
}

func makeNamespace() (*os.File, error) {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return nil, fmt.Errorf("make network namespace: %w", err)
	}
	if err := loopbackUp(); err != nil {
		return nil, fmt.Errorf("make network namespace: %w", err)
	}
	return os.Open("/proc/thread-self/ns/net")
}

func loopbackUp() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, lo)
}
