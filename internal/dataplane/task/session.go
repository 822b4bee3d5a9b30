package task

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"apex/internal/dataplane/task/container"
)

// A Session is a program that Enter started in a container, and its terminal.
type Session struct {
	Terminal *os.File // what is written is typed; what the program prints is read
	conn     *net.UnixConn
}

// Enter runs a program in a running container, beside what it runs: in its
// namespaces, control group and root, with its environment and capabilities, as
// user 0, on a terminal of its own. The task must have been started with
// Sessions. The program ends with the session.
func Enter(ctx context.Context, dir, name string, args []string, rows, cols uint16) (*Session, error) {
	var conn *net.UnixConn
	err := atSocket(doorPath(dir), func(address *net.UnixAddr) (err error) {
		conn, err = net.DialUnix("unix", nil, address)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("enter container %s: %w", name, err)
	}
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if err := json.NewEncoder(conn).Encode(order{name, args, rows, cols}); err != nil {
		conn.Close()
		return nil, fmt.Errorf("enter container %s: %w", name, err)
	}
	terminal, err := receiveTerminal(conn)
	if err != nil {
		conn.Close()
		return nil, fmt.Errorf("enter container %s: %w", name, err)
	}
	return &Session{terminal, conn}, nil
}

// receiveTerminal reads the first reply, with which the terminal comes.
func receiveTerminal(conn *net.UnixConn) (*os.File, error) {
	word, rights := make([]byte, 4096), make([]byte, unix.CmsgSpace(4))
	n, nr, _, _, err := conn.ReadMsgUnix(word, rights)
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	var said reply
	if err := json.Unmarshal(word[:n], &said); err != nil {
		return nil, err
	}
	if said.Error != "" {
		return nil, errors.New(said.Error)
	}
	messages, err := unix.ParseSocketControlMessage(rights[:nr])
	if err != nil || len(messages) != 1 {
		return nil, errors.Join(errors.New("no terminal came along"), err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil {
		return nil, err
	}
	unix.CloseOnExec(fds[0])
	return os.NewFile(uintptr(fds[0]), "terminal"), nil
}

// Resize tells the program that its terminal has another size.
func (s *Session) Resize(rows, cols uint16) error {
	raw, err := s.Terminal.SyscallConn()
	if err != nil {
		return err
	}
	var set error
	err = raw.Control(func(fd uintptr) {
		set = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols})
	})
	return errors.Join(err, set)
}

// Read reads what the program prints; io.EOF once nobody holds the terminal.
func (s *Session) Read(b []byte) (int, error) {
	n, err := s.Terminal.Read(b)
	if errors.Is(err, syscall.EIO) { // what a terminal says when its other end is closed
		err = io.EOF
	}
	return n, err
}

// Write types.
func (s *Session) Write(b []byte) (int, error) { return s.Terminal.Write(b) }

// Wait returns how the program ended.
func (s *Session) Wait() (container.Exit, error) {
	var said reply
	if err := json.NewDecoder(s.conn).Decode(&said); err != nil {
		return container.Exit{}, fmt.Errorf("session: the task ended: %w", err)
	}
	if said.Exit == nil {
		return container.Exit{}, errors.New(said.Error)
	}
	return *said.Exit, nil
}

// Close hangs up: the program is told by its terminal and killed if it stays.
func (s *Session) Close() {
	s.Terminal.Close()
	s.conn.Close()
}
