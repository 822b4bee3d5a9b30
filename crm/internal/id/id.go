// Package id makes and carries record identifiers: UUIDs of version 7, whose
// order is the order of their making, so that rows of a table append.
//
// In JSON and URLs an ID is the usual text; in MySQL it is BINARY(16).
package id

import (
	"crypto/rand"
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"
)

// An ID names one record. The zero ID names none.
type ID [16]byte

// New returns a fresh ID of the present moment.
func New() ID { return at(time.Now()) }

// at lays out RFC 9562's version 7: 48 bits of milliseconds, 12 bits of the
// fraction of that millisecond (so that one process's IDs ascend), 62 random.
func at(t time.Time) ID {
	var v ID
	rand.Read(v[8:]) // never fails
	binary.BigEndian.PutUint64(v[:8], uint64(t.UnixMilli())<<16)
	fraction := uint16(t.Nanosecond() % int(time.Millisecond) * 4096 / int(time.Millisecond))
	binary.BigEndian.PutUint16(v[6:8], 0x7000|fraction)
	v[8] = 0x80 | v[8]&0x3f
	return v
}

// A Fault is a text that is no ID.
type Fault struct{ Text string }

// Error tells the text, or how it begins.
func (f *Fault) Error() string { return fmt.Sprintf("id %.40q: not a UUID", f.Text) }

// Parse reads the usual text form, 36 characters.
func Parse(s string) (ID, error) {
	var v ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, &Fault{s}
	}
	digits := s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	if _, err := hex.Decode(v[:], []byte(digits)); err != nil {
		return ID{}, &Fault{s}
	}
	return v, nil
}

// String returns the text form.
func (v ID) String() string {
	var text [36]byte
	return string(v.append(text[:0]))
}

// append adds the text form to b: a page of a list writes hundreds of IDs.
func (v ID) append(b []byte) []byte {
	b = hex.AppendEncode(b, v[:4])
	for i := 4; i < 10; i += 2 {
		b = hex.AppendEncode(append(b, '-'), v[i:i+2])
	}
	return hex.AppendEncode(append(b, '-'), v[10:])
}

// IsZero says whether v names nothing.
func (v ID) IsZero() bool { return v == ID{} }

// MarshalText makes an ID a JSON string.
func (v ID) MarshalText() ([]byte, error) { return v.append(make([]byte, 0, 36)), nil }

// UnmarshalText reads an ID from a JSON string.
func (v *ID) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	*v = parsed
	return err
}

// Value gives MySQL the sixteen bytes.
func (v ID) Value() (driver.Value, error) { return v[:], nil }

// Scan takes sixteen bytes from MySQL; NULL is the zero ID.
func (v *ID) Scan(src any) error {
	switch b := src.(type) {
	case nil:
		*v = ID{}
		return nil
	case []byte:
		if len(b) == len(v) {
			copy(v[:], b)
			return nil
		}
	}
	return fmt.Errorf("id: scan %T: want 16 bytes", src)
}
