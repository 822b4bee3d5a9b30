package cli

import (
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"apex/internal/regiontest"
)

// TestCommandsAgainstARegion brings the stack of this repository up and asks it
// everything that the command line can.
func TestCommandsAgainstARegion(t *testing.T) {
	r := regiontest.New(t)
	var first, second upResult
	decode(t, r.Apex(t, "up", "-o", "json"), &first)
	if first.Created == 0 {
		t.Errorf("first up: %+v", first)
	}
	decode(t, r.Apex(t, "up", "-o", "json"), &second)
	if second.Created+second.Updated+second.Deleted != 0 || second.Unchanged == 0 {
		t.Errorf("second up changed something: %+v", second)
	}
	for _, c := range []struct {
		args string
		want []string
	}{
		{"status", []string{"server ", "studio ", "us-east-1a us-east-1b", "mysql 8.0", "available"}},
		{"logs server -n 0 --grep ready", []string{" server/", "ready"}},
		{"logs -n 1", []string{"T"}},
		{"db shell -- -N -e select(database())", []string{"apexai"}},
		{"cache shell -- ping", []string{"PONG"}},
		{"doctor", []string{"free or ours"}},
	} {
		out := r.Apex(t, strings.Fields(c.args)...)
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("apex %s: %q is not in\n%s", c.args, want, out)
			}
		}
	}
	if out, err := r.TryApex(t.Context(), "logs", "nosuch"); err == nil || !strings.Contains(err.Error(), "server, standins, studio") {
		t.Errorf("logs of no service: %s%v", out, err)
	}
	r.Kill(t)
	var st status
	decode(t, r.Apex(t, "status", "-o", "json"), &st)
	if st.Region.PID != 0 {
		t.Errorf("a killed region has process %d", st.Region.PID)
	}
	decode(t, r.Apex(t, "up", "-o", "json"), &second)
	if second.Created+second.Updated+second.Deleted != 0 {
		t.Errorf("up after a crash changed something: %+v", second)
	}
	r.Apex(t, "down", "--purge")
	if _, err := os.Stat(r.Home.Dir); !os.IsNotExist(err) {
		t.Errorf("after down --purge there is still %s", r.Home.Dir)
	}
}

func decode(t *testing.T, text string, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
}

func TestUpNamesWhoHoldsItsPort(t *testing.T) {
	r := regiontest.New(t)
	l, err := net.Listen("tcp", "127.0.0.1:"+strconv.Itoa(r.Home.Port))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = r.TryApex(t.Context(), "up")
	if err == nil || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("up with its port taken: %v", err)
	}
}

// TestUpInterrupted ends an up by a signal and finishes its work by another.
func TestUpInterrupted(t *testing.T) {
	r := regiontest.New(t)
	var said strings.Builder
	cmd := exec.Command(r.Bin, "up")
	cmd.Env, cmd.Dir, cmd.Stderr = r.Env(), "../..", &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	regiontest.Await(t, "up has begun", func() bool {
		_, err := os.Stat(filepath.Join(r.Home.Dir, "target.json"))
		return err == nil
	})
	if _, err := r.TryApex(t.Context(), "up"); err == nil || !strings.Contains(err.Error(), "process "+strconv.Itoa(cmd.Process.Pid)) {
		t.Errorf("a second up beside the first: %v", err)
	}
	cmd.Process.Signal(syscall.SIGINT)
	if err := cmd.Wait(); err == nil || !strings.Contains(said.String(), "interrupted") {
		t.Errorf("interrupted up: %v\n%s", err, said.String())
	}
	r.Apex(t, "up")
	r.Apex(t, "down")
}

// TestUpAsAnOrdinaryUser says what is missing.
func TestUpAsAnOrdinaryUser(t *testing.T) {
	r := regiontest.New(t)
	dir, err := os.MkdirTemp("", "apexuser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for name, mode := range map[string]os.FileMode{"apex": 0o755, "apex.yaml": 0o644} {
		text := []byte("name: shop\nservices: {web: {image: nginx}}\n")
		if name == "apex" {
			if text, err = os.ReadFile(r.Bin); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(dir, "apex"), "up")
	cmd.Env, cmd.Dir = append(os.Environ(), "APEX_HOME="+filepath.Join(dir, "home")), dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "root: user 65534") || !strings.Contains(string(out), "apex: hint: run it as root") {
		t.Errorf("up as nobody: %v\n%s", err, out)
	}
}
