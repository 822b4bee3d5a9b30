package tasks

import (
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"apex/internal/regiontest"
)

// terminal runs exec at a terminal: its size and its changes reach the program,
// and the key that interrupts is the program's.
func terminal(t *testing.T, r *regiontest.Region) {
	person, side := pseudoTerminal(t)
	resize(t, person, 33, 101)
	cmd := exec.Command(r.Bin, "exec", "web", "--", "/app/app", "sizes")
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = r.Env(), side, side, side
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	side.Close()
	var seen strings.Builder
	await := func(what string) {
		t.Helper()
		_ = person.SetReadDeadline(time.Now().Add(30 * time.Second))
		for b := make([]byte, 4096); !strings.Contains(seen.String(), what); {
			n, err := person.Read(b)
			seen.Write(b[:n])
			if err != nil {
				t.Fatalf("the terminal shows %q, not %q: %v", seen.String(), what, err)
			}
		}
	}
	await("ready")
	resize(t, person, 44, 111)
	await("size 44 111")
	if _, err := person.WriteString("\x03"); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 9 {
		t.Errorf("exec ends with %d when its program is interrupted; want the program's 9: %q", code, seen.String())
	}
}

// pseudoTerminal returns the two ends of a terminal.
func pseudoTerminal(t *testing.T) (person, side *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	person = os.NewFile(uintptr(fd), "ptmx")
	t.Cleanup(func() { person.Close() })
	if side, err = os.OpenFile("/dev/pts/"+strconv.Itoa(n), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		t.Fatal(err)
	}
	return person, side
}

func resize(t *testing.T, terminal *os.File, rows, cols uint16) {
	t.Helper()
	raw, err := terminal.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols})
	})
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
}
