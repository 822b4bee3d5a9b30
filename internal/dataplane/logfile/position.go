package logfile

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// A Position is a place between two events of a stream. The zero Position is
// the stream's start when reading forward and its end when reading backward.
type Position struct {
	Segment uint64
	Offset  int64
}

// IsZero reports whether the position is unset.
func (p Position) IsZero() bool { return p == Position{} }

// Compare orders positions by their place in the stream.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.Segment, q.Segment), cmp.Compare(p.Offset, q.Offset))
}

// String returns "segment-offset", which ParsePosition reads.
func (p Position) String() string { return fmt.Sprintf("%d-%d", p.Segment, p.Offset) }

// ParsePosition reads what String wrote.
func ParsePosition(s string) (Position, error) {
	segment, offset, ok := strings.Cut(s, "-")
	seg, err1 := strconv.ParseUint(segment, 10, 64)
	off, err2 := strconv.ParseInt(offset, 10, 64)
	p := Position{seg, off}
	if !ok || err1 != nil || err2 != nil || off < 0 || p.String() != s {
		return Position{}, fmt.Errorf("parse position %q: not segment-offset", s)
	}
	return p, nil
}
