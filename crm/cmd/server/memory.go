package main

import (
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// A request leaves some 200 KB behind and few megabytes live, so Go's own
// pace would collect seventy times a second under load, at a tenth of the
// processor. There is memory for a slower one, and near its end Go is quick.
const (
	pace  = 400 // of GOGC
	share = 0.8 // of the task's memory, from which on Go collects as often as it must
)

// limits are where a container reads how much memory it has: cgroup v2, v1.
var limits = []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}

// spendMemory has Go collect by that, as far as the environment does not say.
func spendMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(pace)
	}
	if limit := memoryLimit(limits); limit > 0 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(float64(limit) * share))
	}
}

// memoryLimit is the first that a file tells; 0 if none does.
func memoryLimit(files []string) int64 {
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
			return n
		}
	}
	return 0
}
