package http1

import "bytes"

// A Kind tells the fields that a proxy has business with from all others.
type Kind uint8

// The kinds of fields.
const (
	Other Kind = iota
	Host
	Connection
	KeepAlive
	ProxyConnection
	TE
	TransferEncoding
	ContentLength
	Upgrade
	Expect
	ForwardedFor
	ForwardedProto
	ForwardedPort
	TraceID
	Cookie
)

// HopByHop reports whether fields of the kind end at the next hop.
func (k Kind) HopByHop() bool { return k >= Connection && k <= TransferEncoding || k == Upgrade }

// A Field is one header field: a view of the buffer that its head was read into.
type Field struct {
	Name, Value []byte
	Kind        Kind
	Foreign     bool // the value holds bytes that are no ASCII
	Odd         bool // the name holds others than letters, digits and hyphens
}

func kindOf(name []byte) Kind {
	switch len(name) {
	case 2:
		return match(name, "te", TE)
	case 4:
		return match(name, "host", Host)
	case 6:
		return match(name, "cookie", Cookie) | match(name, "expect", Expect)
	case 7:
		return match(name, "upgrade", Upgrade)
	case 10:
		return match(name, "connection", Connection) | match(name, "keep-alive", KeepAlive)
	case 14:
		return match(name, "content-length", ContentLength)
	case 15:
		return match(name, "x-forwarded-for", ForwardedFor) | match(name, "x-amzn-trace-id", TraceID)
	case 16:
		return match(name, "x-forwarded-port", ForwardedPort) | match(name, "proxy-connection", ProxyConnection)
	case 17:
		return match(name, "transfer-encoding", TransferEncoding) | match(name, "x-forwarded-proto", ForwardedProto)
	}
	return Other
}

func match(name []byte, lower string, k Kind) Kind {
	if EqualFold(name, lower) {
		return k
	}
	return Other
}

// cutLine splits b after its first line. The line must end in CR LF.
func cutLine(b []byte) (line, rest []byte, err *Error) {
	i := bytes.IndexByte(b, '\n')
	if i < 1 || b[i-1] != '\r' {
		return nil, nil, malformed("line without CR LF")
	}
	return b[:i-1], b[i+1:], nil
}

// parseFields appends the fields of a head, up to and without its empty line.
func parseFields(into []Field, b []byte) ([]Field, *Error) {
	for {
		line, rest, err := cutLine(b)
		if err != nil {
			return into, err
		}
		if len(line) == 0 {
			return into, nil
		}
		f, err := parseField(line)
		if err != nil {
			return into, err
		}
		into, b = append(into, f), rest
	}
}

func parseField(line []byte) (Field, *Error) {
	colon := bytes.IndexByte(line, ':')
	named := commonClass(line[:max(colon, 0)])
	switch {
	case colon < 0:
		return Field{}, faulty(EmptyHeader, "field without a colon")
	case colon == 0:
		return Field{}, faulty(EmptyHeader, "field without a name")
	case named&classToken == 0:
		return Field{}, badName(line[:colon])
	}
	if len(line) > MaxLine {
		return Field{}, malformed("field too long")
	}
	f := Field{Name: line[:colon], Value: trim(line[colon+1:]), Kind: kindOf(line[:colon])}
	class := commonClass(f.Value)
	f.Foreign, f.Odd = class&classASCII == 0, named&className == 0
	if class&classValue == 0 {
		return f, badValue(f.Value)
	}
	return f, nil
}

func badName(name []byte) *Error {
	switch {
	case bytes.IndexByte(name, 0) >= 0, bytes.IndexByte(name, '\r') >= 0:
		return faulty(BadHeader, "field name")
	case suspicious(name):
		return faulty(SuspiciousHeader, "field name")
	}
	return faulty(NonCompliantHeader, "field name")
}

func badValue(value []byte) *Error {
	if bytes.IndexByte(value, 0) >= 0 || bytes.IndexByte(value, '\r') >= 0 {
		return faulty(BadHeader, "field value")
	}
	return faulty(NonCompliantHeader, "control character in field value")
}

// elements calls fn with each element of a comma-separated value.
func elements(value []byte, fn func([]byte)) {
	for len(value) > 0 {
		i := bytes.IndexByte(value, ',')
		if i < 0 {
			i = len(value)
		}
		if e := trim(value[:i]); len(e) > 0 {
			fn(e)
		}
		value = value[min(i+1, len(value)):]
	}
}
