package main

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The test binary is the program itself when a test asks it to be.
func TestMain(m *testing.M) {
	if os.Getenv("CRM_TEST_RUN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func program(t *testing.T, args []string, env ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out := new(bytes.Buffer)
	cmd := exec.CommandContext(t.Context(), self, args...)
	cmd.Env = append([]string{"CRM_TEST_RUN=1"}, env...)
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

func TestBadSettingsEndTheStart(t *testing.T) {
	cmd, out := program(t, nil, "PORT=none", "DATABASE_URL=mysql://u:hush@h", "REDIS_URL=:hush:")
	err := cmd.Run()
	if cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("exit: %v", err)
	}
	for _, name := range []string{"PORT", "DATABASE_URL", "REDIS_URL"} {
		if !strings.Contains(out.String(), name) {
			t.Errorf("%s is not named:\n%s", name, out)
		}
	}
	if strings.Contains(out.String(), "hush") {
		t.Errorf("a password is shown:\n%s", out)
	}
}

func TestConfigHidesSecrets(t *testing.T) {
	cmd, out := program(t, []string{"config"}, "DATABASE_URL=mysql://u:hush@h/n", "REDIS_URL=redis://:hush@h", "GEMINI_API_KEY=hush")
	if err := cmd.Run(); err != nil || strings.Contains(out.String(), "hush") {
		t.Errorf("%v\n%s", err, out)
	}
	for _, line := range []string{"DATABASE_URL=mysql://u:***@h/n", "REDIS_URL=redis://:***@h", "GEMINI_API_KEY=***", "PORT=3000  # default", "# nobody can sign in: FIREBASE_PROJECT_ID is not set"} {
		if !strings.Contains(out.String(), line+"\n") {
			t.Errorf("%s is not shown:\n%s", line, out)
		}
	}
}

// Who asks for help, or for what there is not, is told the commands, with no
// setting given.
func TestCommandsAreTold(t *testing.T) {
	for _, tt := range []struct {
		command string
		code    int
	}{{"help", 0}, {"--help", 0}, {"sevre", 1}} {
		cmd, out := program(t, []string{tt.command})
		cmd.Run() // what it ends with is looked at
		if cmd.ProcessState.ExitCode() != tt.code || !strings.Contains(out.String(), "server migrate") || strings.Contains(out.String(), "DATABASE_URL") {
			t.Errorf("%s: %v\n%s", tt.command, cmd.ProcessState, out)
		}
	}
}

func TestHealthcheck(t *testing.T) {
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) }))
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
	for _, status = range []int{200, 503} {
		cmd, out := program(t, []string{"healthcheck"}, "PORT="+port)
		if err := cmd.Run(); (err == nil) != (status == 200) {
			t.Errorf("%d: %v\n%s", status, err, out)
		}
	}
}

// Told to stop while it still waits for its database, it ends in good order.
func TestStopWhileStarting(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	l.Close()
	cmd, out := program(t, nil, "PORT="+port, "DRAIN_DELAY=0s", "DATABASE_URL=mysql://u:p@127.0.0.1:1/n", "REDIS_URL=redis://127.0.0.1:1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	url := "http://127.0.0.1:" + port + "/health"
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		response, err := http.Get(url)
		if err == nil {
			body, _ := io.ReadAll(response.Body)
			response.Body.Close()
			if response.StatusCode != 503 || !strings.Contains(string(body), "starting") {
				t.Errorf("%d %s", response.StatusCode, body)
			}
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("does not listen:\n%s", out)
		}
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
