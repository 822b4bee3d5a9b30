package metricmath

import "strings"

type tokenKind int

const (
	end tokenKind = iota
	numeral
	word
	quoted
	symbol
)

type token struct {
	kind tokenKind
	text string
	at   int
}

type lexer struct {
	source string
	at     int
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// next returns the next token.
func (l *lexer) next() (token, error) {
	for l.at < len(l.source) && strings.IndexByte(" \t\r\n", l.source[l.at]) >= 0 {
		l.at++
	}
	start := l.at
	if start == len(l.source) {
		return token{kind: end, at: start}, nil
	}
	c := l.source[start]
	switch {
	case isDigit(c) || c == '.':
		l.number()
		return token{numeral, l.source[start:l.at], start}, nil
	case isLetter(c):
		l.while(func(c byte) bool { return isLetter(c) || isDigit(c) })
		return token{word, l.source[start:l.at], start}, nil
	case c == '"' || c == '\'':
		return l.string(c)
	}
	for _, s := range []string{"==", "!=", "<=", ">=", "&&", "||"} {
		if strings.HasPrefix(l.source[start:], s) {
			l.at += 2
			return token{symbol, s, start}, nil
		}
	}
	l.at++
	if strings.IndexByte("+-*/^()[],<>", c) < 0 {
		return token{}, errorf("Error in expression: unexpected %q at character %d", string(rune(c)), start+1)
	}
	return token{symbol, l.source[start:l.at], start}, nil
}

func (l *lexer) while(in func(byte) bool) {
	for l.at < len(l.source) && in(l.source[l.at]) {
		l.at++
	}
}

// number passes over digits with a point and an exponent.
func (l *lexer) number() {
	l.while(func(c byte) bool { return isDigit(c) || c == '.' })
	mark := l.at
	if l.at < len(l.source) && (l.source[l.at] == 'e' || l.source[l.at] == 'E') {
		l.at++
		if l.at < len(l.source) && (l.source[l.at] == '-' || l.source[l.at] == '+') {
			l.at++
		}
		if l.at == len(l.source) || !isDigit(l.source[l.at]) {
			l.at = mark
			return
		}
		l.while(isDigit)
	}
}

func (l *lexer) string(quote byte) (token, error) {
	start := l.at
	var b strings.Builder
	for l.at++; l.at < len(l.source); l.at++ {
		switch c := l.source[l.at]; {
		case c == quote:
			l.at++
			return token{quoted, b.String(), start}, nil
		case c == '\\' && l.at+1 < len(l.source) && l.source[l.at+1] == quote:
			l.at++
			b.WriteByte(quote)
		default:
			b.WriteByte(c)
		}
	}
	return token{}, errorf("Error in expression: the string at character %d does not end", start+1)
}
