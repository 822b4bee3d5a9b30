package http1

// Classes of bytes, by table: one look-up for each byte of a head.
const (
	classToken  = 1 << iota // may stand in a method or a field name
	classValue              // may stand in a field value
	classTarget             // may stand in a request target
	classASCII
	className // letters, digits and the hyphen
)

var classes = classTable()

func classTable() (t [256]uint8) {
	for i := range t {
		b := byte(i)
		switch {
		case '0' <= b && b <= '9', 'a' <= b && b <= 'z', 'A' <= b && b <= 'Z':
			t[i] = classToken | classValue | classTarget | className
		case b == '\t' || b == ' ':
			t[i] = classValue
		case b > ' ' && b != 0x7f:
			t[i] = classValue | classTarget
		}
		if b < 0x80 {
			t[i] |= classASCII
		}
	}
	for _, b := range []byte("!#$%&'*+-.^_`|~") {
		t[b] |= classToken
	}
	t['-'] |= className
	return t
}

// commonClass returns what all bytes have in common.
func commonClass(b []byte) uint8 {
	common := ^uint8(0)
	for _, c := range b {
		common &= classes[c]
	}
	return common
}

func allOf(b []byte, class uint8) bool {
	for _, c := range b {
		if classes[c]&class == 0 {
			return false
		}
	}
	return true
}

// EqualFold reports whether name is lower in any case. Both must be tokens of
// letters, digits and hyphens, and lower must be in lower case.
func EqualFold(name []byte, lower string) bool {
	if len(name) != len(lower) {
		return false
	}
	for i, c := range name {
		if c|0x20 != lower[i] {
			return false
		}
	}
	return true
}

func trim(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '\t') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '\t') {
		b = b[:len(b)-1]
	}
	return b
}
