package supervisor

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// Dial connects to a process's unix socket. The path may be longer than the
// hundred bytes that a socket address holds.
func Dial(ctx context.Context, path string) (net.Conn, error) {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	short := fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path))
	var d net.Dialer
	return d.DialContext(ctx, "unix", short)
}
