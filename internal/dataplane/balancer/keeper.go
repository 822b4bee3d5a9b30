package balancer

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// A keeper holds listening sockets and the worker that serves them. It does as
// little as can be, so that nothing ends it: when the worker dies, connections
// wait at its sockets for the next one.
type keeper struct {
	sockets map[socketKey]*net.TCPListener
	log     *slog.Logger
}

// A keeperRequest is what the worker asks of the keeper over their socket: to
// give it one listening socket, or to close all but some.
type keeperRequest struct {
	Open   *socketKey   `json:",omitempty"`
	Retain *[]socketKey `json:",omitempty"`
}

type keeperAnswer struct{ Error string }

// run keeps a worker running until ctx ends.
func (k *keeper) run(ctx context.Context, command func() *exec.Cmd) error {
	// A worker is told when the thread that started it ends: it must not
	// outlive its keeper, whose successor needs the sockets.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for pause := restartFirst; ; {
		began := time.Now()
		err := k.runWorker(ctx, command())
		if ctx.Err() != nil {
			return nil
		}
		if time.Since(began) > restartSteady {
			pause = restartFirst
		}
		k.log.Error("worker ended; starting another", "error", err, "after", pause)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		pause = min(2*pause, restartLast)
	}
}

const (
	restartFirst  = time.Millisecond
	restartLast   = time.Second
	restartSteady = 10 * time.Second // a worker that ran so long was sound
)

// runWorker runs one worker to its end, or asks it to end when ctx does.
func (k *keeper) runWorker(ctx context.Context, cmd *exec.Cmd) error {
	ours, theirs, err := socketPair()
	if err != nil {
		return err
	}
	defer ours.Close()
	cmd.ExtraFiles = []*os.File{theirs}
	err = cmd.Start()
	theirs.Close()
	if err != nil {
		return fmt.Errorf("worker: start: %w", err)
	}
	served := make(chan struct{})
	go func() { // ends when the worker's end of the socket closes
		defer close(served)
		k.serve(ours)
	}()
	stop := context.AfterFunc(ctx, func() { cmd.Process.Signal(syscall.SIGTERM) })
	defer stop()
	err = cmd.Wait()
	<-served
	return err
}

// socketPair makes a connected pair that keeps messages apart.
func socketPair() (*net.UnixConn, *os.File, error) {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_SEQPACKET|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("socket pair: %w", err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "keeper"), os.NewFile(uintptr(fds[1]), "worker")
	defer ours.Close()
	conn, err := net.FileConn(ours)
	if err != nil {
		theirs.Close()
		return nil, nil, fmt.Errorf("socket pair: %w", err)
	}
	return conn.(*net.UnixConn), theirs, nil
}

// serve answers a worker's requests, one after the other.
func (k *keeper) serve(conn *net.UnixConn) {
	buf := make([]byte, maxMessage)
	for {
		n, err := conn.Read(buf)
		if err != nil || n == 0 {
			return
		}
		file, err := k.handle(buf[:n])
		answer, rights := keeperAnswer{}, []byte(nil)
		if err != nil {
			answer.Error = err.Error()
		}
		if file != nil {
			rights = syscall.UnixRights(int(file.Fd()))
		}
		msg, _ := json.Marshal(answer) // a string marshals
		_, _, err = conn.WriteMsgUnix(msg, rights, nil)
		if file != nil {
			file.Close()
		}
		if err != nil {
			return
		}
	}
}

const maxMessage = 256 << 10

func (k *keeper) handle(msg []byte) (*os.File, error) {
	var req keeperRequest
	if err := json.Unmarshal(msg, &req); err != nil {
		return nil, err
	}
	if req.Retain != nil {
		k.retain(*req.Retain)
	}
	if req.Open == nil {
		return nil, nil
	}
	return k.open(*req.Open)
}

// open returns a copy of the socket, opened now or earlier.
func (k *keeper) open(key socketKey) (*os.File, error) {
	l := k.sockets[key]
	if l == nil {
		var err error
		if l, err = listenIn(key.Namespace, key.Addr); err != nil {
			return nil, err
		}
		k.sockets[key] = l
	}
	return l.File()
}

func (k *keeper) retain(keys []socketKey) {
	wanted := map[socketKey]bool{}
	for _, key := range keys {
		wanted[key] = true
	}
	for key, l := range k.sockets {
		if !wanted[key] {
			shut(l)
			delete(k.sockets, key)
		}
	}
}

// shut closes the socket for everybody who has a copy of it.
func shut(l *net.TCPListener) {
	if raw, err := l.SyscallConn(); err == nil {
		raw.Control(func(fd uintptr) { syscall.Shutdown(int(fd), syscall.SHUT_RDWR) })
	}
	l.Close()
}
