// Package sheet reads tables as programs of all kinds export them: delimited
// text in several encodings, with what is wrong in it told row by row.
//
// It reads as the text arrives and holds one row at a time, so that a file's
// size costs no memory; every length has a limit.
package sheet

import (
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// The encodings that are read.
const (
	UTF8        = "utf-8"
	UTF16LE     = "utf-16le"
	UTF16BE     = "utf-16be"
	Windows1252 = "windows-1252"
)

// Encodings are the names of all.
var Encodings = []string{UTF8, UTF16LE, UTF16BE, Windows1252}

// A Detector tells a text's encoding from its bytes, which are written to it.
type Detector struct {
	head           []byte // the first of them
	tail           []byte // a character that is not complete yet
	good, bad      int    // characters of several bytes, and bytes that are none
	even, odd, all int    // zero bytes by their place, and how many bytes there are
}

const headSize = 4096

// Write takes the next part of the text.
func (d *Detector) Write(p []byte) (int, error) {
	if room := headSize - len(d.head); room > 0 {
		d.head = append(d.head, p[:min(room, len(p))]...)
	}
	for i, b := range p {
		if b == 0 && (d.all+i)%2 == 0 {
			d.even++
		} else if b == 0 {
			d.odd++
		}
	}
	d.all += len(p)
	rest := p
	if len(d.tail) > 0 {
		rest = append(d.tail, p...)
		d.tail = nil
	}
	for len(rest) > 0 {
		if rest[0] < utf8.RuneSelf {
			rest = rest[1:]
			continue
		}
		if !utf8.FullRune(rest) {
			d.tail = append([]byte(nil), rest...)
			break
		}
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			d.bad++
		} else {
			d.good++
		}
		rest = rest[n:]
	}
	return len(p), nil
}

// Encoding is what the text is most likely in. A text that is UTF-8 but for a
// few bytes is taken for damaged UTF-8.
func (d *Detector) Encoding() string {
	switch {
	case bytes.HasPrefix(d.head, []byte{0xFF, 0xFE}):
		return UTF16LE
	case bytes.HasPrefix(d.head, []byte{0xFE, 0xFF}):
		return UTF16BE
	case bytes.HasPrefix(d.head, []byte{0xEF, 0xBB, 0xBF}):
		return UTF8
	case d.odd > d.all/5 && d.even < d.odd/10:
		return UTF16LE
	case d.even > d.all/5 && d.odd < d.even/10:
		return UTF16BE
	case d.bad > 0 && d.good < 10*d.bad:
		return Windows1252
	}
	return UTF8
}

// Binary names the kind of file that this is if it is no text, else "".
func (d *Detector) Binary() string {
	for prefix, name := range map[string]string{
		"PK\x03\x04": "an Excel workbook or another archive", "\xD0\xCF\x11\xE0": "an old Excel workbook", "%PDF": "a PDF",
		"\x1F\x8B": "a compressed file", "\x89PNG": "a picture", "GIF8": "a picture", "\xFF\xD8\xFF": "a picture", "SQLite format": "a database",
	} {
		if bytes.HasPrefix(d.head, []byte(prefix)) {
			return name
		}
	}
	e := d.Encoding()
	if zeros := d.even + d.odd; e != UTF16LE && e != UTF16BE && zeros > d.all/20 {
		return "not text"
	}
	return ""
}

// Decode gives the text of r in UTF-8, without a byte order mark. What is no
// character becomes U+FFFD.
func Decode(r io.Reader, encoding string) io.Reader {
	d := &decoder{from: r, first: true, buffer: make([]byte, 32<<10)}
	switch encoding {
	case UTF16LE:
		d.step = func(p []byte, end bool) ([]byte, int) { return fromUTF16(p, binary.LittleEndian, end) }
	case UTF16BE:
		d.step = func(p []byte, end bool) ([]byte, int) { return fromUTF16(p, binary.BigEndian, end) }
	case Windows1252:
		d.step = func(p []byte, _ bool) ([]byte, int) { return fromWindows1252(p), len(p) }
	default:
		d.step = fromUTF8
	}
	return d
}

// decoder turns bytes into UTF-8 by steps, each of which says how many bytes
// it took.
type decoder struct {
	from   io.Reader
	step   func(p []byte, end bool) (text []byte, taken int)
	buffer []byte
	kept   int    // bytes of buffer that the last step left
	ready  []byte // text that nobody has read yet
	first  bool
	err    error
}

func (d *decoder) Read(p []byte) (int, error) {
	for len(d.ready) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		n, err := d.from.Read(d.buffer[d.kept:])
		d.err = err
		have := d.buffer[:d.kept+n]
		text, taken := d.step(have, err != nil)
		d.kept = copy(d.buffer, have[taken:])
		if d.first && len(text) > 0 {
			text = bytes.TrimPrefix(text, []byte("\uFEFF"))
			d.first = false
		}
		d.ready = text
	}
	n := copy(p, d.ready)
	d.ready = d.ready[n:]
	return n, nil
}

func fromUTF8(p []byte, end bool) ([]byte, int) {
	n := len(p)
	if !end { // the last character may go on
		for back := 1; back <= min(utf8.UTFMax, len(p)); back++ {
			if utf8.RuneStart(p[len(p)-back]) {
				if !utf8.FullRune(p[len(p)-back:]) {
					n = len(p) - back
				}
				break
			}
		}
	}
	if utf8.Valid(p[:n]) {
		return bytes.Clone(p[:n]), n
	}
	text := make([]byte, 0, n)
	for _, r := range string(p[:n]) {
		text = utf8.AppendRune(text, r)
	}
	return text, n
}

func fromUTF16(p []byte, order binary.ByteOrder, end bool) ([]byte, int) {
	var text []byte
	i := 0
	for ; i+1 < len(p); i += 2 {
		r := rune(order.Uint16(p[i:]))
		if utf16.IsSurrogate(r) {
			if i+3 >= len(p) && !end {
				break
			}
			var low rune
			if i+3 < len(p) {
				low = rune(order.Uint16(p[i+2:]))
			}
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				i += 2
				r = both
			} else {
				r = utf8.RuneError
			}
		}
		text = utf8.AppendRune(text, r)
	}
	if end && i < len(p) {
		return utf8.AppendRune(text, utf8.RuneError), len(p)
	}
	return text, i
}

// high are the characters of 0x80 to 0x9F in Windows-1252; the rest are
// Latin-1's.
var high = [32]rune{
	0x20AC, utf8.RuneError, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, utf8.RuneError, 0x017D, utf8.RuneError,
	utf8.RuneError, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, utf8.RuneError, 0x017E, 0x0178,
}

func fromWindows1252(p []byte) []byte {
	text := make([]byte, 0, len(p)+len(p)/8)
	for _, b := range p {
		switch {
		case b < 0x80:
			text = append(text, b)
		case b < 0xA0:
			text = utf8.AppendRune(text, high[b-0x80])
		default:
			text = utf8.AppendRune(text, rune(b))
		}
	}
	return text
}
