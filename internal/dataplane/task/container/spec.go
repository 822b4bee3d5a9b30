package container

import (
	"strings"
	"syscall"
)

// A Spec says what a container is made of.
type Spec struct {
	// Layers are the image's unpacked layers, the top one first.
	Layers []string
	// Work is an empty directory for what the container writes.
	Work string
	// ReadonlyRoot makes the root unwritable; mounts stay as they are.
	ReadonlyRoot bool
	Hostname     string
	Mounts       []Mount
	Tmpfs        []Tmpfs
	// SharedMemory is the size of /dev/shm in bytes; 0 means 64 MiB.
	SharedMemory int64
	Limits       []Rlimit
	// AddCapabilities and DropCapabilities change the default set, by names
	// such as "SYS_PTRACE"; "ALL" may be dropped.
	AddCapabilities, DropCapabilities []string
	// Sysctls are kernel parameters of the container's own namespaces.
	Sysctls []Sysctl
	Process Process
}

// A Sysctl is a kernel parameter such as net.ipv4.tcp_keepalive_time.
type Sysctl struct{ Name, Value string }

// Namespaced reports whether the parameter belongs to a namespace that each task
// or container has of its own, so that setting it changes nothing elsewhere.
func (s Sysctl) Namespaced() bool {
	switch s.Name {
	case "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced":
		return true
	}
	return strings.HasPrefix(s.Name, "net.") || strings.HasPrefix(s.Name, "fs.mqueue.")
}

// A Mount puts a file or directory of the host into the container.
type Mount struct {
	Source, Target string
	ReadOnly       bool
}

// A Tmpfs is an empty file system in memory, of Size bytes.
type Tmpfs struct {
	Target string
	Size   int64
}

// An Rlimit is one resource limit (setrlimit(2)).
type Rlimit struct {
	Resource   int
	Soft, Hard uint64
}

// A Process is a program to run.
type Process struct {
	Args []string // Args[0] is looked up in PATH if it holds no slash
	Env  []string
	Dir  string // made if it is missing; empty means /
	User string // user[:group] by number or by name of the image's files; empty means 0
	// TTY is the path of a terminal in the container that becomes the process's
	// own, with its input and output; only of one that Exec runs.
	TTY string
}

// An Exit is how a process ended.
type Exit struct {
	Code   int            // 128 and the signal's number if a signal ended it
	Signal syscall.Signal // 0 if it exited
}

func exitOf(status syscall.WaitStatus) Exit {
	if status.Signaled() {
		return Exit{Code: 128 + int(status.Signal()), Signal: status.Signal()}
	}
	return Exit{Code: status.ExitStatus()}
}

// The control socket carries one Spec and then requests to the container's
// init, and events back, as a stream of JSON values.
type request struct {
	ID     int // 0 is the program itself
	Exec   *Process
	Signal syscall.Signal
}

type event struct {
	ID     int
	Error  string // it did not start
	PID    int    // it started; the number is of the container's pid namespace
	Exit   Exit
	Exited bool
}
