package task

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"apex/internal/dataplane/task/container"
)

// The files of /etc that a task brings along instead of the image.
var nameFiles = []string{"hosts", "hostname", "resolv.conf"}

// writeNames writes the files that name the task and its resolvers.
func writeNames(c Config) error {
	dir := filepath.Join(c.Dir, "etc")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for i, content := range []string{hosts(c), c.Hostname + "\n", resolv(c)} {
		if err := os.WriteFile(filepath.Join(dir, nameFiles[i]), []byte(content), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func hosts(c Config) string {
	text := "127.0.0.1 localhost\n"
	if c.Address.IsValid() {
		text += fmt.Sprintf("%s %s\n", c.Address, c.Hostname)
	}
	return text
}

func resolv(c Config) string {
	var text strings.Builder
	for _, server := range c.DNS {
		fmt.Fprintf(&text, "nameserver %s\n", server)
	}
	if len(c.Search) > 0 {
		fmt.Fprintf(&text, "search %s\n", strings.Join(c.Search, " "))
	}
	return text.String()
}

func nameMounts(dir string) []container.Mount {
	var mounts []container.Mount
	for _, name := range nameFiles {
		mounts = append(mounts, container.Mount{Source: filepath.Join(dir, "etc", name), Target: "/etc/" + name})
	}
	return mounts
}
