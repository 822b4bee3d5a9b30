package container

import (
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// A Terminal is a pseudo-terminal of a container: Name is its path inside, and
// what is written to Master is typed there. Closing Master hangs it up.
type Terminal struct {
	Master *os.File
	Name   string
}

// Terminal makes a pseudo-terminal of this size among the container's own, so
// that programs in it find it under its name.
func (c *Container) Terminal(rows, cols uint16) (Terminal, error) {
	path := "/proc/" + strconv.Itoa(c.PID()) + "/root/dev/pts/ptmx"
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC|unix.O_NONBLOCK|unix.O_NOFOLLOW, 0)
	if err != nil {
		return Terminal{}, fmt.Errorf("make terminal: %w", err)
	}
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN) // fails on what is no terminal
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err == nil {
		err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: rows, Col: cols})
	}
	if err != nil {
		unix.Close(fd)
		return Terminal{}, fmt.Errorf("make terminal: %w", err)
	}
	return Terminal{os.NewFile(uintptr(fd), "ptmx"), "/dev/pts/" + strconv.Itoa(n)}, nil
}
