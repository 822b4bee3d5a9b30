package main

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const output = `goos: linux
pkg: apex/internal/dataplane/task
cpu: some
BenchmarkStart/exec-2         	      20	   2000000 ns/op
BenchmarkStart/task-2         	      20	  30000000 ns/op	        15.00 x-exec
PASS
ok  	apex/internal/dataplane/task	2.1s
pkg: apex/internal/store
BenchmarkCommit-2	 100	 5 ns/op	 4000 commits/s	 1000 fsyncs/s
BenchmarkCommit-2	 100	 5 ns/op	 9000 commits/s	 1000 fsyncs/s
BenchmarkCommit-2	 100	 5 ns/op	 6000 commits/s	 1000 fsyncs/s
BenchmarkNoise
--- FAIL: BenchmarkNoise
`

func TestRead(t *testing.T) {
	var echo strings.Builder
	seen, err := read(strings.NewReader(output), &echo)
	if err != nil || echo.String() != output {
		t.Fatalf("read: %v, and passed on:\n%s", err, echo.String())
	}
	want := results{
		"task.Start/exec ns/op": {2e6}, "task.Start/task ns/op": {3e7}, "task.Start/task x-exec": {15},
		"store.Commit ns/op": {5, 5, 5}, "store.Commit commits/s": {4000, 9000, 6000}, "store.Commit fsyncs/s": {1000, 1000, 1000},
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
}

func TestTable(t *testing.T) {
	seen, err := read(strings.NewReader(output), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	exec := value{metric: "task.Start/exec ns/op", scale: 1e-6, unit: "ms"}
	task := value{metric: "task.Start/task ns/op", scale: 1e-6, unit: "ms"}
	commits, fsyncs := value{metric: "store.Commit commits/s", unit: "/s"}, value{metric: "store.Commit fsyncs/s", unit: "/s"}
	for name, tt := range map[string]struct {
		goal   goal
		want   string
		missed int
	}{
		"a peer":        {goal{"start", task, exec, "exec", 0, 0}, "| start | 30 ms | exec: 2 ms | 15 |  |", 0},
		"within":        {goal{"start", task, exec, "exec", 15, 0}, "| start | 30 ms | exec: 2 ms | 15 | ≤ 15 |", 0},
		"over":          {goal{"start", task, exec, "exec", 14.9, 0}, "| start | 30 ms | exec: 2 ms | 15 | **missed:** ≤ 14.9 |", 1},
		"a median":      {goal{"commits", commits, fsyncs, "fsyncs", 0, 5}, "| commits | 6000 /s | fsyncs: 1000 /s | 6 | ≥ 5 |", 0},
		"under":         {goal{"commits", commits, fsyncs, "fsyncs", 0, 7}, "| commits | 6000 /s | fsyncs: 1000 /s | 6 | **missed:** ≥ 7 |", 1},
		"a fixed limit": {goal{"start", task, value{fixed: 60, unit: "ms"}, "limit", 1, 0}, "| start | 30 ms | limit: 60 ms | 0.5 | ≤ 1 |", 0},
		"nothing":       {goal{"x", value{metric: "a.B c"}, exec, "exec", 1, 0}, "| x | **not measured** | | | ≤ 1 |", 1},
	} {
		t.Run(name, func(t *testing.T) {
			text, missed := table([]goal{tt.goal}, seen)
			_, row, _ := strings.Cut(text, "--:|\n")
			if strings.TrimSpace(row) != tt.want || missed != tt.missed {
				t.Errorf("%d missed\ngot  %swant %s", missed, row, tt.want)
			}
		})
	}
}
