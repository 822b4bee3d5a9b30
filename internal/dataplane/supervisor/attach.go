package supervisor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// keptEnv tells a process started with KeepFiles the names of the files it
// inherits, as a JSON list; they begin after the connection to the shelf.
const keptEnv = "APEX_KEPT_FILES"

const (
	shelfFD     = 3
	firstKeptFD = shelfFD + 1
)

// A Keeper hands open files to the supervisor, which gives them to the next run
// of the process. A Keeper of a process without a supervisor keeps nothing.
type Keeper struct {
	mu   sync.Mutex
	conn *net.UnixConn
	kept map[string]*os.File
}

// Attach finds the supervisor of the calling process. It is called once, early.
func Attach() (*Keeper, error) {
	value, ok := os.LookupEnv(keptEnv)
	if !ok {
		return &Keeper{}, nil
	}
	os.Unsetenv(keptEnv) // not for our children
	var names []string
	if err := json.Unmarshal([]byte(value), &names); err != nil {
		return nil, fmt.Errorf("attach to supervisor: %w", err)
	}
	k := &Keeper{kept: map[string]*os.File{}}
	for i, name := range names {
		syscall.CloseOnExec(firstKeptFD + i)
		k.kept[name] = os.NewFile(uintptr(firstKeptFD+i), name)
	}
	return k, k.connect()
}

func (k *Keeper) connect() error {
	syscall.CloseOnExec(shelfFD)
	f := os.NewFile(shelfFD, "shelf")
	defer f.Close()
	conn, err := net.FileConn(f)
	if err != nil {
		return fmt.Errorf("attach to supervisor: %w", err)
	}
	k.conn = conn.(*net.UnixConn)
	return nil
}

// Kept returns the files that earlier runs asked to be kept, by name. The caller
// owns them; closing one does not drop it.
func (k *Keeper) Kept() map[string]*os.File { return k.kept }

// Keep gives the supervisor a copy of the file, in place of one of that name.
func (k *Keeper) Keep(name string, f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	var asked error
	if err := raw.Control(func(fd uintptr) { asked = k.ask("+"+name, int(fd)) }); err != nil {
		return fmt.Errorf("keep %s: %w", name, err)
	}
	return asked
}

// Drop makes the supervisor close its copy; one it does not have is no error.
func (k *Keeper) Drop(name string) error { return k.ask("-" + name) }

func (k *Keeper) ask(request string, fds ...int) error {
	if k.conn == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	var rights []byte
	if len(fds) > 0 {
		rights = unix.UnixRights(fds...)
	}
	if _, _, err := k.conn.WriteMsgUnix([]byte(request), rights, nil); err != nil {
		return fmt.Errorf("ask supervisor: %w", err)
	}
	answer := make([]byte, 512)
	n, err := k.conn.Read(answer)
	if err != nil {
		return fmt.Errorf("ask supervisor: %w", err)
	}
	if got := string(answer[:n]); got != "ok" {
		return errors.New(got)
	}
	return nil
}

// receive reads one request and the file that came with it, if any.
func receive(conn *net.UnixConn) (request string, file *os.File, err error) {
	data, oob := make([]byte, 1024), make([]byte, unix.CmsgSpace(4))
	n, oobn, _, _, err := conn.ReadMsgUnix(data, oob)
	if err != nil {
		return "", nil, err
	}
	if n == 0 && oobn == 0 {
		return "", nil, io.EOF
	}
	messages, err := unix.ParseSocketControlMessage(oob[:oobn])
	if err != nil || len(messages) == 0 {
		return string(data[:n]), nil, err
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return "", nil, fmt.Errorf("receive file: %d descriptors: %w", len(fds), err)
	}
	return string(data[:n]), os.NewFile(uintptr(fds[0]), "kept"), nil
}
