package regiontest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"apex/internal/region"
)

// patience bounds every wait of a test. It is generous: it ends tests that hang
// and asserts nothing about speed.
const patience = 2 * time.Minute

// A Region is a home with a real `apex` binary to run in it.
type Region struct {
	Home region.Home
	Bin  string
}

// New prepares a home and free ports, and starts nothing. At the end of the test
// the region is stopped, and whatever it left behind fails the test. Tests that
// need root are skipped without it, loudly.
func New(t testing.TB) *Region {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("SKIPPED: a region needs root for namespaces")
	}
	dir, err := os.MkdirTemp("", "apex") // short: unix socket paths end at 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	r := &Region{Bin: Binary(t), Home: region.Home{
		Dir: dir, Port: FreePort(t), HTTPPort: FreePort(t), HTTPSPort: FreePort(t),
		Account: region.DefaultAccount, Region: region.DefaultRegion, Profile: "fast",
	}}
	t.Cleanup(func() { r.end(t) })
	return r
}

// Start is New with the daemon running.
func Start(t testing.TB) *Region {
	t.Helper()
	r := New(t)
	r.StartDaemon(t)
	return r
}

// StartDaemon runs `apex region` and waits until it answers.
func (r *Region) StartDaemon(t testing.TB) {
	t.Helper()
	log, err := os.OpenFile(filepath.Join(r.Home.Dir, "region.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	cmd := exec.Command(r.Bin, "region")
	cmd.Env, cmd.Stdout, cmd.Stderr = r.Env(), log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go cmd.Wait() // reaps it
	Await(t, "the region answers", func() bool {
		resp, err := http.Get(r.Home.Endpoint() + "/_apex/health")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	})
}

// Kill ends the daemon with SIGKILL and waits until it is gone.
func (r *Region) Kill(t testing.TB) {
	t.Helper()
	d, ok := r.Home.Daemon()
	if !ok {
		t.Fatal("kill the region: none runs")
	}
	syscall.Kill(d.PID, syscall.SIGKILL)
	Await(t, "the region is gone", func() bool { _, ok := r.Home.Daemon(); return !ok })
}

// Env is the environment for commands against the region.
func (r *Region) Env() []string {
	return append(os.Environ(),
		"APEX_HOME="+r.Home.Dir,
		"APEX_PORT="+strconv.Itoa(r.Home.Port),
		"APEX_HTTP_PORT="+strconv.Itoa(r.Home.HTTPPort),
		"APEX_HTTPS_PORT="+strconv.Itoa(r.Home.HTTPSPort),
		"NO_COLOR=1",
	)
}

// Apex runs the CLI and returns its output; a failure fails the test.
func (r *Region) Apex(t testing.TB, args ...string) string {
	t.Helper()
	out, err := r.TryApex(t.Context(), args...)
	if err != nil {
		t.Fatalf("apex %s: %v\n%s%s", strings.Join(args, " "), err, out, r.LogTail())
	}
	return out
}

// TryApex runs the CLI from the module's root and returns its standard output,
// with standard error in the error.
func (r *Region) TryApex(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, r.Bin, args...)
	var stdout, stderr bytes.Buffer
	cmd.Env, cmd.Dir, cmd.Stdout, cmd.Stderr = r.Env(), moduleRoot(), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("%w\n%s", err, stderr.String())
	}
	return stdout.String(), nil
}

// LogTail returns the last lines of the daemon's log, for failure messages.
func (r *Region) LogTail() string {
	b, _ := os.ReadFile(filepath.Join(r.Home.Dir, "region.log"))
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return "region.log:\n" + strings.Join(lines[max(0, len(lines)-30):], "\n")
}

func (r *Region) end(t testing.TB) {
	if t.Failed() {
		t.Log(r.LogTail())
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := region.Stop(ctx, r.Home); err != nil {
		t.Errorf("stop the region: %v", err)
	}
	for _, left := range r.Leftovers() {
		t.Errorf("left behind: %s", left)
	}
	if err := os.RemoveAll(r.Home.Dir); err != nil {
		t.Errorf("remove the home: %v", err)
	}
}

// Await polls until the condition holds, and fails the test when it never does.
func Await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("in %s it never came true that %s", patience, what)
		}
	}
}

// FreePort returns a loopback port that nothing listens on.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}
