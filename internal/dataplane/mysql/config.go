package mysql

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"apex/internal/dataplane/supervisor"
)

// Where the server sees its own directory.
const inside = "/mnt"

// stopTimeout is how long a server may take to write its pages back.
const stopTimeout = 60 * time.Second

const logFileSize = "32M" // of the redo log; the template has the same, so that no start resizes it

// A Config is one instance.
type Config struct {
	Dir        string // the instance's directory: absolute
	Executable string // the apex binary, for the supervisor
	Engine     Engine
	Templates  string // where templates are kept; empty is the user's cache directory
	From       string // the backup that a new instance begins with; empty begins with nothing

	Namespace  string // path of the network namespace; empty is the caller's own
	Address    netip.Addr
	Port       int
	ServerID   uint32
	BufferPool int64 // bytes

	Master   User
	Database string // made if it is not there; empty makes none

	// Parameters are server variables that take a restart; Variables are set on
	// the running server. Names and values are those of the engine.
	Parameters map[string]string
	Variables  map[string]string
}

// A User is the one who owns the instance's databases.
type User struct{ Name, Password string }

func (c Config) home() string       { return filepath.Join(c.Dir, "home") }
func (c Config) supervisor() string { return supervisorDir(c.Dir) }

func supervisorDir(dir string) string { return filepath.Join(dir, "supervisor") }

// spec describes the server's process. All settings are arguments, none of them
// secret, so that another setting is another spec.
func (c Config) spec(uid, gid int) supervisor.Spec {
	return supervisor.Spec{
		Name: "mysql " + filepath.Base(c.Dir), Dir: c.supervisor(), Executable: c.Executable,
		Path: c.Engine.Path, Args: c.arguments(), Env: []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C"},
		Namespace: c.Namespace, UID: uid, GID: gid,
		Mounts:  []supervisor.Mount{{Source: c.home(), Target: inside}},
		Restart: true, StopTimeout: stopTimeout,
	}
}

func (c Config) arguments() []string {
	args := []string{
		"--defaults-file=" + inside + "/live.cnf", // first, or it is not heeded
		"--datadir=" + inside + "/data",
		"--tmpdir=" + inside + "/tmp",
		"--secure-file-priv=" + inside + "/files",
		"--socket=" + inside + "/mysql.sock",
		"--pid-file=" + inside + "/mysqld.pid",
		"--slow-query-log-file=" + inside + "/slow.log",
		"--general-log-file=" + inside + "/general.log",
		"--bind-address=" + c.Address.String(),
		fmt.Sprintf("--port=%d", c.Port),
		fmt.Sprintf("--server-id=%d", c.ServerID),
		fmt.Sprintf("--innodb-buffer-pool-size=%d", c.BufferPool),
		"--skip-name-resolve",
		"--local-infile=OFF",
		"--log-bin=binlog",
		"--binlog-format=ROW",
		"--sync-binlog=1",
		"--innodb-flush-log-at-trx-commit=1",
		"--innodb-log-file-size=" + logFileSize,
		"--binlog-expire-logs-seconds=86400",
		"--character-set-server=utf8mb4",
	}
	args = append(args, flavorArguments(c.Engine.Flavor)...)
	for _, name := range slices.Sorted(maps.Keys(c.Parameters)) {
		args = append(args, "--"+name+"="+c.Parameters[name])
	}
	return args
}

// flavorArguments are the settings that the engines name differently: global
// transaction ids, no TLS, and the password scheme that RDS's 8.0 begins with.
func flavorArguments(f Flavor) []string {
	if f == MariaDB {
		return []string{"--gtid-strict-mode=ON", "--skip-ssl", "--performance-schema=OFF"}
	}
	return []string{
		"--gtid-mode=ON", "--enforce-gtid-consistency=ON", "--mysqlx=OFF",
		"--tls-version=", "--default-authentication-plugin=mysql_native_password",
	}
}

// liveFile is the options file with the variables that need no restart, for the
// next start.
func (c Config) liveFile() string {
	var b strings.Builder
	b.WriteString("[mysqld]\n")
	for _, name := range slices.Sorted(maps.Keys(c.Variables)) {
		fmt.Fprintf(&b, "%s=%s\n", name, c.Variables[name])
	}
	return b.String()
}

var (
	namePattern  = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	valuePattern = regexp.MustCompile(`^[A-Za-z0-9_.,:+/ -]{0,256}$`)
)

// validate refuses what could become another option, or another line.
func (c Config) validate() error {
	for _, set := range []map[string]string{c.Parameters, c.Variables} {
		for name, value := range set {
			if !namePattern.MatchString(name) || !valuePattern.MatchString(value) {
				return fmt.Errorf("parameter %q: its name or value %q is not plain", name, value)
			}
		}
	}
	if c.Master.Name == "" {
		return errors.New("the master user has no name")
	}
	return nil
}
