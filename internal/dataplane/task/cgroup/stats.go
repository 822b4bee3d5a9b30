package cgroup

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Stats are what a group used.
type Stats struct {
	CPU          time.Duration // since the group was made
	Periods      int64         // of the quota, in which it wanted to run
	Throttled    int64         // periods in which the quota stopped it
	ThrottledFor time.Duration
	Held         int64 // bytes of memory, with all file cache
	Cache        int64 // bytes of file cache that can be dropped
	Memory       int64 // bytes held, without file cache that can be dropped
	MemoryLimit  int64 // bytes; 0 if none
	OOMKills     int64 // processes of this group killed for memory
	PIDs         int64
	Read         int64 // bytes from disks; 0 where the kernel does not tell
	Written      int64 // bytes to disks; version 1 counts only what no cache delays
}

// Stats reads the group's counters once.
func (g Group) Stats() (Stats, error) {
	r, err := g.Open()
	if err != nil {
		return Stats{}, err
	}
	defer r.Close()
	s, err := r.Read(make([]byte, Scratch))
	if err != nil {
		return Stats{}, err
	}
	s.OOMKills, err = g.oomKills()
	return s, err
}

func (g Group) oomKills() (int64, error) {
	name := "memory.events"
	if g.mounts.v1["memory"] != "" {
		name = "memory.oom_control"
	}
	text, err := os.ReadFile(g.file("memory", name))
	if err != nil {
		return 0, fmt.Errorf("stats of cgroup %s: %w", g.path, err)
	}
	return pair(text, "oom_kill"), nil
}

func nanoseconds(n int64) time.Duration { return time.Duration(n) }

// unlimited is where version 1 starts to mean "no limit": it rounds the
// greatest int64 down to a page.
const unlimited = 1 << 62

func readInt(path string) (int64, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	text := strings.TrimSpace(string(data))
	if text == "max" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", path, err)
	}
	if n >= unlimited {
		n = 0
	}
	return n, nil
}
