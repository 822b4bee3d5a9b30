package document

import "bytes"

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\t' || b[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the end of the string that begins at i, or -1.
func skipString(b []byte, i int) int {
	if i >= len(b) || b[i] != '"' {
		return -1
	}
	for i++; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		if escape := bytes.IndexByte(b[i:i+n], '\\'); escape >= 0 {
			i += escape + 1 // over what is escaped
			continue
		}
		return i + n + 1
	}
	return -1
}

// skipValue returns the end of the value that begins at i, or -1, and its kind.
func skipValue(b []byte, i int) (end int, kind Kind) {
	if i >= len(b) {
		return -1, Null
	}
	switch c := b[i]; {
	case c == '"':
		return skipString(b, i), String
	case c == '{':
		return skipNested(b, i), Object
	case c == '[':
		return skipNested(b, i), Array
	case c == '-' || c >= '0' && c <= '9':
		for i < len(b) && isNumeric(b[i]) {
			i++
		}
		return i, Number
	}
	for kind, word := range []string{Null: "null", False: "false", True: "true"} {
		if bytes.HasPrefix(b[i:], []byte(word)) {
			return i + len(word), Kind(kind)
		}
	}
	return -1, Null
}

func isNumeric(c byte) bool {
	return c >= '0' && c <= '9' || c == '.' || c == '-' || c == '+' || c == 'e' || c == 'E'
}

// skipNested returns the end of the object or array that begins at i, or -1.
func skipNested(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = skipString(b, i); i < 0 {
				return -1
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
		i++
	}
	return -1
}
