package logfile

import (
	"errors"
	"io/fs"
	"math"
	"os"
	"time"
)

// A Chunk is a part of a stream that is read by itself, so that several
// processors can share a long one. First and Last bound the times of its events;
// they are zero where that is not known.
type Chunk struct {
	First, Last time.Time
	Bytes       int64 // of frames, before compression

	dir    string
	number uint64
	size   int64 // of the plain segment; later events are not the chunk's
	times  span
}

// Chunks returns the parts of the stream in dir that may have events of the
// query's times, oldest arrival first.
func Chunks(dir string, q Query) ([]Chunk, error) {
	numbers, err := segments(dir)
	if err != nil {
		return nil, err
	}
	var all []Chunk
	for _, n := range numbers {
		s, known := segmentSpan(dir, n)
		if known && !s.overlaps(q.span()) {
			continue
		}
		chunk := Chunk{dir: dir, number: n, times: q.span()}
		if chunk.size, err = plainSize(dir, n); err != nil {
			return nil, err
		}
		if known {
			chunk.First, chunk.Last = time.UnixMilli(s.first), time.UnixMilli(s.last)
		}
		if chunk.Bytes = chunk.size - headerSize; chunk.Bytes > 0 {
			all = append(all, chunk)
		}
	}
	return all, nil
}

// plainSize returns how long a segment is, or was before it was compressed; 0 if
// it is gone.
func plainSize(dir string, number uint64) (int64, error) {
	file, index, err := openSegment(dir, number)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer file.Close()
	if index != nil {
		return index.size, nil
	}
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Scan calls visit with each event of the query's times until it returns false.
// The event's message is valid only during the call. What retention took away
// meanwhile is left out, and so is what is damaged.
func (c Chunk) Scan(visit func(Event) bool) error {
	file, index, err := openSegment(c.dir, c.number)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	if index != nil {
		return c.scanPacked(file, index, visit)
	}
	return c.scanPlain(file, visit)
}

func (c Chunk) scanPacked(file *os.File, index *packed, visit func(Event) bool) error {
	var scratch []byte
	for i, b := range index.blocks {
		if !b.times.overlaps(c.times) {
			continue
		}
		plain, err := index.read(file, i, scratch)
		if errors.Is(err, errDamaged) {
			return nil
		}
		if err != nil {
			return err
		}
		scratch = plain
		if n, goOn := c.visit(plain, b.offset, false, visit); !goOn || n < len(plain) {
			return nil
		}
	}
	return nil
}

const scanSize = 256 << 10

func (c Chunk) scanPlain(file *os.File, visit func(Event) bool) error {
	buffer, held := make([]byte, scanSize), 0
	for off := int64(headerSize); off < c.size; {
		n, err := file.ReadAt(buffer[held:min(int64(len(buffer)), c.size-off)], off+int64(held))
		if n == 0 {
			return ignoreEOF(err)
		}
		used, goOn := c.visit(buffer[:held+n], off, true, visit)
		if !goOn {
			return nil
		}
		if used == 0 {
			if len(buffer) > maxBlock {
				return nil // no frame is so long: it is damaged
			}
			buffer = append(make([]byte, 0, 2*len(buffer)), buffer[:held+n]...)
			buffer, held = buffer[:cap(buffer)], held+n
			continue
		}
		held = copy(buffer, buffer[used:held+n])
		off += int64(used)
	}
	return nil
}

// visit visits the whole frames that bytes begin with and returns their length.
func (c Chunk) visit(bytes []byte, off int64, check bool, visit func(Event) bool) (used int, goOn bool) {
	for used < len(bytes) {
		frame, err := frameIn(bytes[used:])
		if err != nil {
			return used, true
		}
		if check {
			if _, err := checkFrame(frame); err != nil {
				return used, true
			}
		}
		e := eventIn(frame, Position{c.number, off + int64(used)})
		if ms := e.Time.UnixMilli(); c.times.overlaps(span{ms, ms}) && !visit(e) {
			return used, false
		}
		used += len(frame)
	}
	return used, true
}

// Grown reports whether the stream in dir may have events after the position. It
// is much cheaper than to read: two looks at a folder.
func Grown(dir string, after Position) bool {
	switch {
	case after.IsZero():
		after = Position{Segment: 1, Offset: headerSize} // where a stream begins
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return false
		}
	case after.Segment == math.MaxUint64:
		return true
	}
	info, err := os.Stat(segmentPath(dir, after.Segment))
	if err != nil || info.Size() > after.Offset {
		return true // compressed or deleted meanwhile, or longer
	}
	_, err = os.Stat(segmentPath(dir, after.Segment+1))
	return err == nil
}
