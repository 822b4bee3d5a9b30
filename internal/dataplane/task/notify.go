package task

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
)

// Listen receives the IDs of tasks whose State changed, on a datagram socket at
// path, and passes each to changed until ctx ends. Datagrams may be lost while
// nobody listens: observe all tasks after the start.
func Listen(ctx context.Context, path string, changed func(id string)) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("listen for tasks: %w", err)
	}
	var conn *net.UnixConn
	err := atSocket(path, func(address *net.UnixAddr) (err error) {
		conn, err = net.ListenUnixgram("unixgram", address)
		return err
	})
	if err != nil {
		return fmt.Errorf("listen for tasks: %w", err)
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer os.Remove(path)
	id := make([]byte, 512)
	for {
		n, err := conn.Read(id)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("listen for tasks: %w", err)
		}
		changed(string(id[:n]))
	}
}

// tell sends the ID to the socket. A region that does not listen misses nothing:
// it observes every task when it starts.
func tell(path, id string) {
	if path == "" {
		return
	}
	_ = atSocket(path, func(address *net.UnixAddr) error {
		conn, err := net.DialUnix("unixgram", nil, address)
		if err != nil {
			return err
		}
		defer conn.Close()
		_, err = conn.Write([]byte(id))
		return err
	})
}

// atSocket reaches a socket whose path may be longer than the hundred bytes
// that a socket's address holds.
func atSocket(path string, use func(*net.UnixAddr) error) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	short := fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path))
	return use(&net.UnixAddr{Name: short, Net: "unixgram"})
}
