package task

import (
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"apex/internal/dataplane/task/container"
)

// A Config says what a task runs.
type Config struct {
	ID  string // names the control group too: letters, digits, - and _
	Dir string
	// Namespace is the path of the network namespace that all containers join.
	// Empty means one of their own with nothing in it.
	Namespace string
	Address   netip.Addr // of the task's interface, for /etc/hosts
	Hostname  string
	DNS       []netip.Addr
	Search    []string

	CPU    int    // units, 1024 are one CPU; 0 is no limit
	Memory int64  // MiB; 0 is no limit
	PIDs   int64  // processes and threads; 0 means 2048
	Cgroup string // the parent group, such as "apex-1a2b3c"

	Containers []Container
	Sessions   bool // whether Enter may run programs in the containers

	// Notify is the path of a datagram socket (Listen) that is told the ID when
	// the State changed. Nobody needs to be there.
	Notify string
	// Executable with SupervisorArgs and the directory runs Main; with InitArgs
	// it runs container.InitMain.
	Executable               string
	SupervisorArgs, InitArgs []string
}

// A Container is one program of a task.
type Container struct {
	Name         string
	Layers       []string // directories, the top one first
	Args         []string
	Env          []string
	Dir          string
	User         string
	ReadonlyRoot bool
	Essential    bool // the task ends when it ends

	CPU             int   // units: its share of the task's
	Memory, Reserve int64 // MiB: hard and soft limit; 0 is none
	Limits          []container.Rlimit
	SharedMemory    int64 // bytes of /dev/shm; 0 means 64 MiB
	Mounts          []Mount
	Tmpfs           []container.Tmpfs

	AddCapabilities, DropCapabilities []string

	DependsOn    []Dependency
	StartTimeout time.Duration  // for its dependencies; 0 means 3 minutes
	StopSignal   syscall.Signal // 0 means SIGTERM
	StopTimeout  time.Duration  // from the stop signal to SIGKILL; 0 means 30 s

	Health *HealthCheck
	// LogDir is the stream that takes its output line by line; empty drops it.
	LogDir string
	// EventStart is a regular expression: a line that it matches begins an event,
	// other lines belong to the one before. Empty makes each line an event.
	EventStart string

	Restart *RestartPolicy // nil: it runs once
	Sysctls []container.Sysctl
}

// A RestartPolicy starts a container again when it ends by itself.
type RestartPolicy struct {
	// Period is how long it must have run; one that ends sooner stays stopped.
	Period  time.Duration
	Ignored []int // exit codes after which it stays stopped
}

// wants reports whether a container that ran for so long starts again.
func (r *RestartPolicy) wants(code int, ran time.Duration) bool {
	return r != nil && ran >= r.Period && !slices.Contains(r.Ignored, code)
}

// A Mount puts a file or directory into a container. A relative Source is a
// directory that the task's containers share.
type Mount struct {
	Source, Target string
	ReadOnly       bool
}

// A Dependency delays a container's start until another's condition holds.
type Dependency struct {
	Container string
	Condition Condition
}

// A Condition is what a container waits for in another.
type Condition string

// The conditions, in AWS's words.
const (
	Start    Condition = "START"    // it started
	Complete Condition = "COMPLETE" // it ended
	Success  Condition = "SUCCESS"  // it ended with code 0
	Healthy  Condition = "HEALTHY"  // its health check passed
)

// A HealthCheck is a program that exits with 0 in a healthy container.
type HealthCheck struct {
	Args        []string
	Interval    time.Duration // 0 means 30 s
	Timeout     time.Duration // 0 means 5 s
	Retries     int           // failures in a row that make it unhealthy; 0 means 3
	StartPeriod time.Duration // in which failures do not count
}

const (
	defaultPIDs         = 2048
	defaultStartTimeout = 3 * time.Minute
	defaultStopTimeout  = 30 * time.Second
)

// maxName is the longest name, in bytes.
const maxName = 255

// safe reports whether a name is of letters, digits, - and _, and begins with one
// of the first two. A regular expression of it would take a quarter of a megabyte
// in each supervisor.
func safe(name string) bool {
	for i, c := range []byte(name) {
		alphanumeric := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !alphanumeric && (i == 0 || c != '-' && c != '_') {
			return false
		}
	}
	return name != "" && len(name) <= maxName
}

// Validate says what is wrong with the configuration.
func (c Config) Validate() error {
	if !safe(c.ID) {
		return fmt.Errorf("task %q: not a name of letters, digits, - and _", c.ID)
	}
	if !filepath.IsAbs(c.Dir) {
		return fmt.Errorf("task %s: directory %q: not absolute", c.ID, c.Dir)
	}
	if c.Cgroup == "" {
		return fmt.Errorf("task %s: no parent control group", c.ID)
	}
	if len(c.Containers) == 0 {
		return fmt.Errorf("task %s: no containers", c.ID)
	}
	var before []string
	for _, each := range c.Containers {
		if !safe(each.Name) || slices.Contains(before, each.Name) {
			return fmt.Errorf("task %s: container %q: name is taken or not of letters, digits, - and _", c.ID, each.Name)
		}
		before = append(before, each.Name)
	}
	if !slices.ContainsFunc(c.Containers, func(each Container) bool { return each.Essential }) {
		return fmt.Errorf("task %s: no container is essential", c.ID)
	}
	if err := validateOrder(c.Containers); err != nil {
		return fmt.Errorf("task %s: %w", c.ID, err)
	}
	return nil
}

// validateOrder looks for dependencies that can never be met.
func validateOrder(all []Container) error {
	settled := map[string]bool{}
	for range all {
		for _, c := range all {
			if !slices.ContainsFunc(c.DependsOn, func(d Dependency) bool { return !settled[d.Container] }) {
				settled[c.Name] = true
			}
		}
	}
	for _, c := range all {
		if !settled[c.Name] {
			return fmt.Errorf("container %s: depends on itself or on one that is not there", c.Name)
		}
		for _, d := range c.DependsOn {
			if d.Condition == Healthy && containerNamed(all, d.Container).Health == nil {
				return fmt.Errorf("container %s: waits for the health of %s, which has no health check", c.Name, d.Container)
			}
		}
	}
	return nil
}

func containerNamed(all []Container, name string) Container {
	i := slices.IndexFunc(all, func(c Container) bool { return c.Name == name })
	return all[i]
}

// ErrNotFound says that no task was started in a directory.
var ErrNotFound = errors.New("no task here")
