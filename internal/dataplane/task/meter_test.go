package task

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"apex/internal/dataplane/task/cgroup"
)

func TestTraffic(t *testing.T) {
	const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:     100       1    0    0    0     0          0         0      100       1    0    0    0     0       0          0
  eth0: 5180100   12345    1    2    0     0          0         0  9900       99    3    4    0     0       0          0
`
	want := []Traffic{{"eth0", 5180100, 12345, 1, 2, 9900, 99, 3, 4}}
	if diff := cmp.Diff(want, traffic([]byte(text))); diff != "" {
		t.Errorf("traffic (-want +got):\n%s", diff)
	}
}

func TestMeterFollowsAllContainers(t *testing.T) {
	c := config(t, "listen 127.0.0.1:0 , await 0")
	late := sidecar(t, "late", "spin 60000")
	late.DependsOn = []Dependency{{Container: "main", Condition: Start}}
	c.Containers = append(c.Containers, late)
	apply(t, c)
	await(t, c, func(s State) bool { return s.Status == Running })
	m, err := OpenMeter(c.Dir)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	scratch := make([]byte, cgroup.Scratch)
	var s Stats
	for end := time.Now().Add(30 * time.Second); s.Containers["late"].CPU < 50*time.Millisecond; time.Sleep(5 * time.Millisecond) {
		if s, err = m.Read(time.Now(), scratch); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(end) {
			t.Fatalf("a spinning container uses nothing: %+v", s)
		}
	}
	main, spinning := s.Containers["main"], s.Containers["late"]
	if main.CPU >= spinning.CPU || s.Task.CPU < spinning.CPU || main.Memory == 0 || s.Task.PIDs <= main.PIDs {
		t.Errorf("main %+v, late %+v, task %+v", main, spinning, s.Task)
	}
	if err := Stop(t.Context(), c.Dir, "test"); err != nil {
		t.Fatal(err)
	}
	await(t, c, func(s State) bool { return s.Status == Stopped })
	for end := time.Now().Add(30 * time.Second); err == nil; time.Sleep(5 * time.Millisecond) {
		if _, err = m.Read(time.Now(), scratch); time.Now().After(end) {
			t.Fatal("a task that is gone can be read")
		}
	}
}

func TestDiskUsage(t *testing.T) {
	dir := t.TempDir()
	if used, err := DiskUsage(dir); used != 0 || err != nil {
		t.Errorf("nothing: %d, %v", used, err)
	}
	upper := filepath.Join(dir, "containers", "main", "upper")
	if err := os.MkdirAll(upper, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(upper, "f"), make([]byte, 1<<20), 0o644); err != nil {
		t.Fatal(err)
	}
	if used, err := DiskUsage(dir); used < 1<<20 || err != nil {
		t.Errorf("a file of 1 MiB: %d, %v", used, err)
	}
}
