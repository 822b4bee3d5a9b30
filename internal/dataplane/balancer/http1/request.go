package http1

import "bytes"

// A Request is the head of a request. Its byte slices are views of the Reader's
// buffer and die with the next read.
type Request struct {
	Method      []byte
	Target      []byte // what goes on: origin-form or "*"
	Path, Query []byte // Target split at its first "?"
	Host        []byte // of an absolute target, else of the Host field
	Fields      []Field
	Minor       byte // the version is 1.Minor
	Framing     Framing
	Length      int64
	KeepAlive   bool // the client would keep its connection
	Upgrade     []byte
	Expect      bool     // the client waits for 100 Continue
	Class       Class    // how far the request can be trusted
	Fault       Fault    // why it is not compliant; empty if it is
	nominated   [][]byte // fields that Connection names
	upgrade     bool     // Connection names upgrade
}

// Parse reads a head that Reader.Head returned.
func (r *Request) Parse(head []byte) *Error {
	*r = Request{Fields: r.Fields[:0], nominated: r.nominated[:0]}
	line, rest, err := cutLine(head)
	if err != nil {
		return err
	}
	if err := r.parseLine(line); err != nil {
		return err
	}
	if r.Fields, err = parseFields(r.Fields, rest); err != nil {
		return err
	}
	return r.interpret()
}

func (r *Request) parseLine(line []byte) *Error {
	if len(line) > MaxLine {
		return &Error{Status: 414, Reason: "request line too long"}
	}
	method, rest, ok := bytes.Cut(line, []byte(" "))
	target, version, ok2 := bytes.Cut(rest, []byte(" "))
	if !ok || len(method) == 0 || !allOf(method, classToken) {
		return faulty(BadMethod, "method")
	}
	if i := bytes.LastIndexByte(version, ' '); ok2 && i >= 0 && bytes.HasPrefix(version[i+1:], []byte("HTTP/")) {
		return faulty(SpaceInURI, "space in request target")
	}
	r.Method = method
	if err := r.parseVersion(version); err != nil {
		return err
	}
	if string(method) == "TRACE" {
		return &Error{Status: 405, Reason: "method TRACE"}
	}
	return r.parseTarget(target)
}

func (r *Request) parseVersion(v []byte) *Error {
	if len(v) != 8 || string(v[:5]) != "HTTP/" || v[6] != '.' || !digit(v[5]) || !digit(v[7]) {
		return faulty(BadVersion, "version")
	}
	if v[5] != '1' || v[7] > '1' {
		return &Error{Status: 505, Reason: "version", Class: Acceptable, Fault: NonCompliantVersion}
	}
	r.Minor = v[7] - '0'
	return nil
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

func (r *Request) parseTarget(t []byte) *Error {
	switch {
	case bytes.IndexByte(t, 0) >= 0, bytes.IndexByte(t, '\r') >= 0:
		return faulty(BadURI, "request target")
	case !allOf(t, classTarget):
		return faulty(AmbiguousURI, "request target")
	case bytes.IndexByte(t, '#') >= 0:
		return malformed("request target")
	}
	switch {
	case len(t) > 0 && t[0] == '/':
		r.Target = t
	case string(t) == "*" && string(r.Method) == "OPTIONS":
		r.Target = t
	default:
		if err := r.parseAbsolute(t); err != nil {
			return err
		}
	}
	r.Path, r.Query, _ = bytes.Cut(r.Target, []byte("?"))
	return nil
}

func (r *Request) parseAbsolute(t []byte) *Error {
	scheme, rest, ok := bytes.Cut(t, []byte("://"))
	if !ok || !EqualFold(scheme, "http") && !EqualFold(scheme, "https") {
		return malformed("request target")
	}
	end := bytes.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	r.Host, r.Target = rest[:end], rest[end:]
	if len(r.Target) == 0 || r.Target[0] == '?' {
		r.Target = append([]byte("/"), r.Target...)
	}
	if len(r.Host) == 0 || !validHost(r.Host) {
		return malformed("host")
	}
	return nil
}

// interpret derives framing and connection handling from the fields.
func (r *Request) interpret() *Error {
	f := framer{length: -1}
	hosts := 0
	r.KeepAlive = r.Minor == 1
	for i := range r.Fields {
		field := &r.Fields[i]
		switch field.Kind {
		case Host:
			hosts++
			if r.Host == nil {
				r.Host = field.Value
			}
			if !validHost(field.Value) {
				return malformed("host")
			}
		case Connection:
			elements(field.Value, r.connectionOption)
		case Upgrade:
			r.Upgrade = field.Value
		case Expect:
			r.Expect = r.Minor == 1 && EqualFold(field.Value, "100-continue")
		case ContentLength, TransferEncoding:
			if err := f.add(field); err != nil {
				return err
			}
		}
	}
	if !r.upgrade {
		r.Upgrade = nil
	}
	if hosts > 1 || hosts == 0 && r.Minor == 1 {
		return malformed("host")
	}
	if err := r.frame(&f); err != nil {
		return err
	}
	r.classify(&f)
	return nil
}

func (r *Request) connectionOption(option []byte) {
	switch {
	case EqualFold(option, "close"):
		r.KeepAlive = false
	case EqualFold(option, "keep-alive"):
		r.KeepAlive = true
	case EqualFold(option, "upgrade"):
		r.upgrade = true
	default:
		r.nominated = append(r.nominated, option)
	}
}

// frame decides where the message ends. Chunks count more than a length beside
// them, which does not go on.
func (r *Request) frame(f *framer) *Error {
	switch {
	case f.unknown:
		return &Error{Status: 501, Reason: "transfer encoding", Class: Severe, Fault: BadTransferEncoding}
	case f.encoded && r.Minor == 0:
		return malformed("framing")
	case f.encoded && !f.chunked && f.length >= 0:
		return faulty(BadTransferEncoding, "length beside an encoding that is none")
	case f.chunked:
		r.Framing = Chunked
	case f.length > 0:
		r.Framing, r.Length = Length, f.length
	}
	return nil
}

// Dropped reports whether the field ends here: by its kind, or because
// Connection names it. Fields that carry the message's meaning cannot be named
// away.
func (r *Request) Dropped(f *Field) bool {
	if f.Kind.HopByHop() {
		return true
	}
	if f.Kind != Other {
		return false
	}
	for _, name := range r.nominated {
		if bytes.EqualFold(name, f.Name) {
			return true
		}
	}
	return false
}

// Idempotent reports whether sending the request twice does what sending it once
// does, by its method (RFC 9110, 9.2.2).
func (r *Request) Idempotent() bool {
	switch string(r.Method) {
	case "GET", "HEAD", "OPTIONS", "PUT", "DELETE":
		return true
	}
	return false
}

func validHost(h []byte) bool {
	for _, c := range h {
		switch c {
		case ' ', '\t', '/', '?', '#', '@', '\\', ',', '<', '>', '"', '{', '}', '^', '`', '|':
			return false
		}
	}
	return true
}
