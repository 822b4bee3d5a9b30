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

	From string // the backup that a new instance begins with; empty begins with nothing

	Passwords []string // any of them is good; none admits everyone who can connect
	Users     []User   // who may connect instead, if there are any; one of them is "default"
	MaxMemory int64    // bytes; 0 is no limit

	// Parameters are server settings, by Redis's own names. All are set on the
	// running server; "appendfsync" is everysec unless it is among them.
	Parameters map[string]string
}

// A User may connect under a name, and do what the rules say.
type User struct {
	Name      string
	Rules     string   // as `ACL SETUSER` takes them: "on ~app:* +@read"
	Passwords []string // digests of SHA-256, in hexadecimal; any of them is good
	Open      bool     // no password is asked for
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
	all := map[string]string{"default": "reset on " + client + " ~* &* +@all " + forbidden}
	if len(c.Users) > 0 {
		clear(all)
	}
	for _, u := range c.Users {
		all[u.Name] = u.rules()
	}
	all[adminName] = "reset on #" + digest(adminPassword) + " ~* &* +@all"
	return all
}

// rules are all of a user's rules. What is kept from clients comes last, so that
// nothing gives it back.
func (u User) rules() string {
	all := "reset " + u.Rules
	if u.Open {
		all += " nopass"
	}
	for _, p := range u.Passwords {
		all += " #" + p
	}
	return all + " " + forbidden
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
	userPattern  = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,63}$`)
	rulePattern  = regexp.MustCompile(`^(on|off|sanitize-payload|skip-sanitize-payload|(all|reset)(keys|channels)|(all|no)commands|[+-]@?[a-z0-9|_-]{1,64}|(~|&|%(R|W|RW|WR)~)[!#-&*-\[\]-~]{0,512})$`)
)

// validate refuses what could become another setting, or another line.
func (c Config) validate() error {
	for name, value := range c.Parameters {
		if !namePattern.MatchString(name) || !valuePattern.MatchString(value) {
			return fmt.Errorf("parameter %q: its name or value %q is not plain", name, value)
		}
	}
	for _, u := range c.Users {
		if u.Name == adminName || !userPattern.MatchString(u.Name) || CheckRules(u.Rules) != nil {
			return fmt.Errorf("user %q: its name or rules are not plain", u.Name)
		}
	}
	return nil
}

// CheckRules refuses rules of a user that mean more than whether it may connect,
// its commands, keys and channels.
func CheckRules(rules string) error {
	for _, rule := range strings.Fields(rules) {
		if !rulePattern.MatchString(rule) {
			return fmt.Errorf("rule %q: want on, off, and what begins with +, -, ~, %% or &", rule)
		}
	}
	return nil
}
