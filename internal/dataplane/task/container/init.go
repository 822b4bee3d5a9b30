package container

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"
)

// controlFD is where Start hands the control socket over.
const controlFD = 3

// InitMain is process 1 of a container. It returns the program's exit code.
func InitMain([]string) int {
	runtime.LockOSThread() // the thread that is confined is the one that starts programs
	unix.CloseOnExec(controlFD)
	control := os.NewFile(controlFD, "control")
	i := &initProcess{
		decoder: json.NewDecoder(control),
		encoder: json.NewEncoder(control),
		running: map[int]int{},
	}
	if err := i.start(); err != nil {
		_ = i.encoder.Encode(event{Error: err.Error()})
		return 127
	}
	return i.serve()
}

// An initProcess is the state of process 1. Only its main goroutine uses it.
type initProcess struct {
	decoder *json.Decoder
	encoder *json.Encoder
	running map[int]int // pid → id of the request that started it; 0 is the program
	caps    capabilities
}

// start makes the container around this process and then runs the program.
func (i *initProcess) start() error {
	var spec Spec
	if err := i.decoder.Decode(&spec); err != nil {
		return fmt.Errorf("read spec: %w", err)
	}
	caps, err := capabilitiesOf(spec)
	if err != nil {
		return err
	}
	i.caps = caps
	if err := unix.Sethostname([]byte(spec.Hostname)); err != nil {
		return fmt.Errorf("set host name %q: %w", spec.Hostname, err)
	}
	if err := makeRoot(spec); err != nil {
		return err
	}
	for _, l := range spec.Limits {
		if err := syscall.Setrlimit(l.Resource, &syscall.Rlimit{Cur: l.Soft, Max: l.Hard}); err != nil {
			return fmt.Errorf("limit resource %d to %d:%d: %w", l.Resource, l.Soft, l.Hard, err)
		}
	}
	if err := confine(i.caps); err != nil {
		return err
	}
	return i.spawn(0, spec.Process)
}

// spawn starts a process and reports its pid.
func (i *initProcess) spawn(id int, p Process) error {
	l, err := prepare(p)
	if err != nil {
		return err
	}
	files, closeFiles, err := standardFiles(id, p.TTY)
	if err != nil {
		return err
	}
	defer closeFiles()
	pid, err := syscall.ForkExec(l.path, p.Args, &syscall.ProcAttr{
		Dir: l.dir, Env: l.env, Files: files,
		Sys: &syscall.SysProcAttr{Setsid: true, Setctty: p.TTY != "", Credential: l.credential},
	})
	if err != nil {
		return fmt.Errorf("exec %s: %w", l.path, err)
	}
	i.running[pid] = id
	return i.encoder.Encode(event{ID: id, PID: pid})
}

// standardFiles are what a process has as input, output and errors: the program
// the pipes that process 1 was given, others nothing or a terminal.
func standardFiles(id int, tty string) (files []uintptr, closeFiles func(), err error) {
	name := "/dev/null"
	if tty != "" {
		name = tty
	}
	f, err := os.OpenFile(name, os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	files = []uintptr{f.Fd(), f.Fd(), f.Fd()}
	if id == 0 {
		files = []uintptr{f.Fd(), 1, 2}
	}
	return files, func() { f.Close() }, nil
}

// serve answers requests and signals until the program ends.
func (i *initProcess) serve() int {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals)
	requests := make(chan request)
	go i.receive(requests)
	for {
		if exit, ended := i.reap(); ended {
			return exit.Code
		}
		select {
		case s := <-signals:
			if s != syscall.SIGCHLD && s != syscall.SIGURG { // Go preempts with SIGURG
				i.signal(0, s.(syscall.Signal))
			}
		case r, ok := <-requests:
			if !ok {
				return 128 + int(syscall.SIGKILL) // the supervisor is gone
			}
			i.answer(r)
		}
	}
}

// receive closes requests when the other end is gone.
func (i *initProcess) receive(requests chan<- request) {
	defer close(requests)
	for {
		var r request
		if err := i.decoder.Decode(&r); err != nil {
			return
		}
		requests <- r
	}
}

func (i *initProcess) answer(r request) {
	if r.Exec == nil {
		i.signal(r.ID, r.Signal)
		return
	}
	if err := i.spawn(r.ID, *r.Exec); err != nil {
		_ = i.encoder.Encode(event{ID: r.ID, Error: err.Error()})
	}
}

// signal reaches the program alone, as AWS stops a task, but a health check
// with all that it started.
func (i *initProcess) signal(id int, sig syscall.Signal) {
	for pid, of := range i.running {
		if of != id {
			continue
		}
		if id != 0 {
			pid = -pid
		}
		_ = syscall.Kill(pid, sig)
	}
}

// reap collects the dead, orphans among them, and says whether the program is
// one.
func (i *initProcess) reap() (program Exit, ended bool) {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || pid <= 0 {
			return program, ended
		}
		id, ours := i.running[pid]
		if !ours {
			continue
		}
		delete(i.running, pid)
		exit := exitOf(status)
		_ = i.encoder.Encode(event{ID: id, Exit: exit, Exited: true})
		if id == 0 {
			program, ended = exit, true
		}
	}
}
