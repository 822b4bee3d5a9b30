package supervisor

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// Main is the hidden sub-command `apex supervise DIR`. Only Apply runs it.
func Main(args []string) int {
	if len(args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: apex supervise DIR (started by the region, not by hand)")
		return 2
	}
	syscall.CloseOnExec(readyFD)
	syscall.CloseOnExec(lockFD)
	ready, lock := os.NewFile(readyFD, "ready"), os.NewFile(lockFD, "lock")
	// The thread that starts the process must stay: its end would trigger the
	// process's PDEATHSIG, and the namespaces entered are this thread's alone.
	runtime.LockOSThread()
	s, err := newSupervisor(args[0])
	if err == nil {
		err = s.begin()
	}
	if err != nil {
		fmt.Fprint(ready, err)
		return 1
	}
	lock.Close() // the state can be read now
	fmt.Fprint(ready, readyOK)
	ready.Close()
	s.run()
	return 0
}

// A supervisor runs one process at a time.
type supervisor struct {
	spec  Spec
	log   *rotatingLog
	state record
	stop  chan os.Signal
	keep  *shelf
	child *child // the run in progress
}

func newSupervisor(dir string) (*supervisor, error) {
	spec, err := readJSON[Spec](specPath(dir))
	if err != nil {
		return nil, err
	}
	if spec.Path == "" {
		return nil, errors.New("no process is described here")
	}
	s := &supervisor{
		spec: spec,
		log:  openLog(filepath.Join(dir, "log"), maxLog),
		stop: make(chan os.Signal, 1),
		keep: newShelf(),
	}
	signal.Notify(s.stop, syscall.SIGTERM)
	// Caught, not ignored: what is ignored would stay so in the process.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP, syscall.SIGINT, syscall.SIGPIPE)
	s.state.Supervisor, err = identify(os.Getpid())
	return s, err
}

// begin enters the process's namespaces and starts it for the first time.
func (s *supervisor) begin() error {
	if err := enterNamespaces(s.spec); err != nil {
		return err
	}
	if err := s.start(); err != nil {
		return err
	}
	if err := s.save(); err != nil {
		s.child.kill()
		return err
	}
	return nil
}

// start runs the process once more and notes it. It must be called on the
// locked thread.
func (s *supervisor) start() error {
	c, err := startChild(s.spec, s.log, s.keep)
	if err != nil {
		s.state.Fault = err.Error()
		return err
	}
	s.child = c
	s.state.Process, s.state.StartedAt, s.state.Fault = c.process, c.started, ""
	return nil
}

// run watches the process and starts it again until it is told to stop, or the
// process ends and is not to be started again.
func (s *supervisor) run() {
	var pause backoff
	for {
		ran := time.Duration(0)
		if s.child != nil {
			asked := s.watch()
			ran = time.Since(s.child.started)
			s.child = nil
			if asked || !s.spec.Restart {
				s.saveOrNote()
				return
			}
		}
		if s.pausedUntilStop(pause.next(ran)) {
			return
		}
		s.state.Restarts++
		if err := s.start(); err != nil {
			s.log.note("start: %v", err)
		}
		s.saveOrNote()
	}
}

// watch waits for the end of the run in progress and notes it. It reports
// whether the end was asked for.
func (s *supervisor) watch() (asked bool) {
	select {
	case <-s.child.ended:
	case <-s.stop:
		asked = true
		s.child.stop(s.spec.StopSignal, s.spec.StopTimeout)
	}
	s.state.Process, s.state.ExitedAt = process{}, time.Now()
	s.state.ExitCode, s.state.Signal = s.child.outcome()
	if !asked {
		s.log.note("%s ended: code %d %s", s.spec.Path, s.state.ExitCode, s.state.Signal)
	}
	return asked
}

func (s *supervisor) pausedUntilStop(d time.Duration) (stopped bool) {
	if d > 0 {
		s.saveOrNote()
	}
	select {
	case <-time.After(d):
		return false
	case <-s.stop:
		return true
	}
}

func (s *supervisor) save() error { return writeJSON(statePath(s.spec.Dir), s.state) }

// saveOrNote saves the state; a full disk must not end a running process.
func (s *supervisor) saveOrNote() {
	if err := s.save(); err != nil {
		s.log.note("save state: %v", err)
	}
}
