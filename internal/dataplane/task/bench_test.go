package task

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkStart measures from the start to the end of a program that does
// nothing: bare, and as a task. The metric x-exec of the second is its time over
// that of a bare exec in the same run.
func BenchmarkStart(b *testing.B) {
	layer, err := image()
	if err != nil {
		b.Fatal(err)
	}
	bare := func() {
		if err := exec.Command(filepath.Join(layer, "probe"), "exit", "0").Run(); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("exec", func(b *testing.B) {
		for b.Loop() {
			bare()
		}
	})
	b.Run("task", func(b *testing.B) {
		var execs, tasks time.Duration
		for b.Loop() {
			b.StopTimer()
			begin := time.Now()
			bare()
			execs += time.Since(begin)
			c := config(b, "exit 0")
			b.StartTimer()
			begin = time.Now()
			apply(b, c)
			await(b, c, func(s State) bool { return s.Status == Stopped })
			tasks += time.Since(begin)
		}
		b.ReportMetric(float64(tasks)/float64(execs), "x-exec")
	})
}
