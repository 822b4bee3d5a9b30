package redis

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
)

// ShellCommand returns the client program on the instance in dir, as its
// administrator, with extra arguments. The caller gives it a terminal.
func ShellCommand(dir string, args ...string) (*exec.Cmd, error) {
	path, err := exec.LookPath("redis-cli")
	if err != nil {
		return nil, errors.New("no Redis client is installed: install Debian's package redis-tools")
	}
	password, err := adminPassword(dir)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path, append([]string{"-s", "redis.sock", "--user", adminName, "--no-auth-warning"}, args...)...)
	cmd.Dir = filepath.Join(dir, "home") // a socket's path must be short
	cmd.Env = append(os.Environ(), "REDISCLI_AUTH="+password)
	return cmd, nil
}
