package sheet

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// What a row may have.
const (
	MaxColumns = 500
	maxCell    = 64 << 10 // bytes
	maxLine    = 1 << 20
	maxLines   = 1000    // of one row: a quoted cell may have line ends in it
	maxRow     = 4 << 20 // bytes of all its lines
	maxOpen    = 100     // quotes that are never closed, after which none opens
)

// A Row is one row of a table.
type Row struct {
	Line  int // of the file, from 1, where it begins
	Cells []string
	Fault string // why it cannot be used, if it cannot
}

// A Reader reads delimited text.
type Reader struct {
	from      *bufio.Reader
	delimiter byte
	line      int    // how many were read from from
	again     []line // that were read and given back
	opened    int    // quotes that were never closed
}

// A line is one of the text, without its end.
type line struct {
	text   string
	number int
	cut    bool // it was longer than lines may be
}

// NewReader reads rows from UTF-8 text.
func NewReader(from io.Reader, delimiter byte) *Reader {
	return &Reader{from: bufio.NewReaderSize(from, 64<<10), delimiter: delimiter}
}

// Read returns the next row that is not blank, or io.EOF.
func (r *Reader) Read() (Row, error) {
	for {
		first, err := r.next()
		if err != nil {
			return Row{}, err
		}
		if strings.Trim(first.text, " \t"+string(r.delimiter)) == "" {
			continue
		}
		return r.row(first)
	}
}

// row takes a row that begins with a line, and the lines that its quoted
// cells go on over. If a quote is never closed, the row is the line alone.
func (r *Reader) row(first line) (Row, error) {
	p := parser{delimiter: r.delimiter, literal: r.opened >= maxOpen}
	p.feed(first.text)
	var more []line
	for size, last := len(first.text), first; p.quoted && !last.cut && len(more) < maxLines && size < maxRow; size += len(last.text) {
		var err error
		if last, err = r.next(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return Row{}, err
		}
		more = append(more, last)
		p.feed("\n" + last.text)
	}
	if p.quoted {
		r.opened++
		r.again = append(more, r.again...)
		p = parser{delimiter: r.delimiter, literal: true, fault: "a quote is opened in this row and never closed"}
		p.feed(first.text)
		more = nil
	}
	row := Row{Line: first.number, Cells: p.end(), Fault: p.fault}
	switch {
	case first.cut || slices.ContainsFunc(more, func(l line) bool { return l.cut }):
		row.Fault = fmt.Sprintf("this row has more than %d bytes in a line", maxLine)
	case row.Fault == "":
		row.Fault = faultOf(row.Cells)
	}
	return row, nil
}

func faultOf(cells []string) string {
	for i, c := range cells {
		switch {
		case strings.IndexByte(c, 0) >= 0:
			return fmt.Sprintf("column %d has a NUL byte in it", i+1)
		case strings.ContainsRune(c, utf8.RuneError):
			return fmt.Sprintf("column %d has bytes that are no characters of the file's encoding", i+1)
		}
	}
	return ""
}

// next is the next line; lines end with \n, \r\n or \r.
func (r *Reader) next() (line, error) {
	if len(r.again) > 0 {
		l := r.again[0]
		r.again = r.again[1:]
		return l, nil
	}
	var b strings.Builder
	var l line
	for {
		c, err := r.from.ReadByte()
		if err != nil {
			if errors.Is(err, io.EOF) && b.Len() > 0 {
				break
			}
			return line{}, err
		}
		if c == '\r' {
			if following, err := r.from.Peek(1); err == nil && following[0] == '\n' {
				r.from.Discard(1) // it was seen
			}
			break
		}
		if c == '\n' {
			break
		}
		if l.cut = b.Len() >= maxLine; !l.cut {
			b.WriteByte(c)
		}
	}
	r.line++
	l.text, l.number = b.String(), r.line
	return l, nil
}

// parser takes a row apart.
type parser struct {
	delimiter byte
	literal   bool // quotes are text
	quoted    bool
	cells     []string
	cell      []byte
	closed    bool // the cell was quoted, and its quote is closed
	fault     string
}

func (p *parser) feed(text string) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case p.quoted && c == '"' && i+1 < len(text) && text[i+1] == '"':
			p.put(c)
			i++
		case p.quoted && c == '"':
			p.quoted, p.closed = false, true
		case p.quoted:
			p.put(c)
		case c == p.delimiter:
			p.next()
		case c == '"' && len(p.cell) == 0 && !p.closed && !p.literal:
			p.quoted = true
		default:
			p.put(c)
		}
	}
}

func (p *parser) put(c byte) {
	if len(p.cell) >= maxCell {
		p.fault = fmt.Sprintf("column %d is longer than %d bytes", len(p.cells)+1, maxCell)
		return
	}
	p.cell = append(p.cell, c)
}

func (p *parser) next() {
	if len(p.cells) >= MaxColumns {
		p.fault = fmt.Sprintf("this row has more than %d columns", MaxColumns)
	} else {
		p.cells = append(p.cells, strings.TrimSpace(string(p.cell)))
	}
	p.cell, p.closed = p.cell[:0], false
}

func (p *parser) end() []string {
	p.next()
	return p.cells
}
