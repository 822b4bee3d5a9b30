package insights

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"apex/internal/dataplane/logfile"
	"apex/internal/service/logs/document"
)

// A Chunk is a part of a log stream, read by itself.
type Chunk struct {
	Group, Stream string    // names; Group is also what @log gives, after the account
	Account       string    // twelve digits
	First, Last   time.Time // bounds of its events' times; zero if unknown
	Bytes         int64
	Scan          func(visit func(logfile.Event) bool) error // messages are valid only during visit
}

// A Row is an event on its way through a query, or a group after stats.
type Row struct {
	event   logfile.Event
	chunk   *Chunk // nil after stats
	message string
	vars    []Value // by slot: what fields, parse and stats made

	document document.Value
	state    uint8 // of document
}

const (
	unread uint8 = iota
	readable
	unreadable
)

// begin makes the row that of an event whose message lies in a buffer.
func (r *Row) begin(c *Chunk, e logfile.Event) {
	r.event, r.chunk, r.state = e, c, unread
	r.message = unsafe.String(unsafe.SliceData(e.Message), len(e.Message))
	clear(r.vars)
}

// keep returns a copy that outlives the buffer.
func (r *Row) keep(message bool) *Row {
	own := &Row{event: r.event, chunk: r.chunk, vars: make([]Value, len(r.vars)), state: unreadable}
	own.event.Message = nil
	for i, v := range r.vars {
		own.vars[i] = v.clone()
	}
	if message {
		own.message, own.state = strings.Clone(r.message), unread
	}
	return own
}

// size is about what a kept row takes.
func (r *Row) size() int {
	n := 200 + len(r.message)
	for _, v := range r.vars {
		n += 40 + len(v.s)
	}
	return n
}

// member finds a member of a JSON message by its name with dots.
func (r *Row) member(name string) Value {
	if r.state == unread {
		r.state = unreadable
		raw := unsafe.Slice(unsafe.StringData(r.message), len(r.message)) // never written to
		if start := bytes.TrimLeft(raw, " \t\r\n"); len(start) > 0 && start[0] == '{' {
			r.document, r.state = document.Value{Kind: document.Object, Raw: start}, readable
		}
	}
	if r.state != readable {
		return Value{}
	}
	return memberOf(r.document, name)
}

// memberOf descends to a.b.0; members may have dots in their own names.
func memberOf(v document.Value, name string) (found Value) {
	n := 0
	v.Members(func(key []byte, member document.Value) bool {
		own := string(key)
		if v.Kind == document.Array {
			own = strconv.Itoa(n)
			n++
		}
		rest, ok := strings.CutPrefix(name, own)
		switch {
		case !ok:
		case rest == "":
			found = valueOf(member)
		case rest[0] == '.':
			found = memberOf(member, rest[1:])
		}
		return found.kind == missing
	})
	return found
}

func valueOf(v document.Value) Value {
	switch v.Kind {
	case document.Null:
		return Value{}
	case document.Number:
		if n, err := strconv.ParseFloat(unsafe.String(unsafe.SliceData(v.Raw), len(v.Raw)), 64); err == nil {
			return numberOf(n)
		}
	case document.True, document.False:
		return truthOf(v.Kind == document.True)
	}
	return textOf(v.Text())
}
