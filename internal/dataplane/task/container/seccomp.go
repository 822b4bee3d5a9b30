package container

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The filter refuses what a container has no use for and an attacker would
// have. It starts from Docker's default profile, as a list of what is refused
// instead of what is allowed, which keeps it short; calls newer than those
// listed answer ENOSYS, so that programs fall back to calls they know.
//
//   - mounts, namespaces and pivots: refused with EPERM, as without
//     CAP_SYS_ADMIN; also user namespaces, which would give a fresh set of
//     capabilities inside;
//   - clone3: ENOSYS, since its flags lie in memory that a filter cannot read;
//     the C library then uses clone, whose flags it can;
//   - kernel code and tracing of the kernel: modules, kexec, bpf, perf events,
//     io_uring (a way around filters), userfaultfd;
//   - the machine: reboot, swap, clocks, host name, quota, accounting, syslog;
//   - keyrings, which are shared by all containers of a user;
//   - handles of files outside the root;
//   - sockets to the hypervisor and to the kernel's cryptography;
//   - writing into a terminal's input (TIOCSTI) and odd personalities.
//
// ptrace of a program's own processes is allowed, as in Docker and Fargate.
var refused = []uint32{
	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_MOVE_MOUNT, unix.SYS_OPEN_TREE,
	unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR,
	unix.SYS_UNSHARE, unix.SYS_SETNS,
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE,
	unix.SYS_KEXEC_LOAD, unix.SYS_KEXEC_FILE_LOAD, unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN,
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER, unix.SYS_USERFAULTFD,
	unix.SYS_REBOOT, unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME,
	unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX, unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME,
	unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD, unix.SYS_ACCT, unix.SYS_SYSLOG, unix.SYS_VHANGUP,
	unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
	unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_FANOTIFY_INIT, unix.SYS_LOOKUP_DCOOKIE, unix.SYS_NFSSERVCTL,
	unix.SYS_KCMP, unix.SYS_MOVE_PAGES, unix.SYS_MIGRATE_PAGES,
}

// newest is the last call of the table this list was made from; the numbers
// from 424 on are the same on every architecture.
const newest = unix.SYS_MSEAL

// Offsets in struct seccomp_data (linux/seccomp.h), for little-endian machines.
const (
	offsetNumber = 0
	offsetArch   = 4
	offsetArgs   = 16
)

const (
	allow    = unix.SECCOMP_RET_ALLOW
	refuse   = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	missing  = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
	killTask = unix.SECCOMP_RET_KILL_PROCESS
)

// namespaceFlags are the clone flags that make namespaces.
const namespaceFlags = unix.CLONE_NEWNS | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC | unix.CLONE_NEWUSER |
	unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWCGROUP

// filter assembles the program. The kernel caches which calls it always allows,
// so its length costs only calls that it looks at closer.
func filter() []unix.SockFilter {
	program := []unix.SockFilter{
		load(offsetArch),
		jump(unix.BPF_JEQ, nativeArch, 1, 0),
		answer(killTask), // another architecture's calls have other numbers
		load(offsetNumber),
	}
	program = append(program, when(unix.BPF_JGT, newest, missing)...) // also x32's numbers
	program = append(program, when(unix.BPF_JEQ, unix.SYS_CLONE3, missing)...)
	for _, nr := range append(refused, refusedHere...) {
		program = append(program, when(unix.BPF_JEQ, nr, refuse)...)
	}
	program = append(program, checkArg(unix.SYS_CLONE, 0, unix.BPF_JSET, namespaceFlags)...)
	program = append(program, checkArg(unix.SYS_IOCTL, 1, unix.BPF_JEQ, unix.TIOCSTI, unix.TIOCLINUX)...)
	program = append(program, checkArg(unix.SYS_SOCKET, 0, unix.BPF_JEQ, unix.AF_VSOCK, unix.AF_ALG)...)
	program = append(program, personality()...)
	return append(program, answer(allow))
}

// when answers verdict if the loaded word compares so to k, else goes on.
func when(compare uint16, k, verdict uint32) []unix.SockFilter {
	return []unix.SockFilter{jump(compare, k, 0, 1), answer(verdict)}
}

// checkArg refuses call nr if the low word of an argument compares to any value.
func checkArg(nr uint32, arg uint32, compare uint16, values ...uint32) []unix.SockFilter {
	body := []unix.SockFilter{load(offsetArgs + 8*arg)}
	for _, v := range values {
		body = append(body, when(compare, v, refuse)...)
	}
	body = append(body, answer(allow))
	return append([]unix.SockFilter{jump(unix.BPF_JEQ, nr, 0, uint8(len(body)))}, body...)
}

// personality allows asking (all ones) and Linux with or without the old memory
// layout and uname26, as Docker does.
func personality() []unix.SockFilter {
	body := []unix.SockFilter{load(offsetArgs)}
	for _, v := range []uint32{0, 0x8, 0x20000, 0x20008, 0xffffffff} {
		body = append(body, when(unix.BPF_JEQ, v, allow)...)
	}
	body = append(body, answer(refuse))
	return append([]unix.SockFilter{jump(unix.BPF_JEQ, unix.SYS_PERSONALITY, 0, uint8(len(body)))}, body...)
}

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

func jump(compare uint16, k uint32, yes, no uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | compare | unix.BPF_K, Jt: yes, Jf: no, K: k}
}

func answer(verdict uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: verdict}
}

// installFilter puts the program over every thread of the process, for good.
func installFilter(program []unix.SockFilter) error {
	fprog := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	stuck, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&fprog)))
	runtime.KeepAlive(program)
	if errno != 0 {
		return fmt.Errorf("install seccomp filter: %w", errno)
	}
	if stuck != 0 {
		return fmt.Errorf("install seccomp filter: thread %d has another one", stuck)
	}
	return nil
}
