package insights

import (
	"fmt"
	"strings"
)

// An Error says what is wrong with a query, and where: offsets in bytes.
type Error struct {
	Message    string
	Start, End int
}

func (e *Error) Error() string { return e.Message }

// A tokenKind is the kind of a token.
type tokenKind uint8

const (
	endToken tokenKind = iota
	wordToken
	numberToken // also 5m, a length of time
	stringToken
	symbolToken
)

// A token is a piece of a query; text is a string's content.
type token struct {
	kind       tokenKind
	text       string
	start, end int
	quoted     bool // a word in backticks: never a keyword
}

// A lexer cuts a query into tokens, one ahead.
type lexer struct {
	query string
	pos   int
	next  token
	fault *Error
}

func newLexer(query string) *lexer {
	l := &lexer{query: query}
	l.advance()
	return l
}

func (l *lexer) fail(start, end int, format string, args ...any) *Error {
	return &Error{Message: fmt.Sprintf(format, args...), Start: start, End: end}
}

// unexpected is the fault of the token that comes next.
func (l *lexer) unexpected(want string) *Error {
	if l.fault != nil {
		return l.fault
	}
	if l.next.kind == endToken {
		return l.fail(l.next.start, l.next.end, "unexpected end of the query: expected %s", want)
	}
	line := strings.Count(l.query[:l.next.start], "\n")
	column := l.next.start - strings.LastIndexByte(l.query[:l.next.start], '\n') - 1
	return l.fail(l.next.start, l.next.end, "unexpected symbol found %s at line %d and position %d: expected %s",
		l.query[l.next.start:l.next.end], line+1, column, want)
}

// advance reads the next token.
func (l *lexer) advance() token {
	before := l.next
	l.skip()
	start := l.pos
	if start == len(l.query) || l.fault != nil {
		l.next = token{start: start, end: start}
		return before
	}
	switch c := l.query[start]; {
	case isWordStart(c):
		l.pos = l.run(isWordPart)
		l.next = token{kind: wordToken, text: l.query[start:l.pos]}
	case c >= '0' && c <= '9', c == '.' && start+1 < len(l.query) && isDigit(l.query[start+1]):
		l.number()
	case c == '"', c == '\'':
		l.string(c)
	case c == '`':
		l.string(c)
		l.next.kind, l.next.quoted = wordToken, true
	default:
		l.pos++
		for _, two := range []string{"!=", "<=", ">=", "=~", "!~"} {
			if strings.HasPrefix(l.query[start:], two) {
				l.pos = start + 2
			}
		}
		l.next = token{kind: symbolToken, text: l.query[start:l.pos]}
	}
	l.next.start, l.next.end = start, l.pos
	return before
}

// skip passes over spaces and comments.
func (l *lexer) skip() {
	for l.pos < len(l.query) {
		switch c := l.query[l.pos]; {
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			l.pos++
		case c == '#':
			for l.pos < len(l.query) && l.query[l.pos] != '\n' {
				l.pos++
			}
		default:
			return
		}
	}
}

func (l *lexer) run(part func(byte) bool) int {
	i := l.pos
	for i < len(l.query) && part(l.query[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWordStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '@' || c == '$' || c >= 0x80
}

func isWordPart(c byte) bool { return isWordStart(c) || isDigit(c) || c == '.' }

func (l *lexer) number() {
	start := l.pos
	l.pos = l.run(func(c byte) bool { return isDigit(c) || c == '.' })
	if rest := l.query[l.pos:]; len(rest) > 1 && (rest[0] == 'e' || rest[0] == 'E') {
		digits := strings.TrimLeft(rest[1:], "+-")
		if digits != "" && isDigit(digits[0]) {
			l.pos = len(l.query) - len(digits)
			l.pos = l.run(isDigit)
		}
	}
	l.pos = l.run(isWordStart) // the unit of a length of time
	l.next = token{kind: numberToken, text: l.query[start:l.pos]}
}

// string reads what is quoted by c; a backslash keeps c and itself.
func (l *lexer) string(c byte) {
	var b strings.Builder
	start := l.pos
	for l.pos++; l.pos < len(l.query); l.pos++ {
		switch got := l.query[l.pos]; {
		case got == c:
			l.pos++
			l.next = token{kind: stringToken, text: b.String()}
			return
		case got == '\\' && l.pos+1 < len(l.query) && (l.query[l.pos+1] == c || l.query[l.pos+1] == '\\'):
			l.pos++
			b.WriteByte(l.query[l.pos])
		default:
			b.WriteByte(got)
		}
	}
	l.fault = l.fail(start, l.pos, "a quote that is not closed")
	l.next = token{kind: endToken}
}

// regex reads a regular expression between slashes, of which the first comes
// next.
func (l *lexer) regex() (source string, err *Error) {
	start := l.next.start
	for i := start + 1; i < len(l.query); i++ {
		switch l.query[i] {
		case '\\':
			i++
		case '/':
			source = strings.ReplaceAll(l.query[start+1:i], `\/`, "/")
			l.pos = i + 1
			l.advance()
			return source, nil
		}
	}
	return "", l.fail(start, len(l.query), "a regular expression that is not closed")
}

// word tells whether a keyword comes next, in any case, and takes it.
func (l *lexer) word(keyword string) bool {
	if l.next.kind != wordToken || l.next.quoted || !strings.EqualFold(l.next.text, keyword) {
		return false
	}
	l.advance()
	return true
}

// symbol tells whether a symbol comes next, and takes it.
func (l *lexer) symbol(s string) bool {
	if l.next.kind != symbolToken || l.next.text != s {
		return false
	}
	l.advance()
	return true
}
