package apexai

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// process finds a process of this home: of the stack's programs by the path that
// runs, of ours by the hidden sub-command.
func (s stack) process(t *testing.T, match string) int {
	t.Helper()
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		args, _ := os.ReadFile(dir + "/cmdline")
		words := strings.Split(string(args), "\x00")
		if len(words) < 2 {
			continue
		}
		program := words[0] == match || strings.HasSuffix(words[0], "/"+match)
		ours := words[1] == match && len(words) > 2 && strings.HasPrefix(words[2], s.Home.Dir)
		if ours || program && s.owns(pid) {
			return pid
		}
	}
	t.Fatalf("no process %q of this home", match)
	return 0
}

// owns reports whether one of the process's ancestors has the home in its
// arguments.
func (s stack) owns(pid int) bool {
	for range 6 {
		if pid <= 1 {
			return false
		}
		args, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
		if bytes.Contains(args, []byte(s.Home.Dir+"/")) {
			return true
		}
		stat, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		_, after, _ := bytes.Cut(stat, []byte(") "))
		fields := strings.Fields(string(after))
		if len(fields) < 2 {
			return false
		}
		pid, _ = strconv.Atoi(fields[1])
	}
	return false
}
