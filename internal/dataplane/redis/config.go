package redis

import (
	"crypto/sha256"
	"encoding/hex"
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

// stopTimeout is how long a server may take to finish its append-only file.
const stopTimeout = 20 * time.Second

// adminName is the administrator's; a client cannot guess its password.
const adminName = "apex-admin"

// forbidden are the commands that ElastiCache keeps from its clients.
const forbidden = "-bgrewriteaof -bgsave -config -debug -migrate -module -psync -replicaof -save -shutdown -slaveof -sync " +
	"-failover -acl|setuser -acl|deluser -acl|load -acl|save"

// A Config is one instance.
type Config struct {
	Dir        string // the instance's directory: absolute
	Executable string // the apex binary, for the supervisor
	Engine     Engine

	Namespace string // path of the network namespace; empty is the caller's own
	Address   netip.Addr
	Port      int

	Passwords []string // any of them is good; none admits everyone who can connect
	MaxMemory int64    // bytes; 0 is no limit

	// Parameters are server settings, by Redis's own names. All are set on the
	// running server; "appendfsync" is everysec unless it is among them.
	Parameters map[string]string
}

func (c Config) home() string { return filepath.Join(c.Dir, "home") }

func supervisorDir(dir string) string { return filepath.Join(dir, "supervisor") }
func socketPath(dir string) string    { return filepath.Join(dir, "home", "redis.sock") }

func (c Config) spec(uid, gid int) supervisor.Spec {
	return supervisor.Spec{
		Name: "redis " + filepath.Base(c.Dir), Dir: supervisorDir(c.Dir), Executable: c.Executable,
		Path: c.Engine.Path, Args: c.arguments(), Env: []string{"PATH=/usr/bin:/bin", "LANG=C"},
		Namespace: c.Namespace, UID: uid, GID: gid,
		Mounts:  []supervisor.Mount{{Source: c.home(), Target: inside}},
		Restart: true, StopTimeout: stopTimeout,
	}
}

// arguments are the settings that take a restart.
func (c Config) arguments() []string {
	return []string{
		inside + "/redis.conf",
		"--bind", c.Address.String(),
		"--port", fmt.Sprint(c.Port),
		"--unixsocket", inside + "/redis.sock",
		"--dir", inside + "/data",
		"--protected-mode", "no", // who may connect is the network's matter
		"--appendonly", "yes",
		"--save", "", // the append-only file is the one copy
		"--daemonize", "no",
		"--set-proc-title", "no",
	}
}

// settings are what a running server takes: the parameters, and the limit.
func (c Config) settings() map[string]string {
	all := map[string]string{"maxmemory": fmt.Sprint(c.MaxMemory), "appendfsync": "everysec"}
	maps.Copy(all, c.Parameters)
	return all
}

// users are the access rules, as `ACL SETUSER` takes them.
func (c Config) users(adminPassword string) map[string]string {
	client := "nopass"
	if len(c.Passwords) > 0 {
		client = ""
	}
	for _, p := range c.Passwords {
		client += " #" + digest(p)
	}
	return map[string]string{
		"default": "reset on " + client + " ~* &* +@all " + forbidden,
		adminName: "reset on #" + digest(adminPassword) + " ~* &* +@all",
	}
}

func digest(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}

// file is redis.conf: what the server takes at its next start.
func (c Config) file(adminPassword string) string {
	var b strings.Builder
	settings, users := c.settings(), c.users(adminPassword)
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		fmt.Fprintf(&b, "%s %q\n", name, settings[name])
	}
	for _, name := range slices.Sorted(maps.Keys(users)) {
		fmt.Fprintf(&b, "user %s %s\n", name, users[name])
	}
	return b.String()
}

var (
	namePattern  = regexp.MustCompile(`^[a-z][a-z0-9-]{0,63}$`)
	valuePattern = regexp.MustCompile(`^[A-Za-z0-9_.,:+/ -]{0,256}$`)
)

// validate refuses what could become another setting, or another line.
func (c Config) validate() error {
	for name, value := range c.Parameters {
		if !namePattern.MatchString(name) || !valuePattern.MatchString(value) {
			return fmt.Errorf("parameter %q: its name or value %q is not plain", name, value)
		}
	}
	return nil
}
