package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestMemoryLimit(t *testing.T) {
	for name, tt := range map[string]struct {
		text string
		want int64
	}{"a limit": {"1073741824\n", 1 << 30}, "none": {"max\n", 0}, "nonsense": {"", 0}} {
		file := filepath.Join(t.TempDir(), "memory.max")
		if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := memoryLimit([]string{"/does/not/exist", file}); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}
