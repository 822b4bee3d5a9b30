package task

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkMany starts many tasks at once, 20 unless APEX_TASKS says otherwise, by
// the binary that APEX_BIN names or this one, and reports what each costs at rest:
// the time to start, and the memory of its supervisor and of its container's
// process 1, with shared pages divided among those who share them (PSS) and without
// them (USS).
func BenchmarkMany(b *testing.B) {
	many, err := strconv.Atoi(cmp.Or(os.Getenv("APEX_TASKS"), "20"))
	if err != nil {
		b.Fatal(err)
	}
	binary := cmp.Or(os.Getenv("APEX_BIN"), os.Args[0])
	for b.Loop() {
		var all []Config
		begin := time.Now()
		for range many {
			c := config(b, "await 0")
			c.Executable = binary
			c.CPU, c.Memory = 256, 512
			apply(b, c)
			all = append(all, c)
		}
		var supervisors, inits []int
		for _, c := range all {
			s := await(b, c, func(s State) bool { return s.Status == Running })
			supervisors = append(supervisors, s.Supervisor.PID)
			inits = append(inits, s.Containers[0].PID)
		}
		b.ReportMetric(time.Since(begin).Seconds()*1000/float64(many), "ms/start")
		time.Sleep(2 * time.Second) // what a runtime gives back, it gives back by then
		for name, pids := range map[string][]int{"supervisor": supervisors, "init": inits} {
			b.ReportMetric(memoryOf(b, pids, "Pss"), name+"-PSS-KiB")
			b.ReportMetric(memoryOf(b, pids, "Private_Clean", "Private_Dirty"), name+"-USS-KiB")
		}
		b.ReportMetric(threadsOf(supervisors), "supervisor-threads")
	}
}

// memoryOf is the mean of the sum of fields of smaps_rollup, in KiB.
func memoryOf(b *testing.B, pids []int, fields ...string) float64 {
	total := 0
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			b.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(line, ":")
			for _, f := range fields {
				if n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB")); name == f && err == nil {
					total += n
				}
			}
		}
	}
	return float64(total) / float64(len(pids))
}

func threadsOf(pids []int) float64 {
	total := 0
	for _, pid := range pids {
		all, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
		total += len(all)
	}
	return float64(total) / float64(len(pids))
}
