package regiontest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
)

// Binary builds cmd/apex once for the test process, or takes the one that
// APEX_BIN names, and returns its path.
func Binary(t testing.TB) string {
	t.Helper()
	path, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var buildOnce = sync.OnceValues(func() (string, error) {
	if bin := os.Getenv("APEX_BIN"); bin != "" {
		return filepath.Abs(bin)
	}
	bin := filepath.Join(moduleRoot(), "bin", "apex")
	if err := buildCompanion(); err != nil {
		return "", err
	}
	return bin, goBuild("-tags", "companion", "-o", bin, "./cmd/apex")
})

// buildCompanion makes the compressed program that a region carries for its tasks.
func buildCompanion() error {
	program := filepath.Join(moduleRoot(), "bin", "apex-task")
	if err := goBuild("-o", program, "./cmd/apex-task"); err != nil {
		return err
	}
	compressed, err := exec.Command("gzip", "-9nc", program).Output()
	if err != nil {
		return fmt.Errorf("compress %s: %w", program, err)
	}
	embedded := filepath.Join(moduleRoot(), "internal", "region", "apex-task.gz")
	if old, err := os.ReadFile(embedded); err == nil && bytes.Equal(old, compressed) {
		return nil // another test process may be building with it
	}
	return os.WriteFile(embedded, compressed, 0o644)
}

// goBuild builds as the Makefile does.
func goBuild(args ...string) error {
	cmd := exec.Command("go", append([]string{"build", "-trimpath", "-ldflags", "-s -w"}, args...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = moduleRoot(), os.Stderr, os.Stderr
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	return cmd.Run()
}

// moduleRoot is the checkout that this package was compiled from.
func moduleRoot() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}
