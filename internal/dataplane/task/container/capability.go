package container

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// capabilities is a set, bit n for capability n.
type capabilities uint64

// capabilityNames are the capabilities a container may hold. Docker's default
// also has MKNOD, which would make the host's disks from numbers.
var capabilityNames = map[string]int{
	"CHOWN": unix.CAP_CHOWN, "DAC_OVERRIDE": unix.CAP_DAC_OVERRIDE, "FOWNER": unix.CAP_FOWNER,
	"FSETID": unix.CAP_FSETID, "KILL": unix.CAP_KILL, "SETGID": unix.CAP_SETGID, "SETUID": unix.CAP_SETUID,
	"SETPCAP": unix.CAP_SETPCAP, "NET_BIND_SERVICE": unix.CAP_NET_BIND_SERVICE, "NET_RAW": unix.CAP_NET_RAW,
	"SYS_CHROOT": unix.CAP_SYS_CHROOT, "AUDIT_WRITE": unix.CAP_AUDIT_WRITE, "SETFCAP": unix.CAP_SETFCAP,
	"SYS_PTRACE": unix.CAP_SYS_PTRACE,
}

func capabilitiesOf(spec Spec) (capabilities, error) {
	var set capabilities
	for name, bit := range capabilityNames {
		if name != "SYS_PTRACE" { // only on request, as on Fargate
			set |= 1 << bit
		}
	}
	for _, name := range spec.DropCapabilities {
		if name == "ALL" {
			set = 0
		}
		set &^= 1 << capabilityNames[name] // dropping one never held changes nothing
	}
	for _, name := range spec.AddCapabilities {
		bit, known := capabilityNames[name]
		if !known {
			return 0, fmt.Errorf("add capability %q: not one that a container may hold", name)
		}
		set |= 1 << bit
	}
	return set, nil
}

// confine takes from the calling thread what it must not pass on, and puts the
// filter over all threads. The thread keeps SETUID, SETGID and KILL for itself,
// to start and stop programs of other users; their exec bounds them by keep.
func confine(keep capabilities) error {
	for c := 0; c <= 63; c++ {
		if keep&(1<<c) != 0 {
			continue
		}
		err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(c), 0, 0, 0)
		if errors.Is(err, unix.EINVAL) {
			break // beyond the kernel's last
		}
		if err != nil {
			return fmt.Errorf("drop capability %d: %w", c, err)
		}
	}
	if err := setCapabilities(keep | 1<<unix.CAP_SETUID | 1<<unix.CAP_SETGID | 1<<unix.CAP_KILL); err != nil {
		return fmt.Errorf("set capabilities: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid dumps: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid new privileges: %w", err)
	}
	return installFilter(filter())
}

func setCapabilities(set capabilities) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	low, high := uint32(set), uint32(set>>32)
	data := [2]unix.CapUserData{{Effective: low, Permitted: low}, {Effective: high, Permitted: high}}
	return unix.Capset(&header, &data[0])
}
