package balancer

import (
	"errors"
	"io"
	"net"
	"syscall"
	"unsafe"
)

// errAgain says that a socket has nothing to read, or no room to write into.
var errAgain = errors.New("socket: not ready")

// A tcpStream is a TCP connection that costs no more system calls, and no more
// talk with the scheduler, than the bytes need. Its socket never blocks, so the
// calls go to the kernel without a word to the scheduler, which would prepare for
// a thread that sleeps.
//
// raw.Read and raw.Write call a function until it returns true, waiting for the
// socket in between. They forget readiness that was seen before, and the poller
// tells of each arrival once only; so the function must first try, or do
// something that makes the other side answer, before it lets itself be parked.
type tcpStream struct {
	*net.TCPConn
	raw syscall.RawConn

	in, out transfer
	asked   bool // what ask writes was written
	// The methods readOnce, writeRest and askOnce as values, made once and not
	// for each call.
	readable, writable, asking func(uintptr) bool
}

// A transfer is a read or a write that is under way.
type transfer struct {
	buf, more []byte // more follows buf
	n         int
	err       error
}

func newTCPStream(c *net.TCPConn) *tcpStream {
	s := &tcpStream{TCPConn: c}
	s.raw, _ = c.SyscallConn() // fails for a connection that is none only
	s.readable, s.writable, s.asking = s.readOnce, s.writeRest, s.askOnce
	return s
}

// Read reads once, waiting if nothing is here.
func (s *tcpStream) Read(b []byte) (int, error) {
	s.in = transfer{buf: b}
	if err := s.raw.Read(s.readable); err != nil {
		return 0, err
	}
	return s.in.n, s.in.err
}

func (s *tcpStream) readOnce(fd uintptr) bool {
	s.in.n, s.in.err = readFD(fd, s.in.buf)
	return s.in.err != errAgain
}

// Write writes all of b.
func (s *tcpStream) Write(b []byte) (int, error) { return s.writev(b, nil) }

// writev writes a and then b, waiting while the other side takes no more.
func (s *tcpStream) writev(a, b []byte) (int, error) {
	s.out = transfer{buf: a, more: b}
	if err := s.raw.Write(s.writable); err != nil {
		return s.out.n, err
	}
	return s.out.n, s.out.err
}

func (s *tcpStream) writeRest(fd uintptr) bool {
	t := &s.out
	for len(t.buf)+len(t.more) > 0 {
		n, err := writeFD(fd, t.buf, t.more)
		if err == errAgain {
			return false
		}
		if err != nil {
			t.err = err
			return true
		}
		t.n += n
		fromBuf := min(n, len(t.buf))
		t.buf, t.more = t.buf[fromBuf:], t.more[n-fromBuf:]
	}
	return true
}

// ask writes b, which makes the other side answer, and waits until the answer can
// be read. It returns how much of b was written.
func (s *tcpStream) ask(b []byte) (int, error) {
	s.out, s.asked = transfer{buf: b}, false
	if err := s.raw.Read(s.asking); err != nil {
		return s.out.n, err
	}
	return s.out.n, s.out.err
}

func (s *tcpStream) askOnce(fd uintptr) bool {
	if s.asked {
		return true
	}
	s.asked = true
	if s.writeRest(fd); s.out.err == nil && len(s.out.buf) > 0 {
		s.out.err = s.raw.Write(s.writable) // the rest, as there is room
	}
	return s.out.err != nil
}

// awaitReadable waits until there is something to read, or the stream's end.
func (s *tcpStream) awaitReadable() error {
	return s.raw.Read(func(fd uintptr) bool { return !quiet(fd) })
}

// quiet reports whether nothing has arrived at a socket: no byte, no end, no
// fault.
func quiet(fd uintptr) bool {
	var b [1]byte
	_, _, e := syscall.RawSyscall6(syscall.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&b)), 1, syscall.MSG_PEEK|syscall.MSG_DONTWAIT, 0, 0)
	return e == syscall.EAGAIN
}

// readFD reads once from a socket that does not block; errAgain if nothing is
// here.
func readFD(fd uintptr, b []byte) (int, error) {
	for {
		n, _, e := syscall.RawSyscall(syscall.SYS_READ, fd, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
		switch {
		case e == 0 && n == 0:
			return 0, io.EOF
		case e == 0:
			return int(n), nil
		case e != syscall.EINTR:
			return 0, fault("read", e)
		}
	}
}

// writeFD writes a and b, or a part of them; errAgain if there is no room.
func writeFD(fd uintptr, a, b []byte) (int, error) {
	if len(a) == 0 {
		a, b = b, nil
	}
	for {
		var n uintptr
		var e syscall.Errno
		if len(b) == 0 {
			n, _, e = syscall.RawSyscall(syscall.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(a))), uintptr(len(a)))
		} else {
			both := [2]syscall.Iovec{{Base: unsafe.SliceData(a), Len: uint64(len(a))}, {Base: unsafe.SliceData(b), Len: uint64(len(b))}}
			n, _, e = syscall.RawSyscall(syscall.SYS_WRITEV, fd, uintptr(unsafe.Pointer(&both)), 2)
		}
		switch e {
		case 0:
			return int(n), nil
		case syscall.EINTR:
		default:
			return 0, fault("write", e)
		}
	}
}

func fault(call string, e syscall.Errno) error {
	if e == syscall.EAGAIN {
		return errAgain
	}
	return &net.OpError{Op: call, Net: "tcp", Err: e}
}
