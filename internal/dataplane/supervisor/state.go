package supervisor

import (
	"fmt"
	"path/filepath"
	"time"
)

// A State is what is true of a supervised process.
type State struct {
	Running    bool // the process and its supervisor are alive
	PID        int  // of the process, 0 if it does not run
	Supervisor int  // process id of the supervisor, 0 if it is gone
	StartedAt  time.Time
	Restarts   int // since Apply started it

	ExitedAt time.Time // when the last run ended; zero if none has
	ExitCode int       // of the last run that ended; -1 if a signal ended it
	Signal   string    // that signal: "killed"
	Fault    string    // why the last start did not succeed
}

// record is the content of state.json; only the supervisor writes it.
type record struct {
	Supervisor process   `json:"supervisor"`
	Process    process   `json:"process"`
	StartedAt  time.Time `json:"started_at,omitzero"`
	Restarts   int       `json:"restarts,omitempty"`
	ExitedAt   time.Time `json:"exited_at,omitzero"`
	ExitCode   int       `json:"exit_code,omitempty"`
	Signal     string    `json:"signal,omitempty"`
	Fault      string    `json:"fault,omitempty"`
}

func statePath(dir string) string { return filepath.Join(dir, "state.json") }

// Observe returns the state of the process that dir belongs to. A directory
// that has none, or is not there, gives the zero State.
func Observe(dir string) (State, error) {
	r, err := readJSON[record](statePath(dir))
	if err != nil {
		return State{}, fmt.Errorf("observe %s: %w", dir, err)
	}
	s := State{
		StartedAt: r.StartedAt, Restarts: r.Restarts,
		ExitedAt: r.ExitedAt, ExitCode: r.ExitCode, Signal: r.Signal, Fault: r.Fault,
	}
	if r.Supervisor.alive() {
		s.Supervisor = r.Supervisor.PID
	}
	if r.Process.alive() {
		s.PID = r.Process.PID
	}
	s.Running = s.Supervisor != 0 && s.PID != 0
	return s, nil
}
