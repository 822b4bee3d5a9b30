package supervisor

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"sync"

	"golang.org/x/sys/unix"
)

// maxKept bounds the files a process may put on its shelf.
const maxKept = 256

// A shelf holds the open files that a process asked its supervisor to keep for
// its next run.
type shelf struct {
	mu    sync.Mutex
	names []string
	files map[string]*os.File
}

func newShelf() *shelf { return &shelf{files: map[string]*os.File{}} }

// offer gives the command a connection to the shelf and every file on it. The
// caller calls started once the command has been started, or could not be.
func (s *shelf) offer(cmd *exec.Cmd) (started func(), err error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	files := []*os.File{theirs} // shelfFD; the others follow it
	for _, name := range s.names {
		files = append(files, s.files[name])
	}
	names, err := json.Marshal(s.names)
	if err != nil {
		return nil, err
	}
	cmd.ExtraFiles = files
	cmd.Env = append(cmd.Env, fmt.Sprintf("%s=%s", keptEnv, names))
	go s.serve(ours) // until the process, the only holder of the other end, is gone
	return func() { theirs.Close() }, nil
}

func socketPair() (ours *net.UnixConn, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make socket pair: %w", err)
	}
	mine := os.NewFile(uintptr(fds[0]), "shelf")
	defer mine.Close()
	theirs = os.NewFile(uintptr(fds[1]), "shelf")
	conn, err := net.FileConn(mine)
	if err != nil {
		theirs.Close()
		return nil, nil, fmt.Errorf("make socket pair: %w", err)
	}
	return conn.(*net.UnixConn), theirs, nil
}

// serve answers one run's requests: "+name" with a file, or "-name".
func (s *shelf) serve(conn *net.UnixConn) {
	defer conn.Close()
	for {
		request, file, err := receive(conn)
		if err != nil {
			return
		}
		answer := "ok"
		if err := s.handle(request, file); err != nil {
			answer = err.Error()
		}
		if _, err := conn.Write([]byte(answer)); err != nil {
			return
		}
	}
}

func (s *shelf) handle(request string, file *os.File) error {
	switch {
	case len(request) > 1 && request[0] == '+' && file != nil:
		return s.put(request[1:], file)
	case len(request) > 1 && request[0] == '-' && file == nil:
		s.drop(request[1:])
		return nil
	}
	if file != nil {
		file.Close()
	}
	return errors.New("keep: request not understood")
}

func (s *shelf) put(name string, file *os.File) error {
	s.drop(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.names) >= maxKept {
		file.Close()
		return fmt.Errorf("keep %s: %d files are kept already", name, maxKept)
	}
	s.names = append(s.names, name)
	s.files[name] = file
	return nil
}

func (s *shelf) drop(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if file, ok := s.files[name]; ok {
		file.Close()
		delete(s.files, name)
		s.names = slices.DeleteFunc(s.names, func(n string) bool { return n == name })
	}
}
