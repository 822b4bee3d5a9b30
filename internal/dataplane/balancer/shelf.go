package balancer

import (
	"fmt"
	"net"
	"os"
	"syscall"

	"apex/internal/dataplane/supervisor"
)

// A shelf opens listening sockets and has the supervisor keep them: when the
// balancer dies, connections wait at them for the next run, which finds them
// open.
type shelf struct {
	keeper *supervisor.Keeper
	files  map[string]*os.File // a copy of every socket that is kept, by its name
}

func openShelf() (*shelf, error) {
	keeper, err := supervisor.Attach()
	if err != nil {
		return nil, err
	}
	s := &shelf{keeper: keeper, files: map[string]*os.File{}}
	for name, f := range keeper.Kept() {
		s.files[name] = f
	}
	return s, nil
}

// name is what a socket is kept under.
func (k socketKey) name() string { return k.Addr.String() + " " + k.Namespace }

func (s *shelf) open(key socketKey) (listener, error) {
	if f := s.files[key.name()]; f != nil {
		l, err := net.FileListener(f)
		if err != nil {
			return nil, fmt.Errorf("kept socket %s: %w", key.Addr, err)
		}
		return l.(*net.TCPListener), nil
	}
	l, err := listenIn(key.Namespace, key.Addr)
	if err != nil {
		return nil, err
	}
	f, err := l.File()
	if err == nil {
		err = s.keeper.Keep(key.name(), f)
	}
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("socket %s: keep: %w", key.Addr, err)
	}
	s.files[key.name()] = f
	return l, nil
}

// retain closes all sockets but those of the keys, for everybody who has a copy.
func (s *shelf) retain(keys []socketKey) error {
	wanted := map[string]bool{}
	for _, k := range keys {
		wanted[k.name()] = true
	}
	for name, f := range s.files {
		if wanted[name] {
			continue
		}
		if err := s.keeper.Drop(name); err != nil {
			return fmt.Errorf("socket %s: drop: %w", name, err)
		}
		if raw, err := f.SyscallConn(); err == nil {
			raw.Control(func(fd uintptr) { syscall.Shutdown(int(fd), syscall.SHUT_RDWR) })
		}
		f.Close()
		delete(s.files, name)
	}
	return nil
}
