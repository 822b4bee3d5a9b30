package http1

// A Framing is how the end of a body is found.
type Framing uint8

// The framings.
const (
	NoBody Framing = iota
	Length
	Chunked
	UntilClose // responses only
)

// A framer collects the fields that decide the framing.
type framer struct {
	length  int64 // -1: no Content-Length
	encoded bool  // a Transfer-Encoding is there
	chunked bool
	unknown bool // an encoding other than chunked or identity

	repeated bool // the same Content-Length was given more than once
}

func (f *framer) add(field *Field) *Error {
	if field.Kind == ContentLength {
		n, ok := parseLength(field.Value)
		switch {
		case !ok:
			return faulty(BadContentLength, "content length")
		case f.length >= 0 && f.length != n:
			return faulty(MultipleContentLength, "several content lengths")
		}
		f.repeated = f.length >= 0
		f.length = n
		return nil
	}
	if f.encoded {
		return faulty(MultipleTransferEncodingChunked, "repeated transfer encoding")
	}
	f.encoded = true
	switch {
	case EqualFold(field.Value, "chunked"):
		f.chunked = true
	case !EqualFold(field.Value, "identity"):
		f.unknown = true
	}
	return nil
}

// parseLength accepts digits alone: no sign, space, list or overflow.
func parseLength(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > 18 {
		return 0, false
	}
	var n int64
	for _, c := range b {
		if !digit(c) {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}
