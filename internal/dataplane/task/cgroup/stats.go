package cgroup

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Stats are what a group used.
type Stats struct {
	CPU         time.Duration // since the group was made
	Throttled   int64         // periods in which the quota stopped it
	Memory      int64         // bytes held, without file cache that can be dropped
	MemoryLimit int64         // bytes; 0 if none
	OOMKills    int64         // processes of this group killed for memory
	PIDs        int64
}

// Stats reads the group's counters.
func (g Group) Stats() (Stats, error) {
	var s Stats
	for _, read := range []func(*Stats) error{g.cpu, g.memory, g.pids} {
		if err := read(&s); err != nil {
			return Stats{}, fmt.Errorf("stats of cgroup %s: %w", g.path, err)
		}
	}
	return s, nil
}

func (g Group) cpu(s *Stats) error {
	stat, err := readPairs(g.file("cpu", "cpu.stat"))
	if err != nil {
		return err
	}
	s.Throttled = stat["nr_throttled"]
	if g.mounts.v1["cpuacct"] == "" {
		s.CPU = time.Duration(stat["usage_usec"]) * time.Microsecond
		return nil
	}
	usage, err := readInt(g.file("cpuacct", "cpuacct.usage"))
	s.CPU = time.Duration(usage)
	return err
}

func (g Group) memory(s *Stats) error {
	current, limit, cache := "memory.current", "memory.max", "inactive_file"
	events := "memory.events"
	if g.mounts.v1["memory"] != "" {
		current, limit, cache = "memory.usage_in_bytes", "memory.limit_in_bytes", "total_inactive_file"
		events = "memory.oom_control"
	}
	held, err := readInt(g.file("memory", current))
	if err != nil {
		return err
	}
	stat, err := readPairs(g.file("memory", "memory.stat"))
	if err != nil {
		return err
	}
	s.Memory = max(held-stat[cache], 0)
	if s.MemoryLimit, err = readInt(g.file("memory", limit)); err != nil {
		return err
	}
	counts, err := readPairs(g.file("memory", events))
	s.OOMKills = counts["oom_kill"]
	return err
}

func (g Group) pids(s *Stats) (err error) {
	s.PIDs, err = readInt(g.file("pids", "pids.current"))
	return err
}

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

// readPairs reads a file of lines "name number".
func readPairs(path string) (map[string]int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	pairs := map[string]int64{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		name, number, _ := strings.Cut(lines.Text(), " ")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			pairs[name] = n
		}
	}
	return pairs, lines.Err()
}
