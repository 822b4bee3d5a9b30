package logfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"slices"
)

// A cursor walks over a stream's events in one direction. At the end it stays
// usable: later calls of next find what was appended since.
type cursor struct {
	dir      string
	times    span
	backward bool
	at       Position
	win      window // over segment at.Segment; no file before the first step
}

func newCursor(dir string, q Query) *cursor {
	c := &cursor{dir: dir, times: q.span(), backward: q.Backward, at: q.After}
	if c.backward && c.at.IsZero() {
		c.at.Segment = math.MaxUint64
	}
	return c
}

func (c *cursor) close() {
	if c.win.file != nil {
		c.win.file.Close()
	}
	c.win.file, c.win.packed = nil, nil
	c.win.drop()
}

// position is where another cursor of the same direction can go on.
func (c *cursor) position() Position {
	if c.at.Segment == math.MaxUint64 {
		return Position{}
	}
	return c.at
}

// next returns the next event within the cursor's times.
func (c *cursor) next() (Event, bool, error) {
	for {
		e, ok, err := c.step()
		if err != nil {
			return Event{}, false, fmt.Errorf("read stream %s: %w", c.dir, err)
		}
		ms := e.Time.UnixMilli()
		if !ok || c.times.overlaps(span{ms, ms}) {
			return e, ok, nil
		}
	}
}

// step returns the next event of any time.
func (c *cursor) step() (Event, bool, error) {
	for {
		if e, ok, err := c.frame(); ok || err != nil {
			return e, ok, err
		}
		number, found, err := c.neighbour()
		if !found || err != nil {
			return Event{}, false, err
		}
		// The writer may have added to this segment before it began the next.
		if e, ok, err := c.frame(); ok || err != nil {
			return e, ok, err
		}
		if err := c.open(number); err != nil {
			return Event{}, false, err
		}
	}
}

// frame returns the next event of the open segment, if it has one more.
func (c *cursor) frame() (e Event, ok bool, err error) {
	if c.win.file == nil {
		return Event{}, false, nil
	}
	c.skip()
	if c.backward {
		e, err = c.win.frameBefore(c.at)
	} else {
		e, err = c.win.frameAt(c.at, false)
	}
	switch {
	case errors.Is(err, errDamaged):
		c.win.drop() // it may be whole when looked at again
		return Event{}, false, nil
	case err != nil:
		return Event{}, false, err
	case c.backward:
		c.at = e.Position
	default:
		c.at = e.Next()
	}
	return e, true, nil
}

// skip passes over blocks that have no event of the cursor's times.
func (c *cursor) skip() {
	index := c.win.packed
	for index != nil {
		at := c.at.Offset
		if c.backward {
			at-- // what is read next ends there
		}
		i := index.find(at)
		if i < 0 || index.blocks[i].times.overlaps(c.times) {
			return
		}
		if c.at.Offset, _ = index.end(i); c.backward {
			c.at.Offset = index.blocks[i].offset
		}
	}
}

// neighbour finds the segment to read when the open one has no more, leaving
// out those that are known to have no event of the times.
func (c *cursor) neighbour() (number uint64, found bool, err error) {
	numbers, err := segments(c.dir)
	if c.backward {
		slices.Reverse(numbers)
	}
	for _, n := range numbers {
		if !c.beyond(n) {
			continue
		}
		if s, known := segmentSpan(c.dir, n); !known || s.overlaps(c.times) {
			return n, true, nil
		}
	}
	return 0, false, err
}

// beyond reports whether a segment lies ahead in the cursor's direction.
func (c *cursor) beyond(number uint64) bool {
	switch {
	case number == c.at.Segment:
		return c.win.file == nil
	case c.backward:
		return number < c.at.Segment
	default:
		return number > c.at.Segment
	}
}

// open turns to a segment: to the cursor's place in it, or else to its near
// end. If retention took the file away meanwhile, the cursor stays closed.
func (c *cursor) open(number uint64) error {
	c.close()
	if number != c.at.Segment {
		c.at = Position{Segment: number}
	}
	file, index, err := openSegment(c.dir, number)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	c.win.file, c.win.packed = file, index
	switch {
	case !c.backward:
		c.at.Offset = max(c.at.Offset, headerSize)
	case c.at.Offset == 0 && index != nil:
		c.at.Offset = index.size
	case c.at.Offset == 0:
		c.at.Offset, err = endOf(file, number)
	}
	return err
}

// endOf returns the end of a segment's last whole frame.
func endOf(file *os.File, number uint64) (int64, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	win := window{file: file}
	if _, err := win.frameBefore(Position{number, info.Size()}); err == nil {
		return info.Size(), nil
	}
	size, _, err := wholeFrames(file, number) // a write is under way, or was cut off
	return size, err
}
