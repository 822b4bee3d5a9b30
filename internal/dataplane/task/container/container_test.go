package container

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "task-init" {
		os.Exit(InitMain(os.Args[2:]))
	}
	code := m.Run()
	if layer, err := image(); err == nil {
		os.RemoveAll(layer)
	}
	os.Exit(code)
}

// image builds the probe once and returns a layer that holds it at /probe.
var image = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "apex-layer-")
	if err != nil {
		return "", err
	}
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "probe"), "../testdata/probe")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", errors.New(string(out))
	}
	if err := os.Mkdir(filepath.Join(dir, "etc"), 0o755); err != nil {
		return "", err
	}
	passwd := "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000:Ann:/home/ann:/bin/sh\n"
	group := "root:x:0:\nann:x:1000:\nstaff:x:50:ann\n"
	return dir, errors.Join(
		os.WriteFile(filepath.Join(dir, "etc/passwd"), []byte(passwd), 0o644),
		os.WriteFile(filepath.Join(dir, "etc/group"), []byte(group), 0o644),
		os.Symlink("../../../../../../etc/hostname", filepath.Join(dir, "etc/resolv.conf")),
		os.Chmod(dir, 0o755),
	)
})

// A box is a container under test and what it prints.
type box struct {
	*Container
	out *printed
}

func start(t *testing.T, change func(*Spec), verbs ...string) (*box, error) {
	t.Helper()
	layer, err := image()
	if err != nil {
		t.Fatal(err)
	}
	spec := Spec{
		Layers: []string{layer}, Work: t.TempDir(), Hostname: "box",
		Process: Process{Args: append([]string{"/probe"}, strings.Fields(strings.Join(verbs, " , "))...)},
	}
	if change != nil {
		change(&spec)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	c, err := Start(t.Context(), spec, Options{
		Init: []string{"apex", "task-init"}, Namespace: emptyNetwork(t), Stdout: w, Stderr: w,
	})
	if err != nil {
		r.Close()
		return nil, err
	}
	b := &box{c, collect(r)}
	t.Cleanup(func() {
		c.Kill()
		b.end(t)
	})
	return b, nil
}

func mustStart(t *testing.T, change func(*Spec), verbs ...string) *box {
	t.Helper()
	b, err := start(t, change, verbs...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// end waits for the container and returns its exit and what it printed.
func (b *box) end(t *testing.T) (Exit, string) {
	t.Helper()
	select {
	case <-b.Ended():
	case <-time.After(60 * time.Second):
		t.Fatal("container did not end")
	}
	return b.Wait(), b.out.all()
}

// emptyNetwork returns a network namespace with nothing but a loopback that is down.
func emptyNetwork(t *testing.T) *os.File {
	t.Helper()
	type result struct {
		f   *os.File
		err error
	}
	made := make(chan result)
	go func() {
		lockThreadForever()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			made <- result{nil, err}
			return
		}
		f, err := os.Open("/proc/thread-self/ns/net")
		made <- result{f, err}
	}()
	r := <-made
	if r.err != nil {
		t.Fatal(r.err)
	}
	t.Cleanup(func() { r.f.Close() })
	return r.f
}

func TestConfinement(t *testing.T) {
	if err := os.WriteFile(filepath.Join(t.TempDir(), "secret"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		change func(*Spec)
		verbs  string
		want   string
	}{
		"pid and host":        {nil, "where", "where / box"},
		"root of the image":   {nil, "ls /", "dev etc probe proc sys tmp"},
		"devices":             {nil, "ls /dev", "fd full mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero"},
		"init":                {nil, "cat /proc/1/comm", "exe"},
		"host name":           {nil, "cat /proc/sys/kernel/hostname", "box"},
		"no network":          {nil, "interfaces", "interfaces lo"},
		"root's capabilities": {nil, "field /proc/self/status CapEff", "CapEff 00000000a00425fb"},
		"no capabilities":     {user("1000"), "field /proc/self/status CapEff", "CapEff 0000000000000000"},
		"filter":              {nil, "field /proc/self/status Seccomp", "Seccomp 2"},
		"no new privileges":   {nil, "field /proc/self/status NoNewPrivs", "NoNewPrivs 1"},
		"write /proc/sys":     {nil, "write /proc/sys/kernel/hostname", "error: open /proc/sys/kernel/hostname: read-only file system"},
		"write /sys":          {nil, "write /sys/kernel/uevent_helper", "error: open /sys/kernel/uevent_helper: read-only file system|error: open /sys/kernel/uevent_helper: no such file or directory"},
		"interrupts":          {nil, "cat /proc/interrupts", ""},
		"mount":               {nil, "mount", "error: operation not permitted"},
		"unmount":             {nil, "unmount /proc/kcore", "error: operation not permitted"},
		"disk":                {nil, "mknod", "error: operation not permitted"},
		"user namespace":      {nil, "unshare 0x10000000", "error: operation not permitted"},
		"network namespace":   {nil, "unshare 0x40000000", "error: operation not permitted"},
		"clone namespaces":    {nil, "clone 0x10000000", "error: fork/exec /proc/self/exe: operation not permitted"},
		"init's executable":   {nil, "cat /proc/1/exe", "error: open /proc/1/exe: permission denied"},
		"init's files":        {nil, "cat /proc/1/fd/3", "error: open /proc/1/fd/3: permission denied"},
		"init's root":         {nil, "ls /proc/1/root", "error: open /proc/1/root: permission denied"},
		"kill init":           {nil, "kill 1 9,id", "killed\nid 0 0 []"},
		"user by number":      {user("77:78"), "id", "id 77 78 []"},
		"user by name":        {user("ann"), "id,env HOME", "id 1000 1000 [50]\nenv HOME=/home/ann"},
		"user and group":      {user("ann:staff"), "id", "id 1000 50 []"},
		"back to root":        {user("ann"), "setuid 0", "error: operation not permitted"},
		"read-only root":      {func(s *Spec) { s.ReadonlyRoot = true }, "write /x,write /tmp/x", "error: open /x: read-only file system\nerror: open /tmp/x: read-only file system"},
		"writable root":       {nil, "write /x", "wrote /x"},
		"working directory":   {func(s *Spec) { s.Process.Dir = "/srv/app" }, "where", "where /srv/app box"},
		"tmpfs":               {func(s *Spec) { s.Tmpfs = []Tmpfs{{"/cache", 1 << 20}}; s.ReadonlyRoot = true }, "write /cache/x", "wrote /cache/x"},
		"limit":               {func(s *Spec) { s.Limits = []Rlimit{{unix.RLIMIT_CORE, 100, 200}} }, "limit 4", "limit 100 200"},
		"vsock":               {nil, "syscall 41 40", "syscall operation not permitted"},
		"clone3":              {nil, "syscall 435 0", "syscall function not implemented"},
		"unknown call":        {nil, "syscall 999 0", "syscall function not implemented"},
		"x32 call":            {nil, "syscall 0x40000000 0", "syscall function not implemented"},
		"drop all": {
			func(s *Spec) { s.DropCapabilities = []string{"ALL"} },
			"field /proc/self/status CapEff", "CapEff 0000000000000000",
		},
		"trace": {
			func(s *Spec) { s.DropCapabilities, s.AddCapabilities = []string{"ALL"}, []string{"SYS_PTRACE"} },
			"field /proc/self/status CapEff", "CapEff 0000000000080000",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, out := mustStart(t, tt.change, tt.verbs).end(t)
			got := strings.TrimSpace(out)
			for _, want := range strings.Split(tt.want, "|") {
				if got == want {
					return
				}
			}
			t.Errorf("%s: got %q, want %q", tt.verbs, got, tt.want)
		})
	}
}

func user(name string) func(*Spec) { return func(s *Spec) { s.Process.User = name } }

func TestMounts(t *testing.T) {
	source := t.TempDir()
	file := filepath.Join(source, "resolv")
	if err := os.WriteFile(file, []byte("nameserver 192.0.2.1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	b := mustStart(t, func(s *Spec) {
		s.Mounts = []Mount{
			{Source: file, Target: "/etc/resolv.conf"},
			{Source: source, Target: "/data", ReadOnly: true},
			{Source: source, Target: "/share"},
		}
	}, "cat /etc/resolv.conf", "write /data/x", "write /share/x")
	_, out := b.end(t)
	want := "nameserver 192.0.2.1\nerror: open /data/x: read-only file system\nwrote /share/x\n"
	if out != want {
		t.Errorf("got %q, want %q", out, want)
	}
	if _, err := os.Stat(filepath.Join(source, "x")); err != nil {
		t.Errorf("what the container wrote: %v", err)
	}
}

func TestExit(t *testing.T) {
	for name, tt := range map[string]struct {
		verbs string
		want  Exit
	}{
		"zero":         {"id", Exit{}},
		"code":         {"exit 7", Exit{Code: 7}},
		"own signal":   {"child id,die 9", Exit{137, syscall.SIGKILL}},
		"own segfault": {"die 11", Exit{Code: 2}}, // Go's runtime turns it into a panic
	} {
		t.Run(name, func(t *testing.T) {
			if got, out := mustStart(t, nil, tt.verbs).end(t); got != tt.want {
				t.Errorf("got %+v, want %+v; printed %s", got, tt.want, out)
			}
		})
	}
}

func TestStartFails(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Spec)
		want   string
	}{
		"no command":     {func(s *Spec) { s.Process.Args = nil }, "no command"},
		"no such file":   {func(s *Spec) { s.Process.Args = []string{"/nothing"} }, "exec /nothing: no such file or directory"},
		"not in path":    {func(s *Spec) { s.Process.Args = []string{"nothing"} }, "not found in $PATH"},
		"no such user":   {user("bob"), "no such user"},
		"no such group":  {user("ann:bobs"), "no such group"},
		"no layers":      {func(s *Spec) { s.Layers = nil }, "no layers"},
		"missing source": {func(s *Spec) { s.Mounts = []Mount{{Source: "/no/such", Target: "/x"}} }, "/no/such"},
		"file over dir":  {func(s *Spec) { s.Mounts = []Mount{{Source: "/etc/passwd", Target: "/etc"}} }, "the image has"},
		"capability":     {func(s *Spec) { s.AddCapabilities = []string{"SYS_ADMIN"} }, "SYS_ADMIN"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := start(t, tt.change, "id")
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want it to say %q", err, tt.want)
			}
		})
	}
}

func TestSignals(t *testing.T) {
	b := mustStart(t, nil, "await 3")
	b.out.await(t, "waiting\n")
	if err := b.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if exit, out := b.end(t); exit.Code != 3 || !strings.Contains(out, "got terminated") {
		t.Errorf("got %+v and %q, want code 3 after SIGTERM", exit, out)
	}
	if err := b.Signal(syscall.SIGTERM); err != nil {
		t.Errorf("signal to the ended: %v", err)
	}
}

func TestExec(t *testing.T) {
	b := mustStart(t, user("ann"), "sleep 60000")
	for args, want := range map[string]int{"/probe exit 0": 0, "/probe exit 5": 5, "/probe exists /etc/shadow": 1} {
		exit, err := b.Exec(t.Context(), Process{Args: strings.Fields(args), User: "ann"})
		if err != nil || exit.Code != want {
			t.Errorf("%s: got %+v, %v, want code %d", args, exit, err, want)
		}
	}
	if _, err := b.Exec(t.Context(), Process{Args: []string{"/nothing"}}); err == nil {
		t.Error("exec of a missing file succeeded")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := b.Exec(ctx, Process{Args: []string{"/probe", "sleep", "60000"}}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("slow exec: got %v, want the deadline", err)
	}
	b.Kill()
	if exit, _ := b.end(t); exit.Signal != syscall.SIGKILL || exit.Code != 137 {
		t.Errorf("killed: got %+v", exit)
	}
	if _, err := b.Exec(t.Context(), Process{Args: []string{"/probe", "id"}}); !errors.Is(err, ErrEnded) {
		t.Errorf("exec in the ended: got %v", err)
	}
}

func TestOrphansAreReapedAndEndWithTheProgram(t *testing.T) {
	b := mustStart(t, nil, "orphan 1", "orphan 60000", "sleep 300", "ls /proc")
	_, out := b.end(t)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	var pids int
	for _, name := range strings.Fields(lines[len(lines)-1]) {
		if strings.Trim(name, "0123456789") == "" {
			pids++
		}
	}
	if pids != 3 && pids != 4 { // init, the probe, its orphan; the first may be a zombie of the probe's own
		t.Errorf("processes at the end: %d in %q", pids, out)
	}
}
