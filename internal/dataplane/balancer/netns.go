package balancer

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"runtime"

	"golang.org/x/sys/unix"
)

// inNamespace runs fn on a thread in the network namespace at path; an empty
// path is the process's own. Sockets that fn makes stay in that namespace. fn
// must do its work on the calling goroutine: no names to resolve, no racing of
// address families.
func inNamespace(path string, fn func() error) error {
	if path == "" {
		return fn()
	}
	own, err := openNamespace("/proc/thread-self/ns/net")
	if err != nil {
		return err
	}
	defer unix.Close(own)
	there, err := openNamespace(path)
	if err != nil {
		return err
	}
	defer unix.Close(there)
	// The thread is unlocked only once it is back: one that cannot return dies
	// with its goroutine rather than serve others in the wrong namespace.
	runtime.LockOSThread()
	if err := unix.Setns(there, unix.CLONE_NEWNET); err != nil {
		runtime.UnlockOSThread()
		return fmt.Errorf("network namespace %s: enter: %w", path, err)
	}
	err = fn()
	if back := unix.Setns(own, unix.CLONE_NEWNET); back != nil {
		return fmt.Errorf("network namespace %s: leave: %w", path, back)
	}
	runtime.UnlockOSThread()
	return err
}

func openNamespace(path string) (int, error) {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("network namespace %s: %w", path, err)
	}
	return fd, nil
}

// dialIn connects to a literal address from a namespace.
func dialIn(ctx context.Context, namespace string, addr netip.AddrPort) (*net.TCPConn, error) {
	var conn *net.TCPConn
	err := inNamespace(namespace, func() error {
		d := net.Dialer{FallbackDelay: -1}
		c, err := d.DialContext(ctx, "tcp", addr.String())
		if err == nil {
			conn = c.(*net.TCPConn)
		}
		return err
	})
	return conn, err
}

// listenIn opens a listening socket in a namespace.
func listenIn(namespace string, addr netip.AddrPort) (*net.TCPListener, error) {
	var l *net.TCPListener
	err := inNamespace(namespace, func() error {
		var lc net.ListenConfig
		lc.SetMultipathTCP(false)
		ln, err := lc.Listen(context.Background(), "tcp", addr.String())
		if err == nil {
			l = ln.(*net.TCPListener)
		}
		return err
	})
	return l, err
}
