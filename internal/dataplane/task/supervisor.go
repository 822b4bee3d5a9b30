package task

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"apex/internal/dataplane/process"
	"apex/internal/dataplane/task/cgroup"
	"apex/internal/dataplane/task/container"
)

// Main is the supervisor of one task. Its argument is the task's directory, its
// standard input the Config, its descriptor 3 the pipe on which Apply waits.
func Main(args []string) int {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ready := os.NewFile(3, "ready")
	unix.CloseOnExec(3)
	if len(args) != 1 {
		log.Error("want one argument: the task's directory")
		return 2
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	s, err := begin(args[0], log)
	if err != nil {
		fmt.Fprint(ready, err)
		log.Error("task not started", "error", err)
		return 1
	}
	fmt.Fprint(ready, readyWord)
	ready.Close()
	s.run(stop)
	return 0
}

// A supervisor keeps one task.
type supervisor struct {
	config    Config
	board     *board
	group     cgroup.Group
	namespace *os.File
	log       *slog.Logger

	once sync.Once
	end  context.CancelCauseFunc // tells the containers to end

	mu      sync.Mutex
	running map[string]*container.Container // by name
}

// begin takes possession of the directory and writes the first state.
func begin(dir string, log *slog.Logger) (*supervisor, error) {
	var config Config
	if err := json.NewDecoder(os.Stdin).Decode(&config); err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	if err := possess(dir); err != nil {
		return nil, err
	}
	self, err := process.Self()
	if err != nil {
		return nil, err
	}
	first := State{ID: config.ID, Supervisor: self}
	for _, c := range config.Containers {
		first.Containers = append(first.Containers, ContainerState{Name: c.Name, Essential: c.Essential, Status: Pending})
	}
	s := &supervisor{
		config: config, log: log, running: map[string]*container.Container{},
		board: newBoard(dir, config.Notify, first),
	}
	if s.group, err = (record{config.ID, config.Cgroup}).group(); err != nil {
		return nil, err
	}
	return s, s.board.update(func(*State) {})
}

// possess locks the directory for as long as this process lives, so that two
// regions that apply at once make one task.
func possess(dir string) error {
	if _, err := lock(dir); err != nil {
		return fmt.Errorf("lock task: another supervisor has it, or it was removed: %w", err)
	}
	if _, err := readState(dir); !errors.Is(err, ErrNotFound) {
		return errors.Join(errors.New("the task was started before"), err)
	}
	return nil
}

// run keeps the task from its first container to its end.
func (s *supervisor) run(stop <-chan os.Signal) {
	defer s.clear()
	ctx, end := context.WithCancelCause(context.Background())
	defer end(nil)
	s.end = end
	if reason, asked := stopRequest(s.config.Dir); asked { // before there was anybody to signal
		s.halt(CauseRequested, reason)
	}
	go func() {
		<-stop
		reason, _ := stopRequest(s.config.Dir)
		s.halt(CauseRequested, cmp.Or(reason, "stopped by a signal"))
	}()
	if err := s.prepare(); err != nil {
		s.fail(err)
		return
	}
	if s.config.Sessions {
		closeDoor, err := s.openDoor()
		s.note(err)
		defer closeDoor()
	}
	var running sync.WaitGroup
	for _, c := range s.config.Containers {
		running.Go(func() { s.keep(ctx, c) })
	}
	running.Wait()
}

// halt lets the containers end. The first cause stands.
func (s *supervisor) halt(cause Cause, reason string) {
	s.once.Do(func() {
		s.note(s.board.update(func(state *State) { state.Cause, state.Reason = cause, reason }))
		s.end(errStopping)
	})
}

// prepare makes what the containers share.
func (s *supervisor) prepare() error {
	limits := cgroup.Limits{CPU: s.config.CPU, Memory: s.config.Memory << 20, PIDs: s.config.PIDs}
	if limits.PIDs == 0 {
		limits.PIDs = defaultPIDs
	}
	if err := s.group.Create(limits); err != nil {
		return err
	}
	var err error
	if s.namespace, err = openNamespace(s.config.Namespace); err != nil {
		return err
	}
	return writeNames(s.config)
}

// fail ends a task none of whose containers can start.
func (s *supervisor) fail(err error) {
	now := time.Now()
	s.halt(CauseStart, err.Error())
	s.note(s.board.update(func(state *State) {
		for i := range state.Containers {
			c := &state.Containers[i]
			c.Status, c.Error, c.FinishedAt = Stopped, err.Error(), now
		}
	}))
}

// clear removes what the kernel holds for the task; Remove deletes the files.
func (s *supervisor) clear() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	s.note(s.group.Remove(ctx))
	if parent, err := (record{ID: s.config.Cgroup}).group(); err == nil {
		parent.Prune()
	}
}

// note logs an error that must not end the task.
func (s *supervisor) note(err error) {
	if err != nil {
		s.log.Error("task goes on after an error", "error", err)
	}
}
