package task

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"apex/internal/dataplane/task/container"
)

// hangup is how long a program may outlive its session, in which its terminal
// has told it that nobody is there any more.
const hangup = 2 * time.Second

// defaultTerminal is the kind of terminal that programs of a session find.
const defaultTerminal = "TERM=xterm-256color"

func doorPath(dir string) string { return filepath.Join(dir, "door") }

// An order is what Enter asks for, and a reply what it is told: first that the
// program runs, along with its terminal, and then how it ended.
type order struct {
	Container  string
	Args       []string
	Rows, Cols uint16
}

type reply struct {
	Error string
	Exit  *container.Exit
}

// openDoor listens for those who enter. Each connection is one program: it ends
// with the connection.
func (s *supervisor) openDoor() (closeDoor func(), err error) {
	var l *net.UnixListener
	err = atSocket(doorPath(s.config.Dir), func(address *net.UnixAddr) (err error) {
		l, err = net.ListenUnix("unix", address)
		return err
	})
	if err != nil {
		return func() {}, fmt.Errorf("listen for sessions: %w", err)
	}
	l.SetUnlinkOnClose(false) // its name is short only while the directory is open
	go func() {
		for {
			conn, err := l.AcceptUnix()
			if err != nil {
				return
			}
			go s.receive(conn)
		}
	}()
	return func() { l.Close() }, nil
}

// runs records the container under a name; nil when it ended.
func (s *supervisor) runs(name string, c *container.Container) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c == nil {
		delete(s.running, name)
		return
	}
	s.running[name] = c
}

func (s *supervisor) receive(conn *net.UnixConn) {
	defer conn.Close()
	answer := json.NewEncoder(conn)
	var o order
	from := json.NewDecoder(conn)
	if err := from.Decode(&o); err != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	exit, err := s.enter(ctx, cancel, conn, from, o)
	if err != nil {
		_ = answer.Encode(reply{Error: err.Error()})
		return
	}
	_ = answer.Encode(reply{Exit: &exit})
}

// enter runs the program until it ends, or until the other side has gone.
func (s *supervisor) enter(ctx context.Context, cancel func(), conn *net.UnixConn, from *json.Decoder, o order) (container.Exit, error) {
	s.mu.Lock()
	running := s.running[o.Container]
	s.mu.Unlock()
	if running == nil {
		return container.Exit{}, fmt.Errorf("container %s: it does not run", o.Container)
	}
	terminal, err := running.Terminal(o.Rows, o.Cols)
	if err != nil {
		return container.Exit{}, err
	}
	defer terminal.Master.Close() // also when nothing ran
	c := containerNamed(s.config.Containers, o.Container)
	process := container.Process{
		Args: o.Args, Dir: c.Dir, TTY: terminal.Name,
		Env: withTerminal(c.Env),
	}
	begun := func() error {
		defer terminal.Master.Close() // the other side has it
		return hand(conn, terminal)
	}
	go func() {
		var never any
		_ = from.Decode(&never) // returns when the other side is gone
		time.AfterFunc(hangup, cancel)
	}()
	return running.Run(ctx, process, begun)
}

func withTerminal(env []string) []string {
	if slices.ContainsFunc(env, func(e string) bool { return strings.HasPrefix(e, "TERM=") }) {
		return env
	}
	return append(slices.Clip(env), defaultTerminal)
}

// hand sends the word that the program runs, with its terminal.
func hand(conn *net.UnixConn, t container.Terminal) error {
	word, err := json.Marshal(reply{})
	if err != nil {
		return err
	}
	raw, err := t.Master.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	err = raw.Control(func(fd uintptr) {
		_, _, sent = conn.WriteMsgUnix(append(word, '\n'), unix.UnixRights(int(fd)), nil)
	})
	return errors.Join(err, sent)
}
