package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"apex/internal/region"
)

// checkPorts finds ports of the region that other programs hold. Those that the
// home's own processes hold, which outlive the region, are as they should be.
func checkPorts(home region.Home) error {
	for _, p := range []struct {
		port     int
		variable string
	}{{home.Port, "APEX_PORT"}, {home.HTTPPort, "APEX_HTTP_PORT"}, {home.HTTPSPort, "APEX_HTTPS_PORT"}} {
		if portFree(p.port) {
			continue
		}
		pid, name, ours := portHolder(p.port, home)
		if ours {
			continue
		}
		by := "another program"
		if pid != 0 {
			by = fmt.Sprintf("%s, process %d,", name, pid)
		}
		return hinted(fmt.Errorf("listen on 127.0.0.1:%d: %s holds the port", p.port, by),
			"end it, or choose another port: export "+p.variable+"=…")
	}
	return nil
}

func portFree(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// portHolder finds the process that listens on a port, and whether it is one of
// the home's: the daemon, or one that names a folder of the home among its arguments.
func portHolder(port int, home region.Home) (pid int, name string, ours bool) {
	inode := listeningInode(port)
	if inode == "" {
		return 0, "", false
	}
	daemon, _ := home.Daemon()
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, link := range links {
		if to, _ := os.Readlink(link); to != "socket:["+inode+"]" {
			continue
		}
		dir := filepath.Dir(filepath.Dir(link))
		pid, _ = strconv.Atoi(filepath.Base(dir))
		args, _ := os.ReadFile(filepath.Join(dir, "cmdline"))
		comm, _ := os.ReadFile(filepath.Join(dir, "comm"))
		name = strings.TrimSpace(string(comm))
		if bytes.Contains(args, []byte(home.Dir+"/")) || pid == daemon.PID {
			return pid, name, true
		}
	}
	return pid, name, false
}

// listeningInode finds the socket that listens on a port, in the kernel's table.
func listeningInode(port int) string {
	const listening = "0A"
	f, err := os.Open("/proc/net/tcp")
	if err != nil {
		return ""
	}
	defer f.Close()
	suffix := fmt.Sprintf(":%04X", port)
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > 9 && fields[3] == listening && strings.HasSuffix(fields[1], suffix) {
			return fields[9]
		}
	}
	return ""
}
