package container

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrEnded is what requests to a container that has ended get.
var ErrEnded = errors.New("container ended")

// Options are what Start needs beside the Spec.
type Options struct {
	Init      []string // arguments that make this binary run InitMain
	Namespace *os.File // the network namespace to be in
	Stdout    *os.File
	Stderr    *os.File
	// Place is called with the pid before anything of the image runs, to put it
	// into its control group.
	Place func(pid int) error
}

// A Container is a running container.
type Container struct {
	process *os.Process
	control *os.File

	mu      sync.Mutex
	encoder *json.Encoder
	next    int
	waiting map[int]chan event

	ended chan struct{}
	exit  Exit
}

// Start starts the Spec's process and returns when it runs, or why it does not.
func Start(ctx context.Context, spec Spec, o Options) (*Container, error) {
	ours, theirs, err := socketpair()
	if err != nil {
		return nil, fmt.Errorf("start container: control socket: %w", err)
	}
	c := &Container{
		control: ours, encoder: json.NewEncoder(ours),
		waiting: map[int]chan event{}, ended: make(chan struct{}),
	}
	spawned := make(chan error, 1)
	go c.keep(o, theirs, spawned)
	err = <-spawned
	theirs.Close()
	if err != nil {
		ours.Close()
		return nil, fmt.Errorf("start container: %w", err)
	}
	if err := c.begin(ctx, spec, o.Place); err != nil {
		c.Kill()
		<-c.ended
		return nil, fmt.Errorf("start container: %w", err)
	}
	return c, nil
}

// keep clones process 1 and stays on the thread that did until it ends, since
// the kernel kills a process with PDEATHSIG when that thread dies. It never
// unlocks the thread, which is in another network namespace and ends with it.
func (c *Container) keep(o Options, control *os.File, spawned chan<- error) {
	runtime.LockOSThread()
	err := unix.Setns(int(o.Namespace.Fd()), unix.CLONE_NEWNET)
	if err != nil {
		spawned <- fmt.Errorf("enter network namespace %s: %w", o.Namespace.Name(), err)
		return
	}
	c.process, err = os.StartProcess("/proc/self/exe", o.Init, &os.ProcAttr{
		Dir:   "/",
		Env:   []string{"GOMAXPROCS=1", "GOTRACEBACK=none"},
		Files: []*os.File{nil, o.Stdout, o.Stderr, control},
		Sys: &syscall.SysProcAttr{
			Cloneflags: unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC,
			Pdeathsig:  syscall.SIGKILL,
			Setsid:     true,
		},
	})
	if err != nil {
		spawned <- fmt.Errorf("clone init: %w", err)
		return
	}
	spawned <- nil
	c.listen()
	state, err := c.process.Wait()
	if err == nil && c.exit == (Exit{}) && !state.Success() {
		c.exit = exitOf(state.Sys().(syscall.WaitStatus)) // killed before it could tell
	}
	c.control.Close()
	close(c.ended)
}

// listen hands events to those who wait for them until process 1 is gone.
func (c *Container) listen() {
	decoder := json.NewDecoder(c.control)
	for {
		var e event
		if err := decoder.Decode(&e); err != nil {
			break
		}
		if e.ID == 0 && e.Exited {
			c.exit = e.Exit
		}
		c.mu.Lock()
		if to := c.waiting[e.ID]; to != nil {
			to <- e
		}
		c.mu.Unlock()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, to := range c.waiting {
		close(to)
	}
	c.waiting = nil
}

func (c *Container) begin(ctx context.Context, spec Spec, place func(int) error) error {
	if place != nil {
		if err := place(c.process.Pid); err != nil {
			return err
		}
	}
	events, forget, err := c.request(0, spec)
	if err != nil {
		return err
	}
	defer forget()
	return started(ctx, events)
}

// started waits for word that a process runs.
func started(ctx context.Context, events <-chan event) error {
	select {
	case e, ok := <-events:
		if !ok {
			return ErrEnded
		}
		if e.Error != "" {
			return errors.New(e.Error)
		}
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// request sends a message and subscribes to the events about id.
func (c *Container) request(id int, message any) (events <-chan event, forget func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting == nil {
		return nil, nil, ErrEnded
	}
	to := make(chan event, 2) // started and exited, so that listen never waits
	c.waiting[id] = to
	if err := c.encoder.Encode(message); err != nil {
		delete(c.waiting, id)
		return nil, nil, fmt.Errorf("%w: %w", ErrEnded, err)
	}
	return to, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.waiting, id)
	}, nil
}

// PID is process 1 of the container as the host numbers it.
func (c *Container) PID() int { return c.process.Pid }

// Wait returns how the program ended, once nothing of the container runs.
func (c *Container) Wait() Exit {
	<-c.ended
	return c.exit
}

// Ended is closed once nothing of the container runs.
func (c *Container) Ended() <-chan struct{} { return c.ended }

// Signal sends a signal to the program. One that has ended is no error.
func (c *Container) Signal(sig syscall.Signal) error {
	return c.send(request{Signal: sig})
}

func (c *Container) send(r request) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting == nil {
		return nil
	}
	if err := c.encoder.Encode(r); err != nil && !errors.Is(err, syscall.EPIPE) {
		return fmt.Errorf("send signal %d to pid %d: %w", r.Signal, c.process.Pid, err)
	}
	return nil
}

// Kill ends every process of the container at once.
func (c *Container) Kill() { _ = c.process.Signal(syscall.SIGKILL) }

// Exec runs a second process in the container, without input and output, and
// returns how it ended. When ctx ends first, it is killed.
func (c *Container) Exec(ctx context.Context, p Process) (Exit, error) {
	return c.Run(ctx, p, func() error { return nil })
}

// Run is Exec for a process that may have a terminal. It calls begun once the
// process runs; an error of it ends the process.
func (c *Container) Run(ctx context.Context, p Process, begun func() error) (Exit, error) {
	c.mu.Lock()
	c.next++
	id := c.next
	c.mu.Unlock()
	events, forget, err := c.request(id, request{ID: id, Exec: &p})
	if err != nil {
		return Exit{}, err
	}
	defer forget()
	if err := started(ctx, events); err != nil {
		_ = c.send(request{ID: id, Signal: syscall.SIGKILL})
		return Exit{}, err
	}
	if err := begun(); err != nil {
		return Exit{}, errors.Join(err, c.send(request{ID: id, Signal: syscall.SIGKILL}))
	}
	select {
	case e, ok := <-events:
		if !ok {
			return Exit{}, ErrEnded
		}
		return e.Exit, nil
	case <-ctx.Done():
		return Exit{}, errors.Join(context.Cause(ctx), c.send(request{ID: id, Signal: syscall.SIGKILL}))
	}
}

// socketpair returns two connected sockets that close on exec and that Go's
// poller serves.
func socketpair() (ours, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	return os.NewFile(uintptr(fds[0]), "control"), os.NewFile(uintptr(fds[1]), "control"), nil
}
