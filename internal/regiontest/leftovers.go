package regiontest

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Leftovers names the namespaces, cgroups, mounts and processes of the home that
// are still there.
func (r *Region) Leftovers() []string {
	var left []string
	mark := "apex-" + r.Home.Hash()
	if names, err := os.ReadDir("/run/netns"); err == nil {
		for _, n := range names {
			if strings.HasPrefix(n.Name(), mark) {
				left = append(left, "namespace "+n.Name())
			}
		}
	}
	filepath.WalkDir("/sys/fs/cgroup", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.Contains(d.Name(), mark) {
			left = append(left, "cgroup "+path)
			return filepath.SkipDir
		}
		return nil
	})
	mounts, _ := os.ReadFile("/proc/self/mounts")
	for line := range strings.Lines(string(mounts)) {
		if strings.Contains(line, r.Home.Dir+"/") || strings.Contains(line, mark) {
			left = append(left, "mount "+strings.TrimSpace(line))
		}
	}
	return append(left, r.processes()...)
}

// processes finds processes by the home in their arguments or environment.
func (r *Region) processes() (left []string) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		if filepath.Base(dir) == "self" || dir == "/proc/"+strconv.Itoa(os.Getpid()) {
			continue
		}
		args, _ := os.ReadFile(dir + "/cmdline")
		env, _ := os.ReadFile(dir + "/environ")
		if bytes.Contains(args, []byte(r.Home.Dir+"/")) || bytes.Contains(env, []byte("APEX_HOME="+r.Home.Dir+"\x00")) {
			left = append(left, "process "+filepath.Base(dir)+" "+strings.ReplaceAll(string(args), "\x00", " "))
		}
	}
	return left
}
