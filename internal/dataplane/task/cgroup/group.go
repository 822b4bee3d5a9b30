package cgroup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Limits bound a group. A zero field bounds nothing.
type Limits struct {
	CPU     int   // units, 1024 are one CPU: a hard quota over 100 ms periods
	Shares  int   // units: the share of what siblings compete for
	Memory  int64 // bytes, hard: going above it kills
	Reserve int64 // bytes that are reclaimed last
	PIDs    int64 // processes and threads
}

// A Group is one control group; the zero Group is not usable.
type Group struct {
	mounts Mounts
	path   string
}

// Group names a group without touching it.
func (m Mounts) Group(path string) Group { return Group{m, filepath.Clean(path)} }

// Below names a group inside the group.
func (g Group) Below(name string) Group { return Group{g.mounts, filepath.Join(g.path, name)} }

// Create makes the group with its parents and sets its limits. A group that is
// already there takes the new limits.
func (g Group) Create(limits Limits) error {
	for _, root := range g.mounts.roots() {
		if root == g.mounts.unified {
			if err := g.delegate(); err != nil {
				return fmt.Errorf("create cgroup %s: %w", g.path, err)
			}
		}
		if err := os.MkdirAll(filepath.Join(root, g.path), 0o755); err != nil {
			return fmt.Errorf("create cgroup %s: %w", g.path, err)
		}
	}
	for _, s := range settings(limits) {
		if err := g.set(s); err != nil {
			return fmt.Errorf("create cgroup %s: %w", g.path, err)
		}
	}
	return nil
}

// delegate hands the controllers down from the root of the unified hierarchy to
// the group's parent, each of which must name them before a child has them.
func (g Group) delegate() error {
	enable := "+" + strings.Join(g.mounts.owned, " +")
	dir := g.mounts.unified
	for _, part := range strings.Split(g.path, "/") {
		if err := os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte(enable), 0o644); err != nil {
			return err
		}
		dir = filepath.Join(dir, part)
		if err := os.Mkdir(dir, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}

func (g Group) set(s setting) error {
	name, value := s.v2, s.value2
	if g.mounts.v1[s.controller] != "" {
		name, value = s.v1, s.value1
	}
	err := os.WriteFile(g.file(s.controller, name), []byte(value), 0o644)
	if s.optional && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (g Group) file(controller, name string) string {
	return filepath.Join(g.mounts.root(controller), g.path, name)
}

// Add moves a process into the group.
func (g Group) Add(pid int) error {
	for _, root := range g.mounts.roots() {
		procs := filepath.Join(root, g.path, "cgroup.procs")
		if err := os.WriteFile(procs, []byte(strconv.Itoa(pid)), 0o644); err != nil {
			return fmt.Errorf("add pid %d to cgroup %s: %w", pid, g.path, err)
		}
	}
	return nil
}

// Remove kills what is left in the group and in the groups below it and
// removes them all. A group that is gone is no error.
func (g Group) Remove(ctx context.Context) error {
	for _, root := range g.mounts.roots() {
		if err := removeTree(ctx, filepath.Join(root, g.path)); err != nil {
			return fmt.Errorf("remove cgroup %s: %w", g.path, err)
		}
	}
	return nil
}

// Prune removes the group if it holds nothing, and says nothing if it does.
func (g Group) Prune() {
	for _, root := range g.mounts.roots() {
		_ = syscall.Rmdir(filepath.Join(root, g.path))
	}
}

// removeTree repeats because a fork may race the kill, because the kernel keeps a
// group busy until a killed process is reaped, and because a supervisor that was
// just starting may have made another group in it.
func removeTree(ctx context.Context, dir string) error {
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		if err := removeChildren(ctx, dir); err != nil {
			return err
		}
		if err := kill(dir); err != nil {
			return err
		}
		err := syscall.Rmdir(dir)
		if err == nil || errors.Is(err, syscall.ENOENT) {
			return nil
		}
		if !errors.Is(err, syscall.EBUSY) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", err, context.Cause(ctx))
		case <-time.After(pause):
		}
	}
}

func removeChildren(ctx context.Context, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := removeTree(ctx, filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func kill(dir string) error {
	data, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, field := range strings.Fields(string(data)) {
		pid, err := strconv.Atoi(field)
		if err != nil || pid <= 1 {
			continue // 0 is a process of another pid namespace, never to be signalled
		}
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	return nil
}
