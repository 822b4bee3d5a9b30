package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"apexai/crm/internal/engines"
)

// A machine is where everything runs: its engines, and a control group of one
// task's size for the servers that are measured.
type machine struct {
	dir          string
	keep         bool // the folder is the caller's
	mysql, redis *engines.Process
	group        string // of the measured processes; "" where there is none
	running      []*process
}

func newMachine(ctx context.Context, dir string) (m *machine, err error) {
	m = &machine{dir: dir, keep: dir != ""}
	if m.keep {
		err = os.MkdirAll(dir, 0o755)
	} else {
		m.dir, err = os.MkdirTemp("", "crm-bench-")
	}
	if err != nil {
		return nil, err
	}
	if err := m.prepare(ctx); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

func (m *machine) prepare(ctx context.Context) (err error) {
	if err := os.Chmod(m.dir, 0o755); err != nil { // MariaDB runs as another user
		return err
	}
	if m.mysql, err = engines.MariaDB(ctx, filepath.Join(m.dir, "mysql")); err != nil {
		return err
	}
	if m.redis, err = engines.Redis(ctx, filepath.Join(m.dir, "redis")); err != nil {
		return err
	}
	m.group, err = controlGroup()
	return err
}

// controlGroup is half a core and 1,024 MiB, as Fargate gives 512 CPU units.
func controlGroup() (string, error) {
	group := fmt.Sprintf("/sys/fs/cgroup/crm-bench-%d", os.Getpid())
	if err := os.Mkdir(group, 0o755); err != nil {
		return "", fmt.Errorf("control group: %w (the bench needs root and cgroup v2)", err)
	}
	for name, value := range map[string]string{"cpu.max": "50000 100000", "memory.max": "1073741824"} {
		if err := os.WriteFile(filepath.Join(group, name), []byte(value), 0o644); err != nil {
			os.Remove(group)
			return "", fmt.Errorf("control group: %w", err)
		}
	}
	return group, nil
}

func (m *machine) close() {
	for _, p := range m.running {
		p.stop()
	}
	for _, e := range []*engines.Process{m.mysql, m.redis} {
		if e != nil {
			e.Stop()
		}
	}
	for range 100 { // the kernel lets go of the dead a little later
		if m.group == "" || os.Remove(m.group) == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if !m.keep {
		os.RemoveAll(m.dir)
	}
}

// A process is one measured server.
type process struct {
	url   string
	cmd   *exec.Cmd
	ready time.Duration
}

// start runs a program in the control group until it answers at path.
func (m *machine) start(ctx context.Context, path string, env []string, argv ...string) (*process, error) {
	port, err := free()
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(m.dir, filepath.Base(argv[0])+".log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	// sh puts itself into the group and becomes the program.
	p := &process{url: "http://127.0.0.1:" + port, cmd: exec.Command("sh", append([]string{"-c", `echo $$ > "$0/cgroup.procs" && exec "$@"`, m.group}, argv...)...)}
	p.cmd.Env = append(append(os.Environ(), "PORT="+port), env...)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	begun := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	m.running = append(m.running, p)
	for time.Since(begun) < time.Minute && ctx.Err() == nil {
		if response, err := http.Get(p.url + path); err == nil {
			io.Copy(io.Discard, response.Body)
			response.Body.Close()
			if response.StatusCode == http.StatusOK {
				p.ready = time.Since(begun)
				return p, nil
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	return nil, errors.Join(ctx.Err(), fmt.Errorf("%s did not answer within a minute; its log is %s", argv[0], log.Name()))
}

func (p *process) stop() {
	p.cmd.Process.Signal(syscall.SIGTERM) // one that has ended is what is wanted
	p.cmd.Wait()
}

// cpu is what the process has used so far.
func (p *process) cpu() time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+2:]))
	user, _ := strconv.Atoi(fields[11])   // the kernel writes numbers
	system, _ := strconv.Atoi(fields[12]) // likewise
	return time.Duration(user+system) * 10 * time.Millisecond
}

// memory is the resident set in bytes.
func (p *process) memory() int {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	pages, _ := strconv.Atoi(strings.Fields(string(text))[1]) // the kernel writes numbers
	return pages * os.Getpagesize()
}

func free() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}
