package region

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// taskExecutable returns the program that runs beside tasks: the small one that
// this binary carries, unpacked into the home, or this binary itself if it carries
// none or the home's file system runs no programs. The small one costs a tenth of
// the memory, twice for each task.
func (h Home) taskExecutable(self string) (string, error) {
	if len(companion) == 0 {
		return self, nil
	}
	path := h.path("run", fmt.Sprintf("apex-task-%x", sha256.Sum256(companion))[:len("apex-task-")+12])
	if _, err := os.Stat(path); err != nil {
		if err := unpackCompanion(path); err != nil {
			return "", fmt.Errorf("unpack the tasks' program: %w", err)
		}
	}
	others, _ := filepath.Glob(h.path("run", "apex-task-*"))
	for _, other := range others {
		if other != path {
			_ = os.Remove(other) // of another version; tasks that it runs keep it
		}
	}
	var exit *exec.ExitError
	if err := exec.Command(path).Run(); !errors.As(err, &exit) { // without arguments it says so
		return self, nil
	}
	return path, nil
}

func unpackCompanion(path string) error {
	next := path + ".next"
	compressed, err := gzip.NewReader(bytes.NewReader(companion))
	if err != nil {
		return err
	}
	program, err := io.ReadAll(compressed)
	if err != nil {
		return err
	}
	if err := os.WriteFile(next, program, 0o755); err != nil {
		return err
	}
	return os.Rename(next, path)
}
