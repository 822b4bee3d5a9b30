package series

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// A mapped is a file that is mapped into memory, shared, and so written by the
// kernel whatever becomes of this process.
type mapped struct {
	file *os.File
	data []byte
}

func openMapped(path string) (*mapped, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	m := &mapped{file: file}
	info, err := file.Stat()
	if err == nil {
		err = m.remap(int(info.Size()))
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return m, nil
}

// remap maps the file's first size bytes.
func (m *mapped) remap(size int) error {
	if m.data != nil {
		data := m.data
		m.data = nil
		if err := unix.Munmap(data); err != nil {
			return fmt.Errorf("unmap %s: %w", m.file.Name(), err)
		}
	}
	if size == 0 {
		return nil
	}
	data, err := unix.Mmap(int(m.file.Fd()), 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("map %s: %w", m.file.Name(), err)
	}
	m.data = data
	return nil
}

// grow makes the file at least size bytes long. The bytes have their place on the
// disk before they are mapped: a full disk is an error here and no fault later.
func (m *mapped) grow(size int) error {
	if size <= len(m.data) {
		return nil
	}
	err := unix.Fallocate(int(m.file.Fd()), 0, 0, int64(size))
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		_, err = m.file.WriteAt(make([]byte, size-len(m.data)), int64(len(m.data)))
	}
	if err != nil {
		return fmt.Errorf("extend %s to %d bytes: %w", m.file.Name(), size, err)
	}
	return m.remap(size)
}

// close unmaps and closes the file, cut to size.
func (m *mapped) close(size int) error {
	return errors.Join(m.remap(0), m.file.Truncate(int64(size)), m.file.Close())
}
