package supervisor

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// enterNamespaces moves the calling thread, which must be locked, to where the
// process shall run. Children it starts begin there.
func enterNamespaces(spec Spec) error {
	if spec.Namespace != "" {
		if err := enterNetwork(spec.Namespace); err != nil {
			return err
		}
	}
	if len(spec.Mounts) > 0 {
		if err := mountPrivately(spec.Mounts); err != nil {
			return err
		}
	}
	if spec.UID != 0 {
		// An ordinary user's process gains nothing by a set-user-id program.
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return fmt.Errorf("set no new privileges: %w", err)
		}
	}
	return nil
}

func enterNetwork(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("enter network namespace: %w", err)
	}
	defer f.Close()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("enter network namespace %s: %w", path, err)
	}
	return nil
}

// mountPrivately gives the thread a mount namespace of its own with the mounts.
func mountPrivately(mounts []Mount) error {
	if err := unix.Unshare(unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("make mount namespace: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SLAVE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	if err := letNamespacesGo(); err != nil {
		return err
	}
	for _, m := range mounts {
		if err := bind(m); err != nil {
			return fmt.Errorf("mount %s on %s: %w", m.Source, m.Target, err)
		}
	}
	return nil
}

func bind(m Mount) error {
	if err := unix.Mount(m.Source, m.Target, "", unix.MS_BIND, ""); err != nil {
		return err
	}
	flags := uintptr(unix.MS_REMOUNT | unix.MS_BIND | unix.MS_NOSUID | unix.MS_NODEV)
	if m.ReadOnly {
		flags |= unix.MS_RDONLY
	}
	return unix.Mount("", m.Target, "", flags, "")
}

// letNamespacesGo unmounts our copies of other namespaces' names: they would
// keep a deleted network alive for as long as this process runs.
func letNamespacesGo() error {
	f, err := os.Open("/proc/thread-self/mountinfo")
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if point, ok := namespaceMount(lines.Text()); ok {
			_ = unix.Unmount(point, unix.MNT_DETACH) // one gone meanwhile is as good
		}
	}
	return lines.Err()
}

// namespaceMount returns the mount point of a mountinfo line if a namespace is
// mounted there.
func namespaceMount(line string) (point string, ok bool) {
	before, after, found := strings.Cut(line, " - ")
	fields := strings.Fields(before)
	if !found || len(fields) < 5 || !strings.HasPrefix(after, "nsfs ") {
		return "", false
	}
	return fields[4], true
}
