package http1

import "io"

const (
	maxChunkLine = 256
	maxChunkSize = 1 << 40
	maxTrailer   = MaxLine
)

// A Body reads one message body from a Reader, piece by piece.
type Body struct {
	src      *Reader
	framing  Framing
	left     int64 // of the body, or of the chunk
	inChunk  bool  // the CR LF after the chunk's data is still to come
	last     bool  // the last chunk was read, trailers are
	done     bool
	trailers []Field
	storage  []byte // what trailers are views of
}

// Reset begins the body of a message with the given framing.
func (b *Body) Reset(src *Reader, framing Framing, length int64) {
	*b = Body{src: src, framing: framing, left: length, done: framing == NoBody || framing == Length && length == 0}
}

// Done reports whether the whole body was read.
func (b *Body) Done() bool { return b.done }

// Trailers returns the fields after a chunked body; valid when it is done.
func (b *Body) Trailers() []Field { return b.trailers }

// Next returns the next piece of the body: a view that lives until the next
// read. At the end it returns io.EOF; if nothing is buffered and wait is false,
// ErrShort.
func (b *Body) Next(wait bool) ([]byte, error) {
	if b.done {
		return nil, io.EOF
	}
	switch b.framing {
	case Chunked:
		return b.nextChunk(wait)
	case Length:
		return b.piece(wait)
	default:
		return b.untilClose(wait)
	}
}

func (b *Body) untilClose(wait bool) ([]byte, error) {
	if b.src.Buffered() == 0 {
		if !wait {
			return nil, ErrShort
		}
		if err := b.src.Fill(); err != nil {
			b.done = err == io.EOF
			return nil, err
		}
	}
	return b.src.Take(b.src.Buffered()), nil
}

// piece returns what is buffered of the bytes that are left.
func (b *Body) piece(wait bool) ([]byte, error) {
	if b.src.Buffered() == 0 {
		if b.left > SmallBuffer {
			b.src.Borrow()
		}
		if err := b.src.more(wait); err != nil {
			return nil, err
		}
	}
	p := b.src.Take(int(min(b.left, int64(b.src.Buffered()))))
	b.left -= int64(len(p))
	b.done = b.framing == Length && b.left == 0
	return p, nil
}

func (b *Body) nextChunk(wait bool) ([]byte, error) {
	for b.left == 0 {
		if err := b.chunkHead(wait); err != nil {
			return nil, err
		}
	}
	return b.piece(wait)
}

// chunkHead reads up to the next chunk's data; io.EOF after the trailers. It can
// be called again after ErrShort.
func (b *Body) chunkHead(wait bool) error {
	if b.last {
		return b.trailer(wait)
	}
	line, err := b.src.line(maxChunkLine, wait)
	if err != nil {
		return err
	}
	if b.inChunk {
		b.inChunk = false
		if len(line) > 0 {
			return malformed("chunk data")
		}
		return nil
	}
	n, ok := chunkSize(line)
	if !ok {
		return malformed("chunk size")
	}
	b.left, b.inChunk, b.last = n, n > 0, n == 0
	return nil
}

// chunkSize reads hexadecimal digits. Extensions are refused: nothing uses them
// but those who look for parsers that disagree.
func chunkSize(line []byte) (int64, bool) {
	if len(line) == 0 || len(line) > 16 {
		return 0, false
	}
	var n int64
	for _, c := range line {
		d, ok := hexDigit(c)
		if n = n<<4 | d; !ok || n > maxChunkSize {
			return 0, false
		}
	}
	return n, true
}

func hexDigit(c byte) (int64, bool) {
	switch {
	case digit(c):
		return int64(c - '0'), true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int64(c|0x20-'a') + 10, true
	}
	return 0, false
}

func (b *Body) trailer(wait bool) error {
	line, err := b.src.line(maxTrailer, wait)
	if err != nil {
		return err
	}
	if len(line) == 0 {
		b.done = true
		return io.EOF
	}
	if len(b.storage)+len(line) > maxTrailer {
		return malformed("trailers too large")
	}
	if b.storage == nil {
		b.storage = make([]byte, 0, maxTrailer) // never grows: trailers are views of it
	}
	start := len(b.storage)
	b.storage = append(b.storage, line...)
	f, bad := parseField(b.storage[start:])
	if bad != nil {
		return bad
	}
	if f.Kind == Other {
		b.trailers = append(b.trailers, f)
	}
	return nil
}
