package mysql

import (
	"fmt"
	"os/exec"
	"path/filepath"
)

// ShellCommand returns the client program on the instance in dir, as its
// administrator, with extra arguments such as a database's name. The caller
// gives it a terminal.
func ShellCommand(dir string, args ...string) (*exec.Cmd, error) {
	for _, client := range []string{"mysql", "mariadb"} {
		path, err := exec.LookPath(client)
		if err != nil {
			continue
		}
		all := append([]string{"--no-defaults", "--protocol=socket", "--socket=mysql.sock", "--user=root"}, args...)
		cmd := exec.Command(path, all...)
		cmd.Dir = filepath.Join(dir, "home") // a socket's path must be short
		return cmd, nil
	}
	return nil, fmt.Errorf("no MySQL client is installed: install Debian's package mariadb-client-core")
}
