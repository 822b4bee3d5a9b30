package logs

import (
	"errors"
	"fmt"
	"strings"
)

// A pattern decides which messages a filter lets through.
type pattern interface {
	matches(message string) bool
}

// parsePattern reads a filter pattern: terms, or a condition on the members of
// JSON messages in braces. Regular expressions and columns are not built.
func parsePattern(text string) (pattern, error) {
	text = strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "{"):
		return parseCondition(text)
	case strings.HasPrefix(text, "["):
		return nil, errors.New("patterns of columns, in brackets, are not built")
	case strings.HasPrefix(text, "%"):
		return nil, errors.New("regular expressions are not built")
	}
	return parseTerms(text)
}

// terms are the words of a pattern. A message passes if it has all required
// ones, none of the excluded ones, and any of the optional ones if there are
// such. Case counts; a term may be part of a word.
type terms struct{ required, excluded, optional []string }

func (t terms) matches(message string) bool {
	for _, term := range t.required {
		if !strings.Contains(message, term) {
			return false
		}
	}
	for _, term := range t.excluded {
		if strings.Contains(message, term) {
			return false
		}
	}
	for _, term := range t.optional {
		if strings.Contains(message, term) {
			return true
		}
	}
	return len(t.optional) == 0
}

// parseTerms reads terms between spaces: word, "some words", -excluded and
// ?optional, the last two also quoted. A backslash within quotes keeps a quote.
func parseTerms(text string) (terms, error) {
	var t terms
	for {
		text = strings.TrimLeft(text, " \t\r\n")
		if text == "" {
			return t, nil
		}
		into := &t.required
		switch text[0] {
		case '-':
			into, text = &t.excluded, text[1:]
		case '?':
			into, text = &t.optional, text[1:]
		}
		term, rest, err := cutTerm(text)
		if err != nil {
			return t, err
		}
		*into, text = append(*into, term), rest
	}
}

func cutTerm(text string) (term, rest string, err error) {
	if strings.HasPrefix(text, `"`) {
		return cutQuoted(text)
	}
	end := strings.IndexAny(text, " \t\r\n")
	if end < 0 {
		end = len(text)
	}
	if end == 0 {
		return "", "", errors.New("a - or ? without a term")
	}
	return text[:end], text[end:], nil
}

// cutQuoted cuts a quoted text off the front.
func cutQuoted(text string) (content, rest string, err error) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			if b.Len() == 0 {
				return "", "", errors.New("an empty term")
			}
			return b.String(), text[i+1:], nil
		case c == '\\' && i+1 < len(text) && (text[i+1] == '"' || text[i+1] == '\\'):
			i++
			b.WriteByte(text[i])
		default:
			b.WriteByte(c)
		}
	}
	return "", "", fmt.Errorf("a quote that does not end: %s", text)
}
