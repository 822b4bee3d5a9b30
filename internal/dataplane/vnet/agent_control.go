package vnet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"apex/internal/dataplane/nat"
	"apex/internal/dataplane/supervisor"
)

// The files of an agent's directory, beside its supervisor's.
const (
	agentFile   = "agent.json"
	controlFile = "control"
)

// agentPatience bounds the wait for an agent to take over its config.
const agentPatience = 10 * time.Second

// serveControl answers whoever connects: once the config file is in force, or with
// the agent's figures.
func (a *agent) serveControl(ctx context.Context, group *errgroup.Group) error {
	path, done, err := controlPath(a.dir)
	if err != nil {
		return err
	}
	defer done()
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("serve control: %w", err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("serve control: %w", err)
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false) // by then the path means nothing
	group.Go(func() error {
		return nat.Serve(ctx, listener, a.answer)
	})
	return nil
}

// controlPath names the control socket by the directory's descriptor: a unix
// socket's path may have 107 characters, and a home's may be longer.
func controlPath(dir string) (path string, done func(), err error) {
	d, err := os.Open(dir)
	if err != nil {
		return "", nil, fmt.Errorf("control socket: %w", err)
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", d.Fd(), controlFile), func() { d.Close() }, nil
}

// tellAgent starts the network's agent if it does not run, and sees to it that
// its config is in force.
func (r *router) tellAgent(ctx context.Context, o Options, cfg Config) error {
	want, err := json.Marshal(cfg.agent(o))
	if err != nil {
		return err
	}
	dir := o.agentDir(r.id)
	path := filepath.Join(dir, agentFile)
	if have, err := os.ReadFile(path); err != nil || !bytes.Equal(have, want) {
		r.told = ""
		if err := writeFile(path, want); err != nil {
			return fmt.Errorf("write agent's config: %w", err)
		}
	}
	if err := supervisor.Apply(ctx, agentSpec(o, r.id)); err != nil {
		return err
	}
	if r.told == string(want) {
		return nil
	}
	if err := confirm(ctx, dir); err != nil {
		return fmt.Errorf("agent of %s: %w", r.id, err)
	}
	r.told = string(want)
	return nil
}

func agentSpec(o Options, id string) supervisor.Spec {
	dir := o.agentDir(id)
	return supervisor.Spec{
		Name: "agent of " + id, Dir: dir,
		Path: o.Executable, Args: []string{"vnet", dir},
		// One agent serves one network; a small heap suits it.
		Env:     []string{"GOMAXPROCS=2", "GOGC=50"},
		Restart: true, StopTimeout: 2 * time.Second, Executable: o.Executable,
	}
}

// confirm waits until the agent says that its config is in force.
func confirm(ctx context.Context, dir string) error {
	ctx, cancel := context.WithTimeout(ctx, agentPatience)
	defer cancel()
	for {
		said, err := ask(ctx, dir, "")
		switch {
		case err == nil && said == "ok":
			return nil
		case err == nil:
			return fmt.Errorf("load config: %s", said)
		case !startingUp(err):
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready: %w", err)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// startingUp reports whether an agent that has just been started may yet answer.
func startingUp(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET)
}

// ask puts a question to an agent and returns its answer.
func ask(ctx context.Context, dir, question string) (string, error) {
	path, done, err := controlPath(dir)
	if err != nil {
		return "", err
	}
	defer done()
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if _, err := io.WriteString(conn, question); err != nil {
		return "", err
	}
	if err := conn.(*net.UnixConn).CloseWrite(); err != nil {
		return "", err
	}
	said, err := io.ReadAll(io.LimitReader(conn, answerLimit))
	if err == nil && len(said) == 0 {
		err = syscall.ECONNRESET // it ended between the two
	}
	return strings.TrimSpace(string(said)), err
}

// stopAgent ends the agent that lives in dir, if one does.
func stopAgent(ctx context.Context, dir string) error { return supervisor.Stop(ctx, dir) }

// writeFile replaces a file in one step.
func writeFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
