package redis

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
)

// ErrMissing says that the machine has no Redis server.
var ErrMissing = errors.New("no Redis server is installed: install Debian's packages redis-server and redis-tools")

// An Engine is an installed server.
type Engine struct {
	Version string // "7.0.15"
	Path    string // of the server program
}

// String returns words for people: "Redis 7.0.15".
func (e Engine) String() string { return "Redis " + e.Version }

// FindEngine returns the installed server, or ErrMissing.
func FindEngine(ctx context.Context) (Engine, error) {
	path, err := exec.LookPath("redis-server")
	if err != nil {
		return Engine{}, ErrMissing
	}
	out, err := exec.CommandContext(ctx, path, "--version").Output()
	if err != nil {
		return Engine{}, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	version, err := parseVersion(string(out))
	if err != nil {
		return Engine{}, fmt.Errorf("ask %s for its version: %w", path, err)
	}
	return Engine{Version: version, Path: path}, nil
}

var versionPattern = regexp.MustCompile(`\bv=(\d+\.\d+\.\d+)\b`)

func parseVersion(line string) (string, error) {
	m := versionPattern.FindStringSubmatch(line)
	if m == nil {
		return "", fmt.Errorf("version not understood: %q", strings.TrimSpace(line))
	}
	return m[1], nil
}
