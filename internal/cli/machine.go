package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/google/nftables"
	"golang.org/x/sys/unix"

	"apex/internal/dataplane/mysql"
	"apex/internal/dataplane/redis"
	"apex/internal/dataplane/task/cgroup"
	"apex/internal/region"
	"apex/internal/stack"
)

// machineChecks are for what no region can be without.
func machineChecks() []check {
	return []check{
		{"root", true, lookRoot, "run it as root: sudo -E apex …", nil},
		{"namespaces", true, lookNamespaces, "in a container, start that with --privileged", nil},
		{"overlay file system", true, lookOverlay, "modprobe overlay", nil},
		{"nftables", true, lookNftables, "modprobe nf_tables; a container needs CAP_NET_ADMIN", nil},
		{"control groups", true, lookCgroups, "mount -t cgroup2 cgroup2 /sys/fs/cgroup; a container needs them writable", nil},
		{
			"MySQL", true, lookMySQL, "apt-get install mariadb-server-core mariadb-client-core",
			func(s stack.Stack) bool { return s.Database == nil },
		},
		{
			"Redis", true, lookRedis, "apt-get install redis-server redis-tools",
			func(s stack.Stack) bool { return s.Cache == nil },
		},
		{"disk", true, lookDisk, "free some, or put the home on another disk: export APEX_HOME=…", nil},
	}
}

func lookRoot(context.Context, region.Home) (string, error) {
	if uid := os.Geteuid(); uid != 0 {
		return "", fmt.Errorf("user %d may not make networks and containers", uid)
	}
	return "user 0", nil
}

// lookNamespaces starts this program in new ones.
func lookNamespaces(ctx context.Context, _ region.Home) (string, error) {
	cmd := exec.CommandContext(ctx, "/proc/self/exe", "version")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
	}
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("make namespaces: %w", err)
	}
	return "network, mount, process, host name, IPC", nil
}

func lookOverlay(context.Context, region.Home) (string, error) {
	b, err := os.ReadFile("/proc/filesystems")
	if err != nil {
		return "", err
	}
	if !strings.Contains(string(b), "\toverlay\n") {
		return "", errors.New("the kernel has none loaded")
	}
	return "overlayfs", nil
}

func lookNftables(context.Context, region.Home) (string, error) {
	conn, err := nftables.New()
	if err != nil {
		return "", err
	}
	if _, err := conn.ListTables(); err != nil {
		return "", fmt.Errorf("ask the kernel for tables: %w", err)
	}
	return "the kernel answers", nil
}

func lookCgroups(context.Context, region.Home) (string, error) {
	if _, err := cgroup.Detect(); err != nil {
		return "", err
	}
	var fs unix.Statfs_t
	if err := unix.Statfs("/sys/fs/cgroup", &fs); err != nil {
		return "", err
	}
	version := "version 1"
	if fs.Type == unix.CGROUP2_SUPER_MAGIC {
		version = "version 2"
	}
	return version + ": cpu, memory, pids", nil
}

func lookMySQL(ctx context.Context, _ region.Home) (string, error) {
	e, err := mysql.FindEngine(ctx)
	if err != nil {
		return "", err
	}
	return e.String(), nil
}

func lookRedis(ctx context.Context, _ region.Home) (string, error) {
	e, err := redis.FindEngine(ctx)
	if err != nil {
		return "", err
	}
	return e.String(), nil
}

// leastDisk is what a region with one small stack needs to begin.
const leastDisk = 1 << 30

// lookDisk asks the nearest folder above the home that exists.
func lookDisk(_ context.Context, home region.Home) (string, error) {
	var fs unix.Statfs_t
	dir := home.Dir
	for unix.Statfs(dir, &fs) != nil && dir != "/" {
		dir = filepath.Dir(dir)
	}
	free := fs.Bavail * uint64(fs.Bsize)
	text := fmt.Sprintf("%.1f GiB free for %s", float64(free)/(1<<30), home.Dir)
	if free < leastDisk {
		return "", errors.New(text)
	}
	return text, nil
}
