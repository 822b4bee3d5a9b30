package cgroup

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ErrUnavailable says that a controller is mounted nowhere on this machine.
var ErrUnavailable = errors.New("controller unavailable")

// controllers are those a Group uses; version 2 has no cpuacct, its cpu
// controller counts. Only disk may be missing.
var controllers = []string{"cpu", "cpuacct", "memory", "pids", disk}

// disk is the controller that counts what goes to and from disks; version 2
// calls it io.
const disk = "blkio"

// Mounts are the control group hierarchies of this machine.
type Mounts struct {
	v1      map[string]string // controller → mount point
	unified string            // mount point of version 2 if it owns a controller used here
	owned   []string          // controllers taken from the unified hierarchy
}

// Detect finds the hierarchies that own the controllers.
func Detect() (Mounts, error) {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return Mounts{}, fmt.Errorf("detect cgroups: %w", err)
	}
	defer f.Close()
	v1, unified, err := parseMounts(f)
	if err != nil {
		return Mounts{}, fmt.Errorf("detect cgroups: %w", err)
	}
	var available []string
	if unified != "" {
		data, err := os.ReadFile(filepath.Join(unified, "cgroup.controllers"))
		if err != nil {
			return Mounts{}, fmt.Errorf("detect cgroups: %w", err)
		}
		available = strings.Fields(string(data))
	}
	return choose(v1, unified, available)
}

// parseMounts reads the format of /proc/self/mountinfo (proc(5)).
func parseMounts(r io.Reader) (v1 map[string]string, unified string, err error) {
	v1 = map[string]string{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		before, after, found := strings.Cut(lines.Text(), " - ")
		head, tail := strings.Fields(before), strings.Fields(after)
		if !found || len(head) < 5 || len(tail) < 3 {
			continue
		}
		switch point := head[4]; tail[0] {
		case "cgroup2":
			unified = point
		case "cgroup":
			for _, option := range strings.Split(tail[2], ",") {
				if slices.Contains(controllers, option) {
					v1[option] = point
				}
			}
		}
	}
	return v1, unified, lines.Err()
}

// choose takes each controller from version 1 if it is mounted there.
func choose(v1 map[string]string, unified string, available []string) (Mounts, error) {
	m := Mounts{v1: v1, unified: unified}
	for _, c := range controllers {
		if v1[c] != "" {
			continue
		}
		switch c {
		case "cpuacct":
			c = "cpu"
		case disk:
			c = "io"
			if !slices.Contains(available, c) {
				continue
			}
		}
		if !slices.Contains(available, c) {
			return Mounts{}, fmt.Errorf("%s: %w", c, ErrUnavailable)
		}
		if !slices.Contains(m.owned, c) {
			m.owned = append(m.owned, c)
		}
	}
	if len(m.owned) == 0 {
		m.unified = ""
	}
	return m, nil
}

// roots are the distinct mount points in use.
func (m Mounts) roots() []string {
	var roots []string
	for _, c := range controllers {
		if point := m.root(c); point != "" && !slices.Contains(roots, point) {
			roots = append(roots, point)
		}
	}
	return roots
}

// root is the mount point of the hierarchy that owns a controller.
func (m Mounts) root(controller string) string {
	if point := m.v1[controller]; point != "" {
		return point
	}
	return m.unified
}
