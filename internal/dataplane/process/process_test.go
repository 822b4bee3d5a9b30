package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

func TestIdentity(t *testing.T) {
	self, err := Self()
	if err != nil || !self.Alive() {
		t.Fatalf("self: %+v, %v", self, err)
	}
	if other := (Identity{self.PID, self.Start + 1}); other.Alive() {
		t.Error("an earlier process of the same pid is alive")
	}
	if (Identity{}).Alive() || (Identity{PID: -1}).Alive() {
		t.Error("no process is alive")
	}
	if err := (Identity{}).End(t.Context(), syscall.SIGKILL); err != nil {
		t.Errorf("end of no process: %v", err)
	}
}

func TestEnd(t *testing.T) {
	cmd := exec.Command("sleep", "60")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	id, err := Identify(cmd.Process.Pid)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := id.End(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("end without a signal: got %v, want the deadline", err)
	}
	if err := id.End(t.Context(), syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if id.Alive() {
		t.Error("a zombie is alive")
	}
	if _, err := Identify(id.PID); !errors.Is(err, os.ErrProcessDone) {
		t.Errorf("identify a zombie: %v", err)
	}
	if err := id.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("signal to the gone: %v", err)
	}
	_ = cmd.Wait()
}

func FuzzParseStat(f *testing.F) {
	f.Add([]byte("7 (a) b) (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20"))
	f.Add([]byte(""))
	f.Add([]byte(")"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, state, err := parseStat(data); err == nil && state == 0 {
			t.Errorf("no state in %q", data)
		}
	})
}
