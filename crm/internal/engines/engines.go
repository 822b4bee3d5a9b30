// Package engines starts a MariaDB and a Redis of one's own on loopback, for
// tests and for development without the platform. They keep their data in a
// folder, listen on a free port, and end with the process that started them.
package engines

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const readyWithin = 60 * time.Second

// A Process is one running engine.
type Process struct {
	URL string // for DATABASE_URL or REDIS_URL

	name, dir, address string
	argv               []string
	hello              string // what to send to be answered, if the engine does not speak first
	cmd                *exec.Cmd
	log                *os.File
}

// Start starts the engine again, on the port it had, and waits until it answers.
func (p *Process) Start(ctx context.Context) error {
	if err := p.spawn(); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, readyWithin)
	defer cancel()
	for !p.answers(ctx) {
		select {
		case <-ctx.Done():
			p.Kill()
			return fmt.Errorf("%s: no answer within %s; its log is %s", p.name, readyWithin, p.log.Name())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// spawn starts the engine and does not wait for it.
func (p *Process) spawn() error {
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	p.log = log
	p.cmd = exec.Command(p.argv[0], p.argv[1:]...)
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = p.dir, log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	return p.cmd.Start()
}

func (p *Process) answers(ctx context.Context) bool {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", p.address)
	if err != nil {
		return false
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := io.WriteString(conn, p.hello); err != nil {
		return false
	}
	answer := make([]byte, 64)
	n, err := conn.Read(answer)
	return err == nil && !strings.HasPrefix(string(answer[:n]), "-LOADING")
}

// Kill ends the engine as a power cut would.
func (p *Process) Kill() { p.end(syscall.SIGKILL) }

// Stop ends the engine in good order.
func (p *Process) Stop() { p.end(syscall.SIGTERM) }

func (p *Process) end(signal syscall.Signal) {
	if p.cmd == nil {
		return
	}
	p.cmd.Process.Signal(signal) // one that is gone already is what is wanted
	p.cmd.Wait()
	p.log.Close()
	p.cmd = nil
}

// Redis starts a Redis in dir.
func Redis(ctx context.Context, dir string) (*Process, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return nil, fmt.Errorf("redis: %w; install the package redis-server", err)
	}
	address, port, err := free()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	p := &Process{
		URL: "redis://:redis-secret@" + address + "/0", name: "redis", dir: dir, address: address, hello: "PING\r\n",
		argv: []string{
			path, "--port", port, "--bind", "127.0.0.1", "--dir", dir, "--requirepass", "redis-secret",
			"--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
		},
	}
	return p, p.Start(ctx)
}

func free() (address, port string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", "", err
	}
	address = l.Addr().String()
	_, port, _ = strings.Cut(address, ":")
	return address, port, l.Close()
}
