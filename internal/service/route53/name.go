package route53

import (
	"fmt"
	"slices"
	"strings"
)

// The longest name and label, in octets (RFC 1035).
const (
	longestName  = 255
	longestLabel = 63
)

// canonical returns a domain name as Route 53 writes it: in lower case, with a
// final dot, and with all but letters, digits, hyphens and underscores escaped
// as \052.
func canonical(name string) (string, error) {
	name = strings.TrimSuffix(name, ".")
	if name == "" {
		return "", fmt.Errorf("the domain name is empty")
	}
	var b strings.Builder
	label, total := 0, 1
	for i := 0; i < len(name); {
		c, width, err := octet(name[i:])
		if err != nil {
			return "", err
		}
		total++
		if c == '.' && width == 1 {
			if label == 0 {
				return "", fmt.Errorf("the domain name contains an empty label")
			}
			label = 0
			b.WriteByte('.')
		} else if label++; label > longestLabel {
			return "", fmt.Errorf("a label of the domain name is longer than %d octets", longestLabel)
		} else {
			writeOctet(&b, c)
		}
		i += width
	}
	if label == 0 {
		return "", fmt.Errorf("the domain name contains an empty label")
	}
	if total+1 > longestName {
		return "", fmt.Errorf("the domain name is longer than %d octets", longestName)
	}
	return b.String() + ".", nil
}

// octet reads one character of a name, which may be escaped as \052.
func octet(s string) (c byte, width int, err error) {
	if s[0] != '\\' {
		if s[0] <= ' ' || s[0] > '~' {
			return 0, 0, fmt.Errorf("the domain name contains a character that must be escaped")
		}
		return s[0], 1, nil
	}
	if len(s) < 4 {
		return 0, 0, fmt.Errorf("the domain name ends in an escape code")
	}
	value := 0
	for _, d := range []byte(s[1:4]) {
		if d < '0' || d > '7' {
			return 0, 0, fmt.Errorf("the domain name contains an escape code that is not three octal digits")
		}
		value = value*8 + int(d-'0')
	}
	if value > 255 {
		return 0, 0, fmt.Errorf("the domain name contains an escape code beyond 377")
	}
	return byte(value), 4, nil
}

func writeOctet(b *strings.Builder, c byte) {
	switch {
	case c >= 'A' && c <= 'Z':
		b.WriteByte(c + 'a' - 'A')
	case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '-', c == '_':
		b.WriteByte(c)
	default:
		fmt.Fprintf(b, "\\%03o", c)
	}
}

// reversed returns a canonical name with its labels reversed, by which Route 53
// sorts: "com.example.www.".
func reversed(name string) string {
	labels := strings.Split(strings.TrimSuffix(name, "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}

// within reports whether a canonical name is a zone's own or lies below it.
func within(name, zone string) bool { return name == zone || strings.HasSuffix(name, "."+zone) }

// wire returns a canonical name as resolvers write it: a wildcard is a star, and
// escapes are decimal (RFC 4343).
func wire(name string) string {
	var b strings.Builder
	for i := 0; i < len(name); {
		c, width, err := octet(name[i:])
		if err != nil {
			return name
		}
		switch {
		case width == 4 && c == '*':
			b.WriteByte('*')
		case width == 4:
			fmt.Fprintf(&b, "\\%03d", c)
		default:
			b.WriteByte(c)
		}
		i += width
	}
	return b.String()
}
