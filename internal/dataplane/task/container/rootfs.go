package container

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// makeRoot turns the calling process's mount namespace, a copy of the host's,
// into the container's.
func makeRoot(spec Spec) error {
	defer unix.Umask(unix.Umask(0)) // modes below mean what they say
	if err := mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err // nothing done here may reach the host
	}
	devices, err := detachAll(deviceMounts())
	if err != nil {
		return err
	}
	volumes, err := detachAll(spec.Mounts)
	if err != nil {
		return err
	}
	if err := enterOverlay(spec); err != nil {
		return err
	}
	steps := []func() error{
		mountKernel,
		func() error { return setSysctls(spec.Sysctls) },
		func() error { return mountDev(spec.SharedMemory) },
		func() error { return attachAll(devices) },
		func() error { return mountTmpfs(spec.Tmpfs) },
		func() error { return attachAll(volumes) },
		temporary,
		mask,
		func() error { return seal(spec.ReadonlyRoot) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// enterOverlay stacks the layers under a writable one and makes that the root.
func enterOverlay(spec Spec) error {
	for _, dir := range []string{"upper", "work", "root"} {
		if err := os.MkdirAll(filepath.Join(spec.Work, dir), 0o755); err != nil {
			return fmt.Errorf("make overlay: %w", err)
		}
	}
	if err := os.Chdir(spec.Work); err != nil {
		return fmt.Errorf("make overlay: %w", err)
	}
	lower, err := shortNames(spec.Layers)
	if err != nil {
		return fmt.Errorf("make overlay: %w", err)
	}
	options := "lowerdir=" + strings.Join(lower, ":") + ",upperdir=upper,workdir=work"
	if err := mount("overlay", "root", "overlay", unix.MS_NODEV, options); err != nil {
		return err
	}
	if err := os.Chdir("root"); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil { // the old root now lies over the new one
		return fmt.Errorf("pivot root: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leave old root: %w", err)
	}
	return os.Chdir("/")
}

// shortNames links the layers into the working directory: mount options must
// fit a page, and must not hold a colon.
func shortNames(layers []string) ([]string, error) {
	if len(layers) == 0 {
		return nil, errors.New("image has no layers")
	}
	names := make([]string, len(layers))
	for i, layer := range layers {
		names[i] = strconv.Itoa(i)
		if err := os.Symlink(layer, names[i]); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
	}
	return names, nil
}

// mountKernel mounts the kernel's own file systems.
func mountKernel() error {
	const safe = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC
	if err := mountNew("proc", "/proc", "proc", safe, ""); err != nil {
		return err
	}
	return mountNew("sysfs", "/sys", "sysfs", safe|unix.MS_RDONLY, "")
}

func setSysctls(all []Sysctl) error {
	for _, s := range all {
		if !s.Namespaced() || strings.Contains(s.Name, "/") {
			return fmt.Errorf("set %s: not a parameter of a container", s.Name)
		}
		path := "/proc/sys/" + strings.ReplaceAll(s.Name, ".", "/")
		if err := os.WriteFile(path, []byte(s.Value), 0o644); err != nil {
			return fmt.Errorf("set %s: %w", s.Name, err)
		}
	}
	return nil
}

func mountDev(sharedMemory int64) error {
	if sharedMemory == 0 {
		sharedMemory = 64 << 20
	}
	const safe = unix.MS_NOSUID | unix.MS_NOEXEC
	shm := "mode=1777,size=" + strconv.FormatInt(sharedMemory, 10)
	for _, err := range []error{
		mountNew("tmpfs", "/dev", "tmpfs", safe, "mode=755,size=65536"),
		mountNew("devpts", "/dev/pts", "devpts", safe, "newinstance,ptmxmode=0666,mode=0620,gid=5"),
		mountNew("shm", "/dev/shm", "tmpfs", safe|unix.MS_NODEV, shm),
		mountNew("mqueue", "/dev/mqueue", "mqueue", safe|unix.MS_NODEV, ""),
		os.Symlink("pts/ptmx", "/dev/ptmx"),
		os.Symlink("/proc/self/fd", "/dev/fd"),
		os.Symlink("/proc/self/fd/0", "/dev/stdin"),
		os.Symlink("/proc/self/fd/1", "/dev/stdout"),
		os.Symlink("/proc/self/fd/2", "/dev/stderr"),
	} {
		if err != nil {
			return err
		}
	}
	return nil
}

func mountTmpfs(all []Tmpfs) error {
	for _, t := range all {
		options := "mode=1777,size=" + strconv.FormatInt(t.Size, 10)
		if err := mountNew("tmpfs", filepath.Clean("/"+t.Target), "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, options); err != nil {
			return err
		}
	}
	return nil
}

// temporary makes /tmp, which programs expect and images from scratch lack.
func temporary() error {
	err := os.Mkdir("/tmp", 0o1777|fs.ModeSticky)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// Paths of /proc and /sys that tell of the host or change it, as in Docker.
var (
	masked = []string{
		"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
		"/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
		"/sys/devices/virtual/powercap", "/sys/firmware",
	}
	frozen = []string{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"}
)

func mask() error {
	for _, path := range masked {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("mask %s: %w", path, err)
		}
		if info.IsDir() {
			err = mount("tmpfs", path, "tmpfs", unix.MS_RDONLY, "size=0")
		} else {
			err = mount("/dev/null", path, "", unix.MS_BIND, "")
		}
		if err != nil {
			return err
		}
	}
	for _, path := range frozen {
		if err := freeze(path); err != nil {
			return err
		}
	}
	return nil
}

func freeze(path string) error {
	const flags = unix.MS_NOSUID | unix.MS_NODEV | unix.MS_NOEXEC | unix.MS_RDONLY
	err := mount(path, path, "", unix.MS_BIND|unix.MS_REC, "")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return mount("", path, "", unix.MS_BIND|unix.MS_REMOUNT|flags, "")
}

// seal closes the root and /dev for writing.
func seal(root bool) error {
	const device = unix.MS_BIND | unix.MS_REMOUNT | unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NOEXEC
	if err := mount("", "/dev", "", device, ""); err != nil {
		return err
	}
	if !root {
		return nil
	}
	return mount("", "/", "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY|unix.MS_NODEV, "")
}

// mountNew mounts on a directory that it makes if need be. A symbolic link
// there would put the mount, and what is masked in it, elsewhere.
func mountNew(source, target, kind string, flags uintptr, options string) error {
	if err := os.MkdirAll(target, 0o755); err != nil {
		return fmt.Errorf("mount %s: %w", target, err)
	}
	info, err := os.Lstat(target)
	if err != nil {
		return fmt.Errorf("mount %s: %w", target, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("mount %s: not a directory", target)
	}
	return mount(source, target, kind, flags, options)
}

func mount(source, target, kind string, flags uintptr, options string) error {
	if err := unix.Mount(source, target, kind, flags, options); err != nil {
		return fmt.Errorf("mount %s %s: %w", kind, target, err)
	}
	return nil
}
