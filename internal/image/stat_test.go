package image

import (
	"fmt"
	"io"
	"log"
	"os"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var discard = log.New(io.Discard, "", 0)

var fixed = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// attributes returns mode, owner, group and time of a file.
func attributes(t testing.TB, path string) string {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	sys := info.Sys().(*syscall.Stat_t)
	return fmt.Sprint(info.Mode(), " ", sys.Uid, " ", sys.Gid, " ", info.ModTime().Unix())
}

// opaque returns overlayfs's mark of a folder that hides those below.
func opaque(t testing.TB, path string) string {
	t.Helper()
	value := make([]byte, 8)
	n, err := unix.Lgetxattr(path, "trusted.overlay.opaque", value)
	if err != nil {
		t.Fatal(err)
	}
	return string(value[:n])
}
