package nat

import (
	"io"
	"net"
	"sync"
)

// Join copies both ways between two connections until both directions have
// ended, then closes both. The end of one direction is passed on as a
// half-close; an error in one ends the other too.
func Join(a, b net.Conn) { join(a, b, func() {}) }

// join is Join. It calls ending before it closes either, maybe more than once and
// from two goroutines.
func join(a, b net.Conn, ending func()) {
	defer a.Close()
	defer b.Close()
	var other sync.WaitGroup
	other.Go(func() { pour(a, b, ending) })
	pour(b, a, ending)
	other.Wait()
	ending()
}

// pour copies from src to dst, in the kernel where both allow it.
func pour(dst, src net.Conn, ending func()) {
	if _, err := io.Copy(dst, src); err != nil {
		ending()
		reset(dst)
		reset(src)
		dst.Close()
		src.Close()
		return
	}
	if half, ok := dst.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the other end may be gone, which the reader finds out
		return
	}
	ending()
	dst.Close()
}
