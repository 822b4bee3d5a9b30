package balancer

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strconv"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

// Records say which records a balancer writes into its directory, in the files
// that journal describes: requests in access/, connections in connection/. The
// lines are those of an Application Load Balancer's logs.
type Records struct {
	Name        string        // what the balancer is called in them
	Access      bool          `json:",omitempty"`
	Connections bool          `json:",omitempty"`
	Every       time.Duration `json:",omitempty"` // the age at which a file is closed: 5 minutes
	Bytes       int64         `json:",omitempty"` // the size at which it is closed: 64 MiB
}

// The directories of the records in the balancer's own.
const (
	AccessDir      = "access"
	ConnectionsDir = "connection"
)

func (r Records) withDefaults() Records {
	if r.Every == 0 {
		r.Every = 5 * time.Minute
	}
	if r.Bytes == 0 {
		r.Bytes = 64 << 20
	}
	return r
}

// A note is what an exchange notes down for its record as it goes.
type note struct {
	request  []byte // `"GET http://host:80/ HTTP/1.1" "user agent"`, written while the head is here
	status   int    // what the client was answered; 0 while nothing was
	rule     int    // priority of the rule that matched: 0 is the default one, noRule none
	actions  string // what was done: "forward", "authenticate,forward"
	location string // of a redirect
	fault    string // AWS's word for what went wrong, as AuthInvalidCookie
	// what transforms made of the request, and AWS's word for how they went
	newHost, newURI, transform string
	sentAt                     time.Duration
	headAt                     time.Duration // both since the exchange's start; 0: not reached
	target                     int           // the status that the target answered; 0 if it did not
}

// A piece is where something stands in a buffer.
type piece struct{ start, end int }

const noRule = -2 // the request never came to the rules

// noteRequest writes down what is lost when the head's buffer is used again.
func (x *exchange) noteRequest() {
	b := x.note.request[:0]
	if x.table == nil || !x.table.records {
		x.note.request = b
		return
	}
	b = append(b, '"')
	if len(x.req.Method) == 0 {
		b = append(b, '-')
	}
	b = appendEscaped(b, x.req.Method)
	b = append(append(b, ' '), x.conn.scheme()...)
	b = append(b, "://"...)
	name, port := splitHost(x.req.Host)
	if len(name) == 0 {
		b = append(b, '-')
	}
	b = append(appendEscaped(b, name), ':')
	if len(port) > 0 {
		b = appendEscaped(b, port)
	} else {
		b = strconv.AppendInt(b, int64(x.table.port), 10)
	}
	b = appendEscaped(b, x.req.Target)
	b = append(append(b, ' '), x.version...)
	b = append(b, `" "`...)
	b = appendEscaped(b, userAgent(x.req.Fields))
	x.note.request = append(b, '"')
}

func userAgent(fields []http1.Field) []byte {
	for i := range fields {
		if len(fields[i].Name) == 10 && http1.EqualFold(fields[i].Name, "user-agent") {
			return fields[i].Value
		}
	}
	return []byte("-")
}

// appendEscaped appends text that stands in quotes: what could end them, or is
// no visible ASCII, in hexadecimal.
func appendEscaped(b, text []byte) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range text {
		if c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			b = append(b, '\\', 'x', digits[c>>4], digits[c&15])
			continue
		}
		b = append(b, c)
	}
	return b
}

// record writes the access record of an exchange that was answered.
func (x *exchange) record() {
	if x.note.status == 0 || x.table == nil || !x.table.records {
		return
	}
	if len(x.note.request) == 0 {
		x.noteRequest() // the head could not be read
	}
	x.conn.server.access.write(x.appendRecord)
}

// appendRecord appends the fields in AWS's order.
func (x *exchange) appendRecord(b []byte) []byte {
	n, s := &x.note, x.conn.server
	now := time.Now()
	b = append(append(b, x.kind...), ' ')
	b = append(append(s.clock.append(b, now), ' '), x.table.name...)
	b = append(x.conn.peer.AppendTo(append(b, ' ')), ' ')
	b = append(x.appendTarget(b), ' ')
	b = x.appendTimes(b)
	b = strconv.AppendInt(b, int64(n.status), 10)
	b = append(x.appendTargetStatus(append(b, ' ')), ' ')
	received, sent := x.front.traffic()
	b = append(strconv.AppendInt(b, received, 10), ' ')
	b = append(strconv.AppendInt(b, sent, 10), ' ')
	b = append(append(b, n.request...), ' ')
	b = x.appendSecurity(b)
	b = x.appendTraceField(append(appendOr(b, x.groupName()), ` "`...))
	sni, certificate := x.conn.shown()
	b = append(appendOr(append(b, `" "`...), sni), `" "`...)
	b = append(appendOr(b, certificate), `" `...)
	b = append(appendRule(b, n.rule), ' ')
	b = append(s.clock.append(b, x.start), ` "`...)
	b = append(appendOr(b, n.actions), `" "`...)
	b = append(appendOr(b, n.location), `" "`...)
	b = append(appendOr(b, n.fault), `" "`...)
	b = append(x.appendTarget(b), `" "`...)
	b = append(x.appendTargetStatus(b), `" "`...)
	b = append(appendOr(b, x.req.Class.String()), `" "`...)
	b = append(appendOr(b, string(x.req.Fault)), `" `...)
	b = append(x.conn.appendTrace(b), ` "`...)
	b = append(appendOr(b, n.newHost), `" "`...)
	b = append(appendOr(b, n.newURI), `" `...)
	return appendOr(b, n.transform)
}

func appendRule(b []byte, priority int) []byte {
	if priority == noRule {
		return append(b, '-')
	}
	return strconv.AppendInt(b, int64(priority), 10)
}

// appendTraceField appends the trace id that went to the target, or one for a
// request that went to none.
func (x *exchange) appendTraceField(b []byte) []byte {
	if t := x.traceIn; t.end > 0 {
		return appendEscaped(b, x.up[t.start:t.end])
	}
	return appendTraceID(append(b, "Root="...), x.start)
}

func appendOr(b []byte, text string) []byte {
	if text == "" {
		return append(b, '-')
	}
	return append(b, text...)
}

func (x *exchange) groupName() string {
	if x.group == nil {
		return ""
	}
	return x.group.name()
}

// reached returns the target that the request was sent to.
func (x *exchange) reached() (netip.AddrPort, bool) {
	if x.target == nil || x.note.sentAt == 0 {
		return netip.AddrPort{}, false
	}
	return x.target.addr, true
}

func (x *exchange) appendTarget(b []byte) []byte {
	if addr, ok := x.reached(); ok {
		return addr.AppendTo(b)
	}
	return append(b, '-')
}

func (x *exchange) appendTargetStatus(b []byte) []byte {
	if x.note.target == 0 {
		return append(b, '-')
	}
	return strconv.AppendInt(b, int64(x.note.target), 10)
}

// appendTimes appends how long the request took to be sent, the target to
// answer, and the answer to be passed on, in seconds; -1 for what did not come
// to pass. The head of an answer is passed on as it comes.
func (x *exchange) appendTimes(b []byte) []byte {
	n := &x.note
	switch {
	case n.sentAt == 0:
		return append(b, "-1 -1 -1 "...)
	case n.headAt == 0:
		return append(appendSeconds(b, n.sentAt), " -1 -1 "...)
	}
	b = append(appendSeconds(b, n.sentAt), ' ')
	return append(appendSeconds(b, n.headAt-n.sentAt), " 0.000 "...)
}

// appendSeconds appends a time in seconds with three decimals.
func appendSeconds(b []byte, d time.Duration) []byte {
	ms := max(d.Milliseconds(), 0)
	b = append(strconv.AppendInt(b, ms/1000, 10), '.')
	return append(b, byte('0'+ms/100%10), byte('0'+ms/10%10), byte('0'+ms%10))
}

func (x *exchange) appendSecurity(b []byte) []byte {
	if sec := x.conn.secure; sec != nil {
		return append(append(append(append(b, sec.cipher...), ' '), sec.version...), ' ')
	}
	return append(b, "- - "...)
}

// recordOpening writes the connection record: at once for a plain connection,
// after the handshake for TLS. verified says how a client's certificate was
// found: "Success" or "Failed:ClientCertUntrusted"; empty if none was asked for.
func (c *conn) recordOpening(handshake time.Duration, verified string) {
	c.server.opening.write(func(b []byte) []byte {
		b = append(c.server.clock.append(b, time.Now()), ' ')
		b = append(c.peer.Addr().AppendTo(b), ' ')
		b = append(strconv.AppendUint(b, uint64(c.peer.Port()), 10), ' ')
		b = append(strconv.AppendInt(b, int64(c.socket.table().port), 10), ' ')
		if c.secure == nil {
			b = append(b, `- - - `...)
		} else {
			b = append(append(append(append(b, c.secure.version...), ' '), c.secure.cipher...), ' ')
			b = append(appendSeconds(b, handshake), ' ')
		}
		b = append(b, `"-" - - `...)
		return c.appendTrace(append(appendOr(b, verified), ' '))
	})
}

// appendTrace appends the connection's id, which its requests' records carry.
func (c *conn) appendTrace(b []byte) []byte {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:], c.id[0])
	binary.BigEndian.PutUint64(raw[8:], c.id[1])
	return hex.AppendEncode(append(b, "TID_"...), raw[:])
}
