package policy

import (
	"strings"
	"unicode/utf8"
)

// glob matches text against a pattern in which * stands for any characters and ?
// for one. It takes time in proportion to pattern times text at most, and no
// memory.
func glob(pattern, text string) bool {
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(text) {
		if i < len(pattern) {
			if pattern[i] == '*' {
				star, mark = i, j
				i++
				continue
			}
			if p, t := step(pattern[i:], text[j:]); p > 0 {
				i, j = i+p, j+t
				continue
			}
		}
		if star < 0 {
			return false
		}
		mark++
		i, j = star+1, mark
	}
	for i < len(pattern) && pattern[i] == '*' {
		i++
	}
	return i == len(pattern)
}

// step returns how many bytes of a pattern and a text match at their beginnings:
// a byte, a character for ?, or an escaped wildcard; none if they differ.
func step(pattern, text string) (p, t int) {
	switch {
	case pattern[0] == '?':
		_, size := utf8.DecodeRuneInString(text)
		return 1, size
	case pattern[0] == text[0]:
		return 1, 1
	case text[0] == '*' && strings.HasPrefix(pattern, literalStar):
		return len(literalStar), 1
	case text[0] == '?' && strings.HasPrefix(pattern, literalQuestion):
		return len(literalQuestion), 1
	}
	return 0, 0
}

// matchesAny tells whether a text matches one of several patterns.
func matchesAny(patterns []string, text string) bool {
	for _, p := range patterns {
		if p == "*" || glob(p, text) {
			return true
		}
	}
	return false
}

// resourceMatches tells whether the request's resource is one of a statement's.
func (s *Statement) resourceMatches(patterns []string, r *Request) bool {
	for _, p := range patterns {
		if p == "*" || glob(r.pattern(p, s.Literal), r.Resource) {
			return true
		}
	}
	return false
}
