package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// A detached is a copy of a mount, held by a descriptor and not yet in any
// tree. It is taken before the root is pivoted and attached after, when the
// host's paths are gone and links of the image lead nowhere but the image.
type detached struct {
	tree   int
	dir    bool
	target string
}

// deviceMounts are the devices a program expects.
func deviceMounts() []Mount {
	var devices []Mount
	for _, name := range []string{"null", "zero", "full", "random", "urandom", "tty"} {
		devices = append(devices, Mount{Source: "/dev/" + name, Target: "/dev/" + name})
	}
	return devices
}

func detachAll(mounts []Mount) ([]detached, error) {
	var all []detached
	for _, m := range mounts {
		d, err := detach(m)
		if err != nil {
			return nil, fmt.Errorf("mount %s on %s: %w", m.Source, m.Target, err)
		}
		all = append(all, d)
	}
	return all, nil
}

func detach(m Mount) (detached, error) {
	info, err := os.Stat(m.Source)
	if err != nil {
		return detached{}, err
	}
	tree, err := unix.OpenTree(unix.AT_FDCWD, m.Source, unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	if err != nil {
		return detached{}, err
	}
	attributes := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_NOSUID}
	if info.Mode()&fs.ModeDevice == 0 {
		attributes.Attr_set |= unix.MOUNT_ATTR_NODEV
	}
	if m.ReadOnly {
		attributes.Attr_set |= unix.MOUNT_ATTR_RDONLY
	}
	if err := unix.MountSetattr(tree, "", unix.AT_EMPTY_PATH, &attributes); err != nil {
		return detached{}, err
	}
	return detached{tree, info.IsDir(), filepath.Clean("/" + m.Target)}, nil
}

func attachAll(all []detached) error {
	for _, d := range all {
		if err := d.attach(); err != nil {
			return fmt.Errorf("mount on %s: %w", d.target, err)
		}
	}
	return nil
}

func (d detached) attach() error {
	defer unix.Close(d.tree)
	if err := d.place(); err != nil {
		return err
	}
	return unix.MoveMount(d.tree, "", unix.AT_FDCWD, d.target, unix.MOVE_MOUNT_F_EMPTY_PATH)
}

// place makes what the mount covers. A link there, such as a distribution's
// /etc/resolv.conf, gives way.
func (d detached) place() error {
	info, err := os.Lstat(d.target)
	switch {
	case err == nil && info.Mode()&fs.ModeSymlink != 0:
		if err := os.Remove(d.target); err != nil {
			return err
		}
	case err == nil && info.IsDir() == d.dir:
		return nil
	case err == nil:
		return errors.New("the image has a file where a directory is mounted, or the reverse")
	}
	if d.dir {
		return os.MkdirAll(d.target, 0o755)
	}
	if err := os.MkdirAll(filepath.Dir(d.target), 0o755); err != nil {
		return err
	}
	return os.WriteFile(d.target, nil, 0o644)
}
