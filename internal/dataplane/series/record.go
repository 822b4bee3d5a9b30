package series

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
)

// The kinds of records.
const (
	kindOne = iota
	kindSame
	kindCounts
	kindFloats
	kindOutline
	kindMark

	flagAddedUp = 1 << 6
)

const recordHead = 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(body []byte) uint16 { return uint16(crc32.Checksum(body, castagnoli)) }

// errBroken is a record that does not read.
var errBroken = errors.New("broken record")

// A record is one entry of a tier's file.
type record struct {
	series  uint32
	back    uint32
	slot    uint32
	kind    byte
	addedUp bool
	rest    []byte // the slot's figures, not yet read
}

// appendBody appends the body of a record that holds a slot.
func appendBody(b []byte, r record, s *Slot) []byte {
	b = binary.AppendUvarint(b, uint64(r.series))
	b = binary.AppendUvarint(b, uint64(r.back))
	b = binary.AppendUvarint(b, uint64(r.slot))
	kind := r.kind
	if kind != kindMark {
		kind = kindOf(s)
	}
	flags := kind
	if r.addedUp {
		flags |= flagAddedUp
	}
	b = append(b, flags)
	switch kind {
	case kindOne:
		return appendFloats(b, s.Min)
	case kindSame:
		return appendFloats(b, s.Count, s.Min)
	case kindOutline:
		return appendFloats(b, s.Count, s.Sum, s.Min, s.Max)
	case kindCounts, kindFloats:
		return appendBuckets(appendFloats(b, s.Count, s.Sum, s.Min, s.Max), kind, s.buckets)
	}
	return b
}

func kindOf(s *Slot) byte {
	switch {
	case s.outline:
		return kindOutline
	case s.Min == s.Max && s.Count == 1:
		return kindOne
	case s.Min == s.Max:
		return kindSame
	}
	for _, b := range s.buckets {
		if b.count != math.Trunc(b.count) || b.count > 1<<53 {
			return kindFloats
		}
	}
	return kindCounts
}

func appendFloats(b []byte, values ...float64) []byte {
	for _, v := range values {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
	}
	return b
}

func appendBuckets(b []byte, kind byte, buckets []bucket) []byte {
	b = binary.AppendUvarint(b, uint64(len(buckets)))
	last := int32(0)
	for _, one := range buckets {
		b = binary.AppendVarint(b, int64(one.key)-int64(last))
		last = one.key
		if kind == kindCounts {
			b = binary.AppendUvarint(b, uint64(one.count))
		} else {
			b = appendFloats(b, one.count)
		}
	}
	return b
}

// readRecord reads the start of a body.
func readRecord(body []byte) (record, error) {
	c := cursor{rest: body}
	r := record{series: c.uint32(), back: c.uint32(), slot: c.uint32()}
	flags := c.byte()
	r.kind, r.addedUp = flags&^flagAddedUp, flags&flagAddedUp != 0
	if c.broken || r.kind > kindMark {
		return r, errBroken
	}
	r.rest = c.rest
	return r, nil
}

// slotOf reads the figures of a record.
func (r record) figures() (Slot, error) {
	c := cursor{rest: r.rest}
	var s Slot
	switch r.kind {
	case kindOne:
		s = sampleSlot(c.float(), 1)
	case kindSame:
		count := c.float()
		s = sampleSlot(c.float(), count)
	case kindCounts, kindFloats, kindOutline:
		s = Slot{Count: c.float(), Sum: c.float(), Min: c.float(), Max: c.float(), outline: r.kind == kindOutline}
		if r.kind != kindOutline {
			s.buckets = c.buckets(r.kind)
		}
	}
	if c.broken || math.IsNaN(s.Count) || s.Count < 0 {
		return Slot{}, errBroken
	}
	return s, nil
}

// A cursor reads from the front of bytes, and notes if they are too few.
type cursor struct {
	rest   []byte
	broken bool
}

func (c *cursor) uvarint() uint64 {
	v, n := binary.Uvarint(c.rest)
	if n <= 0 {
		c.broken, c.rest = true, nil
		return 0
	}
	c.rest = c.rest[n:]
	return v
}

func (c *cursor) uint32() uint32 {
	v := c.uvarint()
	c.broken = c.broken || v > math.MaxUint32
	return uint32(v)
}

func (c *cursor) byte() byte {
	if len(c.rest) == 0 {
		c.broken = true
		return 0
	}
	b := c.rest[0]
	c.rest = c.rest[1:]
	return b
}

func (c *cursor) float() float64 {
	if len(c.rest) < 8 {
		c.broken, c.rest = true, nil
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(c.rest))
	c.rest = c.rest[8:]
	return v
}

func (c *cursor) buckets(kind byte) []bucket {
	n := c.uvarint()
	if n > maxBuckets || n > uint64(len(c.rest)) {
		c.broken = true
		return nil
	}
	buckets := make([]bucket, 0, n)
	key := int64(0)
	for range n {
		delta, size := binary.Varint(c.rest)
		if size <= 0 {
			c.broken = true
			return nil
		}
		c.rest = c.rest[size:]
		key += delta
		c.broken = c.broken || key != int64(int32(key))
		one := bucket{key: int32(key)}
		if kind == kindCounts {
			one.count = float64(c.uvarint())
		} else {
			one.count = c.float()
		}
		buckets = append(buckets, one)
	}
	return buckets
}

func (c *cursor) text() string {
	n := c.uvarint()
	if n > uint64(len(c.rest)) {
		c.broken, c.rest = true, nil
		return ""
	}
	s := string(c.rest[:n])
	c.rest = c.rest[n:]
	return s
}
