package redis

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
	Running    bool // the process is there
	Ready      bool // and answers
	PID        int
	Supervisor int
	Restarts   int
	Version    string
	Uptime     time.Duration
	Fault      string // why it is not ready
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

// look asks for the version; a server that still loads its file refuses.
func (a *admin) look(ctx context.Context, s *State) error {
	if err := a.ping(ctx); err != nil {
		return err
	}
	fields, err := a.info(ctx, "server")
	if err != nil {
		return err
	}
	s.Version = fields["redis_version"]
	seconds, err := strconv.Atoi(fields["uptime_in_seconds"])
	s.Uptime = time.Duration(seconds) * time.Second
	return err
}
