package logfile

import (
	"errors"
	"fmt"
	"io"
	"os"
)

const windowSize = 64 << 10

// A window is a part of a segment file held in memory, so that walking over
// small frames in either direction costs few reads.
type window struct {
	file   *os.File
	packed *packed // its index if it is compressed: then bytes are a block
	bytes  []byte
	start  int64 // the plain segment's offset of bytes[0]
}

// get returns n bytes at off, or fewer than n (nil) when the file ends before.
// Backward says which way the caller walks, and so what to read along.
func (w *window) get(off int64, n int, backward bool) ([]byte, error) {
	if !w.holds(off, n) {
		if err := w.load(off, n, backward); err != nil {
			return nil, err
		}
	}
	if !w.holds(off, n) {
		return nil, nil
	}
	return w.bytes[off-w.start:][:n], nil
}

func (w *window) holds(off int64, n int) bool {
	return off >= w.start && off+int64(n) <= w.start+int64(len(w.bytes))
}

func (w *window) load(off int64, n int, backward bool) error {
	if w.packed != nil {
		return w.loadBlock(off)
	}
	info, err := w.file.Stat()
	if err != nil {
		return fmt.Errorf("read segment: %w", err)
	}
	size := max(n, int(min(windowSize, info.Size()))) // many streams are small
	if backward {
		off = max(0, off+int64(n)-int64(size))
	}
	if cap(w.bytes) < size {
		w.bytes = make([]byte, size)
	}
	got, err := w.file.ReadAt(w.bytes[:size], off)
	if err != nil && !errors.Is(err, io.EOF) {
		w.drop()
		return fmt.Errorf("read segment: %w", err)
	}
	w.bytes, w.start = w.bytes[:got], off
	return nil
}

// loadBlock reads the block that holds off. No frame reaches beyond its block.
func (w *window) loadBlock(off int64) error {
	w.drop()
	i := w.packed.find(off)
	if i < 0 {
		return nil
	}
	bytes, err := w.packed.read(w.file, i, w.bytes)
	if errors.Is(err, errDamaged) {
		return nil // as a damaged frame: it ends the segment
	}
	if err != nil {
		return err
	}
	w.bytes, w.start = bytes, w.packed.blocks[i].offset
	return nil
}

// drop forgets what was read: a writer may have changed it since.
func (w *window) drop() { w.bytes = w.bytes[:0] }

// frameAt reads the frame that begins at off.
func (w *window) frameAt(at Position, backward bool) (Event, error) {
	head, err := w.get(at.Offset, frameHead, backward)
	if err != nil {
		return Event{}, err
	}
	if head == nil {
		return Event{}, errDamaged
	}
	size, err := frameSize(head)
	if err != nil {
		return Event{}, err
	}
	frame, err := w.get(at.Offset, size, backward)
	if err != nil {
		return Event{}, err
	}
	if frame == nil {
		return Event{}, errDamaged
	}
	return decodeFrame(frame, at)
}

// frameBefore reads the frame that ends at the given position.
func (w *window) frameBefore(end Position) (Event, error) {
	if end.Offset < headerSize+overhead {
		return Event{}, errDamaged
	}
	tail, err := w.get(end.Offset-frameTail, frameTail, true)
	if err != nil {
		return Event{}, err
	}
	if tail == nil {
		return Event{}, errDamaged
	}
	size, err := frameSize(tail)
	if err != nil {
		return Event{}, err
	}
	start := Position{end.Segment, end.Offset - int64(size)}
	if start.Offset < headerSize {
		return Event{}, errDamaged
	}
	return w.frameAt(start, true)
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
