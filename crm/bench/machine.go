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
	groups       []string // of the measured processes
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
	m.groups, err = controlGroups()
	return err
}

// controlGroups are half a core and 1,024 MiB, as Fargate gives 512 CPU units:
// one group of cgroup v2, or one of each controller of v1.
func controlGroups() (groups []string, err error) {
	name := fmt.Sprintf("crm-bench-%d", os.Getpid())
	limits := map[string]map[string]string{
		"/sys/fs/cgroup/cpu/" + name:    {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "50000"},
		"/sys/fs/cgroup/memory/" + name: {"memory.limit_in_bytes": "1073741824"},
	}
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		limits = map[string]map[string]string{"/sys/fs/cgroup/" + name: {"cpu.max": "50000 100000", "memory.max": "1073741824"}}
	}
	for group, files := range limits {
		if err := os.Mkdir(group, 0o755); err != nil {
			return groups, fmt.Errorf("control group: %w (the bench needs root)", err)
		}
		groups = append(groups, group)
		for file, value := range files {
			limit, err := os.OpenFile(filepath.Join(group, file), os.O_WRONLY, 0) // the kernel's own file, or none
			if err == nil {
				_, err = limit.WriteString(value)
				limit.Close()
			}
			if err != nil {
				return groups, fmt.Errorf("control group: %w", err)
			}
		}
	}
	return groups, nil
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
	for _, group := range m.groups {
		for range 100 { // the kernel lets go of the dead a little later
			if os.Remove(group) == nil {
				break
			}
			time.Sleep(20 * time.Millisecond)
		}
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
	// sh puts itself into the groups and becomes the program.
	p := &process{url: "http://127.0.0.1:" + port, cmd: exec.Command("sh", append([]string{"-c", `for group in $0; do echo $$ > "$group/cgroup.procs" || exit; done; exec "$@"`, strings.Join(m.groups, " ")}, argv...)...)}
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
