package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// processes are what the benchmark has started.
type processes struct {
	dir  string
	next int
	cmds []*exec.Cmd
}

// sub makes a directory for one process.
func (p *processes) sub(name string) (string, error) {
	p.next++
	dir := filepath.Join(p.dir, fmt.Sprintf("%d-%s", p.next, name))
	return dir, os.Mkdir(dir, 0o777)
}

func (p *processes) run(dir, path string, args ...string) (*exec.Cmd, error) {
	cmd := exec.Command(path, args...)
	log, err := os.Create(filepath.Join(dir, "output"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd.Stdout, cmd.Stderr, cmd.Dir = log, log, dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir}
	// A session of its own, as a service has: the scheduler shares by sessions.
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.cmds = append(p.cmds, cmd)
	return cmd, nil
}

func (p *processes) stop() {
	for _, cmd := range p.cmds {
		end(cmd)
	}
}

func end(cmd *exec.Cmd) {
	cmd.Process.Kill()
	cmd.Wait()
}

func (p *processes) backend() (netip.AddrPort, error) {
	addr, err := freeAddr()
	if err != nil {
		return addr, err
	}
	dir, err := p.sub("backend")
	if err != nil {
		return addr, err
	}
	exe, err := os.Executable()
	if err != nil {
		return addr, err
	}
	if _, err := p.run(dir, exe, "backend", addr.String()); err != nil {
		return addr, err
	}
	return addr, awaitOpen(addr)
}

func freeAddr() (netip.AddrPort, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).AddrPort(), nil
}

// awaitOpen waits until something listens.
func awaitOpen(addr netip.AddrPort) error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for {
		c, err := new(net.Dialer).DialContext(ctx, "tcp", addr.String())
		if err == nil {
			return c.Close()
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%s: %w", addr, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// family returns a process and its children, which are what a proxy consists of.
func family(pid int) []int {
	pids := []int{pid}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for _, field := range strings.Fields(string(children)) {
		if child, err := strconv.Atoi(field); err == nil {
			pids = append(pids, family(child)...)
		}
	}
	return pids
}

// cpuSeconds is what a proxy has used, in user mode and in the kernel.
func cpuSeconds(pid int) (float64, error) {
	total := 0.0
	for _, id := range family(pid) {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", id))
		if err != nil {
			return 0, err
		}
		f := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+2:]))
		user, _ := strconv.ParseFloat(f[11], 64)
		system, _ := strconv.ParseFloat(f[12], 64)
		total += (user + system) / 100
	}
	return total, nil
}

// memory is the proportional set size of a proxy, in KiB.
func memory(pid int) (float64, error) {
	total := 0.0
	for _, id := range family(pid) {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", id))
		if err != nil {
			return 0, err
		}
		_, rest, _ := strings.Cut(string(data), "\nPss:")
		kib, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
		if err != nil {
			return 0, err
		}
		total += kib
	}
	return total, nil
}
