package pattern

import "strings"

// A fault is what is wrong with a pattern, in AWS's own words.
type fault string

func (f fault) Error() string { return string(f) }

// errInvalid is AWS's word for most faults.
const errInvalid = fault("Invalid filter pattern")

// maxRegexes is how many regular expressions a pattern may have.
const maxRegexes = 2

// A parser reads a pattern from its text, front to back.
type parser struct {
	text    string
	pos     int
	regexes int
}

func (p *parser) rest() string { return p.text[p.pos:] }

func (p *parser) skip() {
	for p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) >= 0 {
		p.pos++
	}
}

// take reads a token if it comes next.
func (p *parser) take(token string) bool {
	p.skip()
	if !strings.HasPrefix(p.rest(), token) {
		return false
	}
	p.pos += len(token)
	return true
}

// word reads letters, digits, "_", "-", and letters beyond ASCII.
func (p *parser) word(more string) string {
	start := p.pos
	for p.pos < len(p.text) && (isWord(p.text[p.pos]) || strings.IndexByte(more, p.text[p.pos]) >= 0) {
		p.pos++
	}
	return p.text[start:p.pos]
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c >= 0x80
}

// quoted reads a text in double quotes, in which a backslash keeps a quote or a
// backslash.
func (p *parser) quoted() (string, error) {
	var b strings.Builder
	for i := p.pos + 1; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '"':
			p.pos = i + 1
			return b.String(), nil
		case c == '\\' && i+1 < len(p.text) && (p.text[i+1] == '"' || p.text[i+1] == '\\'):
			i++
			b.WriteByte(p.text[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", badTerm(p.rest())
}

func badTerm(term string) error {
	return fault("Invalid character(s) in term '" + term + "'")
}

// any reads alternatives: a || b || …, of tests on T.
func (p *parser) any(one func() (test, error)) (test, error) {
	left, err := p.all(one)
	for err == nil && p.take("||") {
		var right test
		if right, err = p.all(one); err == nil {
			left = either(left, right)
		}
	}
	return left, err
}

// all reads what must hold together: a && b && …
func (p *parser) all(one func() (test, error)) (test, error) {
	left, err := p.group(one)
	for err == nil && p.take("&&") {
		var right test
		if right, err = p.group(one); err == nil {
			left = both(left, right)
		}
	}
	return left, err
}

// group reads one test, or several in parentheses.
func (p *parser) group(one func() (test, error)) (test, error) {
	if !p.take("(") {
		return one()
	}
	inside, err := p.any(one)
	if err == nil && !p.take(")") {
		err = errInvalid
	}
	return inside, err
}
