package mysql

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// templateFormat changes when the way templates are made does.
const templateFormat = 1

// template returns the engine's template data directory, which it makes if it is
// not there yet. It is safe to call from many processes.
func template(ctx context.Context, e Engine, root string) (string, error) {
	if root == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", fmt.Errorf("find cache directory: %w", err)
		}
		root = filepath.Join(cache, "apex")
	}
	dir := filepath.Join(root, fmt.Sprintf("%s-%s-v%d", e.Flavor, e.Version, templateFormat))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return "", err
	}
	unlock, err := lockFile(dir + ".lock")
	if err != nil {
		return "", fmt.Errorf("lock template: %w", err)
	}
	defer unlock()
	if _, err := os.Stat(dir); err == nil { // another made it meanwhile
		return dir, nil
	}
	if err := makeTemplate(ctx, e, dir); err != nil {
		return "", fmt.Errorf("make template data directory: %w", err)
	}
	return dir, nil
}

// lockFile takes an exclusive lock. The holder's work is bounded by its ctx.
func lockFile(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if err == nil {
			return func() { f.Close() }, nil
		}
		if !errors.Is(err, unix.EINTR) {
			f.Close()
			return nil, err
		}
	}
}

func makeTemplate(ctx context.Context, e Engine, dir string) error {
	building := dir + ".new"
	if err := os.RemoveAll(building); err != nil { // of one who was killed
		return err
	}
	if err := os.Mkdir(building, 0o700); err != nil {
		return err
	}
	cmd, err := initialise(ctx, e, filepath.Join(building, "data"))
	if err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(cmd.Path), err, lastLines(string(out), 10))
	}
	if err := syncTree(building); err != nil {
		return err
	}
	return os.Rename(building, dir)
}

// initialise returns the engine's own command for a new data directory, in which
// root@localhost is let in by the socket without a password.
func initialise(ctx context.Context, e Engine, data string) (*exec.Cmd, error) {
	common := []string{"--no-defaults", "--datadir=" + data, "--tmpdir=" + filepath.Dir(data), "--user=root", "--innodb-log-file-size=" + logFileSize}
	if e.Flavor == MySQL {
		return exec.CommandContext(ctx, e.Path, append(common, "--initialize-insecure")...), nil
	}
	script, err := exec.LookPath("mariadb-install-db")
	if err != nil {
		return nil, fmt.Errorf("%w (mariadb-install-db is missing)", ErrMissing)
	}
	return exec.CommandContext(ctx, script, append(common,
		"--auth-root-authentication-method=socket", "--auth-root-socket-user=root",
		"--skip-test-db", "--skip-name-resolve")...), nil
}

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
