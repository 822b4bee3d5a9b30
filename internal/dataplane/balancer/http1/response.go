package http1

import "bytes"

// A Response is the head of a response, with the same lifetime as a Request.
type Response struct {
	Status    int
	Reason    []byte
	Fields    []Field
	Minor     byte
	Framing   Framing
	Length    int64
	KeepAlive bool   // the target keeps the connection
	Hold      int    // seconds that the target says it keeps it idle; 0 if it does not say
	Upgrade   []byte // the protocol switched to
	nominated [][]byte
}

// Parse reads the head of the response to a request of the given method.
func (r *Response) Parse(head []byte, method string) *Error {
	*r = Response{Fields: r.Fields[:0], nominated: r.nominated[:0]}
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
	return r.interpret(method)
}

func (r *Response) parseLine(b []byte) *Error {
	if len(b) < 12 || string(b[:7]) != "HTTP/1." || b[7] > '1' || b[7] < '0' || b[8] != ' ' {
		return malformed("status line")
	}
	code, rest := b[9:12], b[12:]
	if !digit(code[0]) || !digit(code[1]) || !digit(code[2]) || code[0] == '0' {
		return malformed("status code")
	}
	if len(rest) > 0 && rest[0] != ' ' || !allOf(rest, classValue) {
		return malformed("reason phrase")
	}
	r.Minor = b[7] - '0'
	r.Status = int(code[0]-'0')*100 + int(code[1]-'0')*10 + int(code[2]-'0')
	r.Reason = trim(rest)
	return nil
}

func (r *Response) interpret(method string) *Error {
	f := framer{length: -1}
	r.KeepAlive = r.Minor == 1
	for i := range r.Fields {
		field := &r.Fields[i]
		switch field.Kind {
		case Connection:
			elements(field.Value, r.connectionOption)
		case KeepAlive:
			r.Hold = holdSeconds(field.Value)
		case Upgrade:
			r.Upgrade = field.Value
		case ContentLength, TransferEncoding:
			if err := f.add(field); err != nil {
				return err
			}
		}
	}
	if f.unknown {
		return malformed("transfer encoding")
	}
	r.frame(f, method)
	return nil
}

func (r *Response) connectionOption(option []byte) {
	switch {
	case EqualFold(option, "close"):
		r.KeepAlive = false
	case EqualFold(option, "keep-alive"):
		r.KeepAlive = true
	default:
		r.nominated = append(r.nominated, option)
	}
}

func (r *Response) frame(f framer, method string) {
	switch {
	case method == "HEAD", r.Status < 200, r.Status == 204, r.Status == 304:
	case f.chunked:
		// Chunks count; a length beside them is a trap, and so is what follows.
		r.Framing = Chunked
		r.KeepAlive = r.KeepAlive && f.length < 0
	case f.length >= 0:
		r.Framing, r.Length = Length, f.length
	default:
		r.Framing, r.KeepAlive = UntilClose, false
	}
}

// Dropped reports whether the field ends here.
func (r *Response) Dropped(f *Field) bool {
	if f.Kind.HopByHop() {
		return true
	}
	for _, name := range r.nominated {
		if f.Kind == Other && bytes.EqualFold(name, f.Name) {
			return true
		}
	}
	return false
}

// holdSeconds reads the timeout of a Keep-Alive field, as Node sends it.
func holdSeconds(value []byte) int {
	seconds := 0
	elements(value, func(e []byte) {
		if n, ok := bytes.CutPrefix(e, []byte("timeout=")); ok {
			if s, ok := parseLength(n); ok {
				seconds = int(min(s, 1<<20))
			}
		}
	})
	return seconds
}
