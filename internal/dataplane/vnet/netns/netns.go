// Package netns makes, enters and removes named network namespaces.
//
// A namespace is entered by one thread only: the goroutine that asks is locked
// to its thread, the thread moves over and back. Sockets made there stay there,
// whoever uses them later, so a connection opened inside is an ordinary net.Conn
// to the rest of the process.
package netns

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// Dir is where namespaces are named: the folder that `ip netns` shows.
const Dir = "/run/netns"

// Path returns the file of the namespace with that name.
func Path(name string) string { return filepath.Join(Dir, name) }

// Create makes a namespace, runs setup inside it and names it. When setup fails
// no namespace is left.
func Create(name string, setup func() error) error {
	if err := os.MkdirAll(Dir, 0o755); err != nil {
		return fmt.Errorf("create namespace %s: %w", name, err)
	}
	err := onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("unshare: %w", err)
		}
		if err := setup(); err != nil {
			return err
		}
		return mount(Path(name))
	})
	if err != nil {
		return fmt.Errorf("create namespace %s: %w", name, err)
	}
	return nil
}

// mount names the thread's namespace. The name appears only when it is whole.
func mount(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o444)
	if err != nil {
		return err
	}
	f.Close()
	if err := unix.Mount("/proc/thread-self/ns/net", path, "", unix.MS_BIND, ""); err != nil {
		os.Remove(path)
		return fmt.Errorf("mount: %w", err)
	}
	return nil
}

// Delete removes a namespace's name. The kernel ends it when no process is left
// in it. What is gone is no error.
func Delete(name string) error {
	path := Path(name)
	if err := unix.Unmount(path, unix.MNT_DETACH); err != nil && err != unix.EINVAL && err != unix.ENOENT {
		return fmt.Errorf("delete namespace %s: unmount: %w", name, err)
	}
	if err := os.Remove(path); err != nil && !os.IsNotExist(err) {
		return fmt.Errorf("delete namespace %s: %w", name, err)
	}
	return nil
}

// Exists reports whether the name stands for a namespace, not for what a crash
// in the middle of Create has left.
func Exists(name string) bool {
	var fs unix.Statfs_t
	return unix.Statfs(Path(name), &fs) == nil && fs.Type == unix.NSFS_MAGIC
}

// List returns the names that start with prefix.
func List(prefix string) ([]string, error) {
	entries, err := os.ReadDir(Dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, fmt.Errorf("list namespaces: %w", err)
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) {
			names = append(names, e.Name())
		}
	}
	return names, nil
}

// Do runs fn on a thread inside the namespace at path; the empty path is where
// the process is. fn must not start goroutines that open sockets: those run on
// other threads.
func Do(path string, fn func() error) error {
	if path == "" {
		return fn()
	}
	return onThread(func() error {
		if err := enter(path); err != nil {
			return err
		}
		return fn()
	})
}

func enter(path string) error {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("enter namespace %s: %w", path, err)
	}
	defer unix.Close(fd)
	if err := unix.Setns(fd, unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter namespace %s: %w", path, err)
	}
	return nil
}

// onThread runs fn on a thread of its own and takes the thread home afterwards.
// A thread that cannot go home ends with its goroutine, so that no other
// goroutine ever runs in a namespace it did not ask for.
func onThread(fn func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		home, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			runtime.UnlockOSThread()
			done <- fmt.Errorf("open own namespace: %w", err)
			return
		}
		err = fn()
		if unix.Setns(home, unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
		unix.Close(home)
		done <- err
	}()
	return <-done
}
