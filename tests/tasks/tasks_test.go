package tasks

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"apex/internal/regiontest"
)

// program is the service of these stories, and what is run beside it: its first
// argument says what it does.
const program = `package main

import (
	"bufio"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

func main() {
	switch os.Args[1] {
	case "serve":
		http.ListenAndServe(":3000", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {}))
	case "say":
		fmt.Println("said", strings.Join(os.Args[3:], "|"), os.Getenv("WHO"), os.Getenv("AWS_EXECUTION_ENV"))
		code, _ := strconv.Atoi(os.Args[2])
		os.Exit(code)
	case "ask":
		line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
		fmt.Println("heard", strings.TrimSpace(line), "pid", os.Getpid() != 1)
	case "sizes":
		interrupted, resized := make(chan os.Signal, 1), make(chan os.Signal, 1)
		signal.Notify(interrupted, os.Interrupt)
		signal.Notify(resized, syscall.SIGWINCH)
		fmt.Println("ready")
		for {
			select {
			case <-resized:
				var size [4]uint16
				syscall.Syscall(syscall.SYS_IOCTL, 0, syscall.TIOCGWINSZ, uintptr(unsafe.Pointer(&size)))
				fmt.Println("size", size[0], size[1])
			case <-interrupted:
				os.Exit(9)
			}
		}
	case "wait":
		fmt.Println("waiting")
		time.Sleep(time.Hour)
	}
}
`

const stackFile = `name: tasks
services:
  web:
    build: ./app
    command: [serve]
    environment: {WHO: web}
    port: 3000
    count: 1
    http: {paths: [/*], health: /}
`

func start(t *testing.T) *regiontest.Region {
	t.Helper()
	r := regiontest.New(t)
	dir := t.TempDir()
	for name, text := range map[string]string{"app/go.mod": "module app\n\ngo 1.26\n", "app/main.go": program, "apex.yaml": stackFile} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.Apex(t, "up", "--file", filepath.Join(dir, "apex.yaml"))
	return r
}

// apex runs the command line with an input and returns what it printed, its
// errors too, and its exit code.
func apex(t *testing.T, r *regiontest.Region, input string, args ...string) (string, int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, r.Bin, args...)
	cmd.Env, cmd.Stdin = r.Env(), strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil || err != nil && cmd.ProcessState == nil {
		t.Fatalf("apex %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

func TestPersonAndTasks(t *testing.T) {
	r := start(t)
	for name, tt := range map[string]struct {
		input string
		args  string
		want  []string
		code  int
	}{
		"exec":             {"hello\n", "exec web -- /app/app ask", []string{"heard hello pid true"}, 0},
		"exec with a code": {"", "exec web -- /app/app say 4 a", []string{"said a web AWS_ECS_FARGATE"}, 4},
		"no shell":         {"", "exec web", []string{"apex: error:", "has no shell (/bin/sh)", "apex: hint:"}, 1},
		"no program":       {"", "exec web -- /bin/nothing", []string{"apex: error:", "/bin/nothing"}, 1},
		"no task":          {"", "exec web --task 0000x", []string{"does not run", "apex: hint: tasks that run:"}, 1},
		"no service":       {"", "exec other", []string{"apex: error:", "other"}, 1},
		"run":              {"", "run web --set WHO=me -- say 0 a b", []string{"said a|b me"}, 0},
		"run with a code":  {"", "run web --cpu 512 --memory 1024 -- say 3", []string{"said  web"}, 3},
		"run too big":      {"", "run web --cpu 512 --memory 1 -- say 3", []string{"No Fargate configuration exists"}, 1},
		"run no service":   {"", "run other -- say 3", []string{"there is none"}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			out, code := apex(t, r, tt.input, strings.Fields(tt.args)...)
			for _, want := range tt.want {
				if !strings.Contains(out, want) {
					t.Errorf("apex %s printed %q, not %q", tt.args, out, want)
				}
			}
			if code != tt.code {
				t.Errorf("apex %s: exit code %d, want %d\n%s", tt.args, code, tt.code, out)
			}
		})
	}
	t.Run("interrupted", func(t *testing.T) { interrupted(t, r) })
	t.Run("terminal", func(t *testing.T) { terminal(t, r) })
	t.Run("aws", func(t *testing.T) { executeCommand(t, r) })
	t.Run("region killed", func(t *testing.T) { regionKilled(t, r) })
}

// interrupted ends a command that runs a task; the task ends with it.
func interrupted(t *testing.T, r *regiontest.Region) {
	cmd := exec.Command(r.Bin, "run", "web", "--", "wait")
	cmd.Env = r.Env()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("waiting"))); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	regiontest.Await(t, "the task ends with the command", func() bool {
		said, code := apex(t, r, "", "aws", "--", "ecs", "list-tasks", "--cluster", "tasks-dev", "--started-by", "apex run", "--query", "taskArns", "--output", "text")
		return code == 0 && strings.TrimSpace(said) == ""
	})
}

// regionKilled kills the region in the middle of a session: the session ends, and
// a new one is to be had from the region that comes after it.
func regionKilled(t *testing.T, r *regiontest.Region) {
	cmd := exec.Command(r.Bin, "exec", "web", "--", "/app/app", "wait")
	cmd.Env = r.Env()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	input, err := cmd.StdinPipe() // stays open
	if err != nil {
		t.Fatal(err)
	}
	defer input.Close()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, len("waiting"))); err != nil {
		t.Fatal(err)
	}
	r.Kill(t)
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("exec ends with %d when the region is killed; want 1", code)
	}
	r.StartDaemon(t)
	if said, code := apex(t, r, "again\n", "exec", "web", "--", "/app/app", "ask"); code != 0 || !strings.Contains(said, "heard again") {
		t.Errorf("exec after the region came back: %d %s", code, said)
	}
}

// executeCommand is exec by the aws CLI and AWS's own plugin, where they are.
func executeCommand(t *testing.T, r *regiontest.Region) {
	for _, program := range []string{"aws", "session-manager-plugin"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed", program)
		}
	}
	task, _ := apex(t, r, "", "aws", "--", "ecs", "list-tasks", "--cluster", "tasks-dev", "--service-name", "web", "--query", "taskArns[0]", "--output", "text")
	cmd := exec.CommandContext(t.Context(), r.Bin, "aws", "--", "ecs", "execute-command", "--cluster", "tasks-dev",
		"--task", strings.TrimSpace(task), "--interactive", "--command", "/app/app ask")
	cmd.Env = r.Env()
	input, err := cmd.StdinPipe() // the plugin ends at the end of its input
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(input, "hello\n"); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.CombinedOutput()
	for _, want := range []string{"heard hello", "Exiting session"} {
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("aws ecs execute-command printed %q (%v), not %q", out, err, want)
		}
	}
}
