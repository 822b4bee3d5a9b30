package engines

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
)

// seed makes the database and its user at the first start.
const seed = `CREATE DATABASE IF NOT EXISTS crm CHARACTER SET utf8mb4;
CREATE USER IF NOT EXISTS 'crm'@'%' IDENTIFIED BY 'mysql-secret';
GRANT ALL ON ` + "`crm%`" + `.* TO 'crm'@'%';
`

// MariaDB starts a MariaDB in dir, with an empty database crm if it is new.
func MariaDB(ctx context.Context, dir string) (*Process, error) {
	path, err := exec.LookPath("mariadbd")
	if err != nil {
		return nil, fmt.Errorf("mariadb: %w; install the package mariadb-server-core", err)
	}
	address, port, err := free()
	if err != nil {
		return nil, err
	}
	data, first := filepath.Join(dir, "data"), filepath.Join(dir, "first.sql")
	if err := prepare(ctx, dir, data, first); err != nil {
		return nil, fmt.Errorf("mariadb: %w", err)
	}
	p := &Process{
		URL: "mysql://crm:mysql-secret@" + address + "/crm", name: "mariadb", dir: dir, address: address,
		argv: append([]string{
			path, "--no-defaults", "--datadir=" + data, "--tmpdir=" + dir, "--port=" + port, "--bind-address=127.0.0.1",
			"--socket=" + filepath.Join(dir, "sock"), "--pid-file=" + filepath.Join(dir, "pid"), "--init-file=" + first,
			"--skip-name-resolve", "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M", "--max-connections=60",
			"--character-set-server=utf8mb4",
		}, asUser()...),
	}
	return p, p.Start(ctx)
}

// account is the user to run as: the server refuses to be root. Debian makes
// the user mysql with the full package only, not with the engine alone.
func account() (*user.User, error) {
	u, err := user.Lookup("mysql")
	if err != nil {
		return user.Lookup("nobody")
	}
	return u, nil
}

func asUser() []string {
	u, err := account()
	if err != nil || os.Getuid() != 0 {
		return nil
	}
	return []string{"--user=" + u.Username}
}

func prepare(ctx context.Context, dir, data, first string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(first, []byte(seed), 0o644); err != nil {
		return err
	}
	if err := hand(dir); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(data, "mysql")); err == nil {
		return nil
	}
	install := exec.CommandContext(ctx, "mariadb-install-db", append([]string{
		"--no-defaults", "--datadir=" + data,
		"--tmpdir=" + dir, // two that install at once take each other's temporary tables
		"--auth-root-authentication-method=normal", "--skip-test-db",
	}, asUser()...)...)
	if out, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("install: %w: %s", err, out)
	}
	return nil
}

// hand gives dir to the user that the server runs as.
func hand(dir string) error {
	if os.Getuid() != 0 {
		return nil
	}
	u, err := account()
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return err
	}
	return os.Chown(dir, uid, gid)
}
