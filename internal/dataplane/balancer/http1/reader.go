package http1

import (
	"bytes"
	"io"
	"sync"
)

// Limits of a message, those of an Application Load Balancer.
const (
	MaxLine         = 16 << 10 // request line; one field
	MaxRequestHead  = 64 << 10
	MaxResponseHead = 32 << 10
)

// SmallBuffer is what a Reader reads into before it is known that much is to
// come.
const SmallBuffer = 4 << 10

// largeBuffer holds a body of 64 KiB with its head.
const largeBuffer = 72 << 10

var (
	smallBuffers = sync.Pool{New: func() any { return new([SmallBuffer]byte) }}
	largeBuffers = sync.Pool{New: func() any { return new([largeBuffer]byte) }}
)

// A Reader buffers what arrives on a connection. It borrows its buffer from a
// pool, and holds none while it is released.
type Reader struct {
	src      io.Reader
	bulk     bool // a large buffer is borrowed at once
	buf      []byte
	pos, end int
	consumed int64
	drained  bool
	small    *[SmallBuffer]byte // at most one of them is borrowed
	large    *[largeBuffer]byte
}

// NewReader returns a Reader of a connection that messages without large bodies
// come from most of the time: requests.
func NewReader(src io.Reader) *Reader { return &Reader{src: src} }

// NewBulkReader returns a Reader of a connection that large bodies come from.
func NewBulkReader(src io.Reader) *Reader { return &Reader{src: src, bulk: true} }

// Buffered returns how many bytes are waiting.
func (r *Reader) Buffered() int { return r.end - r.pos }

// Peek returns all that is buffered without consuming it.
func (r *Reader) Peek() []byte { return r.buf[r.pos:r.end] }

// Take consumes up to n buffered bytes and returns them: a view that lives until
// the next read.
func (r *Reader) Take(n int) []byte {
	n = min(n, r.Buffered())
	b := r.buf[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	r.consumed += int64(n)
	return b
}

// Consumed returns how many bytes of the connection were consumed.
func (r *Reader) Consumed() int64 { return r.consumed }

// Drained reports whether the last read took all that had arrived.
func (r *Reader) Drained() bool { return r.drained }

// Release gives the buffer back if nothing is buffered.
func (r *Reader) Release() {
	if r.pos == r.end {
		r.giveBack()
		r.buf, r.pos, r.end = nil, 0, 0
	}
}

func (r *Reader) giveBack() {
	if r.small != nil {
		smallBuffers.Put(r.small)
	}
	if r.large != nil {
		largeBuffers.Put(r.large)
	}
	r.small, r.large = nil, nil
}

// Borrow makes room for bulk: bodies are read in large pieces from then on.
func (r *Reader) Borrow() {
	if r.large != nil {
		return
	}
	large := largeBuffers.Get().(*[largeBuffer]byte)
	n := copy(large[:], r.Peek())
	r.giveBack()
	r.large, r.buf, r.pos, r.end = large, large[:], 0, n
}

// borrowFirst gets the buffer to begin with.
func (r *Reader) borrowFirst() {
	if r.bulk {
		r.Borrow()
		return
	}
	r.small = smallBuffers.Get().(*[SmallBuffer]byte)
	r.buf = r.small[:]
}

// Fill reads once from the connection, making room first.
func (r *Reader) Fill() error {
	switch {
	case r.pos == r.end:
		r.pos, r.end = 0, 0
		if len(r.buf) == 0 {
			r.borrowFirst()
		}
	case r.end == len(r.buf):
		r.makeRoom()
	}
	n, err := r.src.Read(r.buf[r.end:])
	r.end += n
	r.drained = r.end < len(r.buf)
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

func (r *Reader) makeRoom() {
	if r.pos > 0 {
		r.end = copy(r.buf, r.Peek())
		r.pos = 0
		return
	}
	r.Borrow()
}

// Head reads until a whole message head is buffered and consumes it. The head
// ends in its empty line. Empty lines before a message are skipped. At the end
// of the stream it returns io.EOF, or io.ErrUnexpectedEOF inside a head.
func (r *Reader) Head(limit int) ([]byte, error) {
	for scanned := 0; ; {
		r.skipEmptyLines()
		b := r.Peek()
		if i := bytes.Index(b[scanned:], []byte("\r\n\r\n")); i >= 0 && scanned+i+4 <= limit {
			return r.Take(scanned + i + 4), nil
		}
		if err := checkPartial(b, limit); err != nil {
			return nil, err
		}
		scanned = max(0, len(b)-3)
		if err := r.Fill(); err != nil {
			if err == io.EOF && len(b) > 0 {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
}

func (r *Reader) skipEmptyLines() {
	for r.Buffered() >= 2 && r.buf[r.pos] == '\r' && r.buf[r.pos+1] == '\n' {
		r.pos += 2
	}
}

// checkPartial refuses a head that can no longer become valid, so that nobody
// waits for its end.
func checkPartial(b []byte, limit int) error {
	first := bytes.IndexByte(b, '\n')
	switch {
	case first == 0, first > 0 && b[first-1] != '\r':
		return malformed("line without CR LF")
	case len(b) >= limit && first >= 0 && first <= MaxLine:
		return malformed("head too large")
	case len(b) > MaxLine+2 && (first < 0 || first > MaxLine+2):
		return &Error{Status: 414, Reason: "first line too long"}
	case len(b) >= limit:
		return malformed("head too large")
	case bytes.Contains(b, []byte("\n\n")):
		return malformed("line without CR LF")
	}
	return nil
}

// line consumes one short line and returns it without its CR LF; ErrShort if it
// is not complete yet and wait is false.
func (r *Reader) line(limit int, wait bool) ([]byte, error) {
	for {
		b := r.Peek()
		if i := bytes.IndexByte(b, '\n'); i >= 0 && i <= limit {
			if i == 0 || b[i-1] != '\r' {
				return nil, malformed("line without CR LF")
			}
			return r.Take(i + 1)[:i-1], nil
		}
		if len(b) > limit {
			return nil, malformed("line too long")
		}
		if err := r.more(wait); err != nil {
			return nil, err
		}
	}
}

// more fills, or says ErrShort when it must not wait; the end of the stream is
// unexpected.
func (r *Reader) more(wait bool) error {
	if !wait {
		return ErrShort
	}
	if err := r.Fill(); err == io.EOF {
		return io.ErrUnexpectedEOF
	} else if err != nil {
		return err
	}
	return nil
}
