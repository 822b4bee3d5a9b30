package cgroup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestChoose(t *testing.T) {
	v1 := map[string]string{"cpu": "/c/cpu", "cpuacct": "/c/cpuacct", "memory": "/c/memory", "pids": "/c/pids"}
	for name, tt := range map[string]struct {
		v1        map[string]string
		available string
		want      string
	}{
		"v1":           {v1, "", "/c/cpu /c/cpuacct /c/memory /c/pids"},
		"hybrid":       {map[string]string{"cpu": "/c/cpu", "cpuacct": "/c/cpu", "pids": "/c/pids"}, "memory io", "/c/cpu /u /c/pids"},
		"v2":           {nil, "cpuset cpu io memory pids", "/u"},
		"v2 no memory": {nil, "cpu pids", "memory: controller unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := choose(tt.v1, "/u", strings.Fields(tt.available))
			got := strings.Join(m.roots(), " ")
			if err != nil {
				got = err.Error()
			}
			if got != tt.want {
				t.Errorf("roots: got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestParseMounts(t *testing.T) {
	const info = `24 30 0:22 / /proc rw - proc proc rw
31 30 0:27 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct
32 30 0:28 / /sys/fs/cgroup/memory rw shared:10 - cgroup cgroup rw,memory
33 30 0:29 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
34 30 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
broken line
`
	v1, unified, err := parseMounts(strings.NewReader(info))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"cpu": "/sys/fs/cgroup/cpu,cpuacct", "cpuacct": "/sys/fs/cgroup/cpu,cpuacct", "memory": "/sys/fs/cgroup/memory",
	}
	if diff := cmp.Diff(want, v1); diff != "" {
		t.Errorf("v1 (-want +got):\n%s", diff)
	}
	if unified != "/sys/fs/cgroup/unified" {
		t.Errorf("unified: got %q", unified)
	}
}

func TestSettings(t *testing.T) {
	var v1, v2 []string
	for _, s := range settings(Limits{CPU: 512, Shares: 1024, Memory: 64 << 20, Reserve: 32 << 20, PIDs: 100}) {
		v1 = append(v1, s.v1+"="+s.value1)
		v2 = append(v2, s.v2+"="+s.value2)
	}
	if diff := cmp.Diff([]string{
		"cpu.cfs_quota_us=50000", "cpu.shares=1024", "memory.limit_in_bytes=67108864",
		"memory.memsw.limit_in_bytes=67108864", "memory.soft_limit_in_bytes=33554432", "pids.max=100",
	}, v1); diff != "" {
		t.Errorf("v1 (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"cpu.max=50000 100000", "cpu.weight=39", "memory.max=67108864",
		"memory.swap.max=0", "memory.low=33554432", "pids.max=100",
	}, v2); diff != "" {
		t.Errorf("v2 (-want +got):\n%s", diff)
	}
}

func TestGroup(t *testing.T) {
	m, err := Detect()
	if errors.Is(err, ErrUnavailable) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	parent := fmt.Sprintf("apex-test-%d", os.Getpid())
	group := m.Group(parent + "/inner")
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := m.Group(parent).Remove(ctx); err != nil {
			t.Error(err)
		}
	})
	for range 2 { // again with nothing changed
		if err := group.Create(Limits{CPU: 256, Memory: 64 << 20, PIDs: 32}); err != nil {
			t.Fatal(err)
		}
	}
	sleeper := exec.Command("sleep", "60")
	if err := sleeper.Start(); err != nil {
		t.Fatal(err)
	}
	if err := group.Add(sleeper.Process.Pid); err != nil {
		t.Fatal(err)
	}
	stats, err := group.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if stats.PIDs != 1 || stats.MemoryLimit != 64<<20 {
		t.Errorf("stats: got %+v, want one pid and 64 MiB", stats)
	}
	done := make(chan error, 1)
	go func() { done <- sleeper.Wait() }()
	if err := group.Remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err == nil {
		t.Error("the process outlived its group")
	}
	if err := group.Remove(t.Context()); err != nil {
		t.Errorf("remove again: %v", err)
	}
}
