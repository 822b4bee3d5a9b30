package task

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"apex/internal/dataplane/process"
)

// A State is what a task's supervisor last said.
type State struct {
	ID         string
	Supervisor process.Identity
	Status     Status
	Cause      Cause  // why it stops or stopped
	Reason     string // what Stop was told, or which container was the cause
	Containers []ContainerState
}

// A ContainerState is how one container is.
type ContainerState struct {
	Name       string
	Status     Status
	Essential  bool
	PID        int       // process 1 of it, as the host numbers it
	Exit       *int      // its code, 128 and more after a signal; nil if it never ran
	OOM        bool      // killed for memory
	Error      string    // why it could not start
	Health     Health    // empty without a health check
	Restarts   int       // how often its RestartPolicy has started it again
	StartedAt  time.Time // zero if it never ran
	FinishedAt time.Time
}

// A Status is how far a task or a container is.
type Status string

// The statuses, in order.
const (
	Pending Status = "pending"
	Running Status = "running" // of a task: every container has started, or already ended
	Stopped Status = "stopped"
)

// A Cause is why a task stopped.
type Cause string

// The causes.
const (
	CauseRequested Cause = "requested"         // Stop
	CauseEssential Cause = "essential exited"  // an essential container ended
	CauseStart     Cause = "could not start"   // an essential container did not start
	CauseLost      Cause = "supervisor killed" // nobody knows how the containers ended
)

// A Health is what a container's health check says.
type Health string

// The healths.
const (
	HealthUnknown Health = "UNKNOWN"
	HealthOK      Health = "HEALTHY"
	HealthBad     Health = "UNHEALTHY"
)

// Container returns the state of the container with that name.
func (s State) Container(name string) ContainerState {
	for _, c := range s.Containers {
		if c.Name == name {
			return c
		}
	}
	return ContainerState{}
}

// overall is the task's status by its containers'.
func overall(all []ContainerState) Status {
	is := func(status Status) func(ContainerState) bool {
		return func(c ContainerState) bool { return c.Status == status }
	}
	switch {
	case slices.ContainsFunc(all, is(Pending)):
		return Pending
	case slices.ContainsFunc(all, is(Running)):
		return Running
	}
	return Stopped
}

// lost is the state after the death of the supervisor and so of all containers.
func lost(s State) State {
	s.Status = Stopped
	s.Cause, s.Reason = CauseLost, "the task's supervisor was killed"
	s.Containers = slices.Clone(s.Containers)
	for i := range s.Containers {
		if c := &s.Containers[i]; c.Status != Stopped {
			if c.Status == Running {
				killed := 137
				c.Exit = &killed
			}
			c.Status, c.PID = Stopped, 0
		}
	}
	return s
}

func statePath(dir string) string { return filepath.Join(dir, "state.json") }

// readState returns ErrNotFound if no supervisor has ever written there.
func readState(dir string) (State, error) {
	var s State
	err := readJSON(statePath(dir), &s)
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, fmt.Errorf("task in %s: %w", dir, ErrNotFound)
	}
	return s, err
}

func readJSON(path string, to any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, to); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

// writeJSON replaces the file whole. It is not synced: a task does not outlive
// the machine.
func writeJSON(path string, from any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return err
	}
	next := path + ".next"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}
