package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// root is the checkout, seen from this package.
const root = ".."

// BenchmarkBuild builds the binary as `make build` does, with an empty build
// cache. It reports the wall clock's and the processors' seconds, and the size.
func BenchmarkBuild(b *testing.B) {
	for b.Loop() {
		out := filepath.Join(b.TempDir(), "apex")
		cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, "./cmd/apex")
		cmd.Dir, cmd.Env = root, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOCACHE="+b.TempDir())
		begin := time.Now()
		if text, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("build: %v\n%s", err, text)
		}
		b.ReportMetric(time.Since(begin).Seconds(), "build-s")
		b.ReportMetric((cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), "cpu-s")
		file, err := os.Stat(out)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(file.Size())/(1<<20), "MiB")
	}
}
