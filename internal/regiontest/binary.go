package regiontest

import (
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
	err := goBuild("-o", filepath.Join(moduleRoot(), "internal", "region", "apex-task"), "./cmd/apex-task")
	if err != nil {
		return "", err
	}
	return bin, goBuild("-tags", "companion", "-o", bin, "./cmd/apex")
})

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
