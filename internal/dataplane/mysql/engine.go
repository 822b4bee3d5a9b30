package mysql

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
)

// ErrMissing says that the machine has no MySQL server.
var ErrMissing = errors.New("no MySQL server is installed: install MySQL 8.0, or Debian's packages mariadb-server-core and mariadb-client-core")

// A Flavor is whose MySQL it is.
type Flavor string

// The flavors.
const (
	MySQL   Flavor = "mysql"
	MariaDB Flavor = "mariadb"
)

// An Engine is an installed server.
type Engine struct {
	Flavor  Flavor
	Version string // "8.0.36", "10.11.19"
	Path    string // of the server program
}

// String returns words for people: "MariaDB 10.11.19".
func (e Engine) String() string {
	if e.Flavor == MariaDB {
		return "MariaDB " + e.Version
	}
	return "MySQL " + e.Version
}

// FindEngine returns the server to use: MySQL if it is installed, else MariaDB,
// else ErrMissing.
func FindEngine(ctx context.Context) (Engine, error) {
	var found []Engine
	for _, program := range []string{"mysqld", "mariadbd"} {
		path, err := lookPath(program)
		if err != nil {
			continue
		}
		out, err := exec.CommandContext(ctx, path, "--no-defaults", "--version").Output()
		if err != nil {
			return Engine{}, fmt.Errorf("ask %s for its version: %w", path, err)
		}
		e, err := parseVersion(string(out))
		if err != nil {
			return Engine{}, fmt.Errorf("ask %s for its version: %w", path, err)
		}
		e.Path = path
		found = append(found, e)
	}
	return choose(found)
}

func choose(found []Engine) (Engine, error) {
	for _, e := range found {
		if e.Flavor == MySQL { // "mysqld" may be MariaDB's by another name
			return e, nil
		}
	}
	if len(found) == 0 {
		return Engine{}, ErrMissing
	}
	return found[0], nil
}

// lookPath also looks where servers are, which an ordinary PATH leaves out.
func lookPath(program string) (string, error) {
	if path, err := exec.LookPath(program); err == nil {
		return path, nil
	}
	return exec.LookPath("/usr/sbin/" + program)
}

var versionPattern = regexp.MustCompile(`\bVer (\d+\.\d+\.\d+)(\S*)`)

// parseVersion reads the one line that --version prints.
func parseVersion(line string) (Engine, error) {
	m := versionPattern.FindStringSubmatch(line)
	if m == nil {
		return Engine{}, fmt.Errorf("version not understood: %q", strings.TrimSpace(line))
	}
	e := Engine{Flavor: MySQL, Version: m[1]}
	if strings.Contains(m[2], "MariaDB") {
		e.Flavor = MariaDB
	}
	return e, nil
}
