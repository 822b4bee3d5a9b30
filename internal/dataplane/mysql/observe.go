package mysql

import (
	"context"
	"strconv"
	"time"

	"apex/internal/dataplane/supervisor"
)

// pingTimeout bounds one look at a server that hangs.
const pingTimeout = 2 * time.Second

// A State is what is true of an instance.
type State struct {
	Running     bool // the process is there
	Ready       bool // and answers queries
	PID         int
	Supervisor  int
	Restarts    int
	Version     string // "10.11.19-MariaDB-…"
	Uptime      time.Duration
	Connections int
	Fault       string // why it is not ready
}

// Observe looks at an instance; one that is not there gives the zero State.
func Observe(ctx context.Context, dir string) (State, error) {
	process, err := supervisor.Observe(supervisorDir(dir))
	if err != nil {
		return State{}, err
	}
	s := State{
		Running: process.Running, PID: process.PID, Supervisor: process.Supervisor,
		Restarts: process.Restarts, Fault: process.Fault,
	}
	if !s.Running {
		return s, nil
	}
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if err := withAdmin(ctx, dir, func(a *admin) error { return a.look(ctx, &s) }); err != nil {
		s.Fault = err.Error()
		return s, nil
	}
	s.Ready = true
	return s, nil
}

func (a *admin) look(ctx context.Context, s *State) error {
	if err := a.db.QueryRowContext(ctx, "SELECT VERSION()").Scan(&s.Version); err != nil {
		return err
	}
	seconds, err := a.status(ctx, "Uptime")
	if err != nil {
		return err
	}
	s.Uptime = time.Duration(seconds) * time.Second
	s.Connections, err = a.status(ctx, "Threads_connected")
	s.Connections-- // this one
	return err
}

func (a *admin) status(ctx context.Context, name string) (int, error) {
	var ignored, value string
	if err := a.db.QueryRowContext(ctx, "SHOW GLOBAL STATUS LIKE '"+name+"'").Scan(&ignored, &value); err != nil {
		return 0, err
	}
	return strconv.Atoi(value)
}
