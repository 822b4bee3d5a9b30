package supervisor

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var errNotYet = errors.New("not yet")

func TestAwait(t *testing.T) {
	spec := shell(t, "exec sleep 1000")
	applied(t, spec)
	tries := 0
	err := Await(t.Context(), spec.Dir, func(context.Context) error {
		if tries++; tries < 5 {
			return errNotYet
		}
		return nil
	})
	if err != nil || tries != 5 {
		t.Errorf("%d tries, %v", tries, err)
	}
}

func TestAwaitShowsTheLog(t *testing.T) {
	never := func(context.Context) error { return errNotYet }
	t.Run("of a process that ends", func(t *testing.T) {
		spec := shell(t, "echo disk is full; exit 3")
		spec.Restart = true
		applied(t, spec)
		err := Await(t.Context(), spec.Dir, never)
		if err == nil || !strings.Contains(err.Error(), "code 3") || !strings.Contains(err.Error(), "disk is full") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("of a process that hangs", func(t *testing.T) {
		spec := shell(t, "echo waiting; exec sleep 1000")
		applied(t, spec)
		awaitLog(t, spec.Dir, "waiting")
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		err := Await(ctx, spec.Dir, never)
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, errNotYet) || !strings.Contains(err.Error(), "waiting") {
			t.Errorf("got %v", err)
		}
	})
}

func TestLogTail(t *testing.T) {
	dir := t.TempDir()
	if got := LogTail(dir); got != "" {
		t.Errorf("of no log: %q", got)
	}
	long := strings.Repeat("a line of forty bytes, more or less ...\n", 100) + "the last\n"
	if err := os.WriteFile(filepath.Join(dir, "log"), []byte(long), 0o600); err != nil {
		t.Fatal(err)
	}
	got := LogTail(dir)
	if !strings.HasPrefix(got, "a line") || !strings.HasSuffix(got, "the last") || len(got) > tailSize {
		t.Errorf("%d bytes: %q", len(got), got)
	}
}

func TestDialALongPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 40))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	listener, err := net.Listen("unix", "socket") // short from here
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := Dial(t.Context(), filepath.Join(dir, "socket"))
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestUserIDs(t *testing.T) {
	if uid, gid := UserIDs("root"); uid != 0 || gid != 0 {
		t.Errorf("root is %d:%d", uid, gid)
	}
	if uid, gid := UserIDs("no-such-user-here"); uid != nobody || gid != nobody {
		t.Errorf("an unknown user is %d:%d", uid, gid)
	}
}
