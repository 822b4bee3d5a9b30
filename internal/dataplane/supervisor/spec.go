package supervisor

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// defaultStopTimeout is how long a process may take to end after its StopSignal.
const defaultStopTimeout = 10 * time.Second

// A Spec says which process to run, and how.
type Spec struct {
	Name string // for messages: "mysql db-1"
	Dir  string // the supervisor's own directory: absolute, made if missing

	Path string   // the program: absolute
	Args []string // its arguments, without the program's name
	Env  []string // its whole environment; nothing is inherited

	Namespace string  // path of the network namespace; empty is the caller's own
	Mounts    []Mount // makes a mount namespace for the process if there are any
	UID, GID  int     // 0 keeps root

	Restart     bool           // start again whenever it ends, with back-off
	KeepFiles   bool           // offer Attach to the process
	StopSignal  syscall.Signal // default SIGTERM
	StopTimeout time.Duration  // then SIGKILL; default 10 s

	// Executable is the apex binary, which is run as `Executable supervise DIR`.
	// It is no part of what runs: a new binary restarts nothing.
	Executable string `json:"-"`
}

// A Mount shows a directory at another path to the process alone. It lets an
// ordinary user's process reach a directory below one that only root may enter.
type Mount struct {
	Source, Target string // absolute; the target exists
	ReadOnly       bool
}

func (s Spec) withDefaults() Spec {
	if s.StopSignal == 0 {
		s.StopSignal = syscall.SIGTERM
	}
	if s.StopTimeout == 0 {
		s.StopTimeout = defaultStopTimeout
	}
	return s
}

func (s Spec) validate() error {
	for what, path := range map[string]string{"dir": s.Dir, "path": s.Path, "executable": s.Executable} {
		if !filepath.IsAbs(path) {
			return fmt.Errorf("supervise %s: %s %q is not an absolute path", s.Name, what, path)
		}
	}
	return nil
}

// sameProcess reports whether two specs run the same thing. They are compared as
// stored, so that a field which a newer apex adds, left zero, changes nothing.
func sameProcess(a, b Spec) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && bytes.Equal(x, y)
}

func specPath(dir string) string { return filepath.Join(dir, "spec.json") }

func readJSON[T any](path string) (v T, err error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return v, nil
	}
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return v, fmt.Errorf("parse %s: %w", path, err)
	}
	return v, nil
}

// writeJSON replaces the file in one step: a reader sees the old or the new.
func writeJSON(path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	tmp := path + ".tmp"
	if err := os.WriteFile(tmp, data, 0o600); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
