package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	before   = 70  // characters of a sentence in front of a word
	sentence = 180 // characters of a sentence in all
)

// sentence is the one in which a word stands; of one in the subject, the
// subject and how the text begins.
func (s said) sentence(word string) string {
	if at := where(s.body, word); at >= 0 {
		return around(s.body, at)
	}
	if s.subject == "" {
		return around(s.body, 0)
	}
	if s.body == "" {
		return s.subject
	}
	return s.subject + ": " + around(s.body, 0)
}

// where a word as the index has it first stands in a text, or -1.
func where(text, word string) int {
	for at, w := range wordsAt(text) {
		if w == word || slices.Contains(parts(w), word) {
			return at
		}
	}
	return -1
}

// around is the sentence of a text that has something at a place; of a long
// one, its neighbourhood.
func around(text string, at int) string {
	begin, opened := opens(text, at)
	end, closed := closes(text, begin, at)
	s := strings.Join(strings.Fields(text[begin:end]), " ")
	if !opened {
		s = "…" + s
	}
	if !closed {
		s += "…"
	}
	return s
}

// opens is where the sentence around a place begins, or as far before it as is
// shown, and whether it is the former.
func opens(text string, at int) (begin int, opened bool) {
	next, gap := rune(0), at // gap: where a word began last
	for begin, n := at, 0; ; n++ {
		r, size := utf8.DecodeLastRuneInString(text[:begin])
		if size == 0 || r == '\n' || ends(r, next) {
			return begin, true
		}
		if n >= before {
			return gap, false
		}
		if unicode.IsSpace(r) {
			gap = begin
		}
		begin, next = begin-size, r
	}
}

// closes is where that sentence ends, and whether nothing of it is cut.
func closes(text string, begin, at int) (end int, closed bool) {
	n, gap := utf8.RuneCountInString(text[begin:at]), 0
	for end = at; end < len(text); n++ {
		r, size := utf8.DecodeRuneInString(text[end:])
		next, _ := utf8.DecodeRuneInString(text[end+size:])
		switch {
		case r == '\n':
			return end, true
		case ends(r, next):
			return end + size, true
		case n >= sentence && gap > at:
			return gap, false
		case n >= sentence:
			return end, false
		case unicode.IsSpace(r):
			gap = end
		}
		end += size
	}
	return end, true
}

// ends says that a sentence ends with r when next follows.
func ends(r, next rune) bool {
	if strings.ContainsRune("。！？", r) {
		return true
	}
	return strings.ContainsRune(".!?…؟۔।", r) && (unicode.IsSpace(next) || next == utf8.RuneError)
}
