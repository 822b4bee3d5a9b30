package supervisor

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// requireRoot skips what an ordinary user cannot do.
func requireRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root")
	}
}

func TestRunsInItsNetworkNamespace(t *testing.T) {
	requireRoot(t)
	name := fmt.Sprintf("apex-svtest-%d", os.Getpid())
	if out, err := exec.Command("ip", "netns", "add", name).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", name).Run() })
	spec := shell(t, "readlink /proc/self/ns/net; echo done; exec sleep 1000")
	spec.Namespace = "/run/netns/" + name
	applied(t, spec)
	awaitLog(t, spec.Dir, "done")
	ours, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(logOf(spec.Dir), ours) {
		t.Error("it runs in the host's network namespace")
	}
}

func TestRunsAsItsUserBelowAClosedDirectory(t *testing.T) {
	requireRoot(t)
	closed := filepath.Join(t.TempDir(), "closed") // root's alone, as a home is
	own := filepath.Join(closed, "own")
	if err := os.MkdirAll(own, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(own, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	spec := shell(t, `id -u; ls `+closed+` 2>&1; echo written > /mnt/file && echo done
		grep -c nsfs /proc/self/mountinfo; grep NoNewPrivs /proc/self/status; exec sleep 1000`)
	spec.UID, spec.GID = 65534, 65534
	spec.Mounts = []Mount{{Source: own, Target: "/mnt"}}
	applied(t, spec)
	awaitLog(t, spec.Dir, "NoNewPrivs:\t1")
	log := logOf(spec.Dir)
	for _, want := range []string{"65534\n", "Permission denied", "done\n0\n"} {
		if !strings.Contains(log, want) {
			t.Errorf("no %q in:\n%s", want, log)
		}
	}
	if data, err := os.ReadFile(filepath.Join(own, "file")); err != nil || string(data) != "written\n" {
		t.Errorf("file: %q, %v", data, err)
	}
	if _, err := os.Stat("/mnt/file"); err == nil {
		t.Error("the mount is seen outside")
	}
}

func TestNamespaceMount(t *testing.T) {
	for name, tt := range map[string]struct {
		line, point string
		ok          bool
	}{
		"network":   {"204 24 0:4 net:[4026532281] /run/netns/a rw shared:7 - nsfs nsfs rw", "/run/netns/a", true},
		"proc":      {"24 30 0:22 / /proc rw,relatime shared:13 - proc proc rw", "", false},
		"disk":      {"30 1 254:0 / / rw,relatime - ext4 /dev/vda rw", "", false},
		"cut short": {"204 24 - nsfs nsfs rw", "", false},
		"empty":     {"", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			if point, ok := namespaceMount(tt.line); point != tt.point || ok != tt.ok {
				t.Errorf("got %q, %v", point, ok)
			}
		})
	}
}
