package merge

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"apexai/crm/internal/search"
)

// similar is the reason that two names differ by a letter or two, or by the
// order of their words. Alone it makes two records likely the same, not surely.
const similar = "similar name"

const (
	shortName = 5 // letters; names with fewer are others when one differs
	longName  = 9 // letters from which on two may differ
)

// legalForms are the words of a company's name that say little.
var legalForms = strings.Fields("inc ltd llc gmbh ag sa bv ab oy plc co corp limited kg srl sarl pty")

// likely says that two names may be one, written with a slip, though they are
// not equal. A name with another number is another name.
func likely(a, b string) bool {
	one, other := spelt(a), spelt(b)
	x, y := strings.Join(one, " "), strings.Join(other, " ")
	if x == y || numbers(x) != numbers(y) {
		return false
	}
	fewest := min(length(one), length(other))
	if fewest < shortName {
		return false
	}
	most := 1
	if fewest >= longName {
		most = 2
	}
	if near(x, y, most) {
		return true
	}
	slices.Sort(one)
	slices.Sort(other)
	return near(strings.Join(one, " "), strings.Join(other, " "), most)
}

// spelt are a name's words as search folds them, without legal forms.
func spelt(name string) []string {
	words := search.Words(unmarked(name))
	kept := slices.DeleteFunc(slices.Clone(words), func(word string) bool { return slices.Contains(legalForms, word) })
	if len(kept) == 0 {
		return words
	}
	return kept
}

// unmarked is a text without accents.
func unmarked(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// length counts the letters of words.
func length(words []string) (n int) {
	for _, word := range words {
		n += utf8.RuneCountInString(word)
	}
	return n
}

func numbers(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// near says that at most so many letters were left out, put in, mistaken or
// swapped with the next.
func near(a, b string, most int) bool {
	x, y := []rune(a), []rune(b)
	if len(x)-len(y) > most || len(y)-len(x) > most {
		return false
	}
	before, last, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range last {
		last[j] = j
	}
	for i := range x {
		row[0] = i + 1
		for j := range y {
			cost := 1
			if x[i] == y[j] {
				cost = 0
			}
			row[j+1] = min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		if slices.Min(row) > most {
			return false
		}
		before, last, row = last, row, before
	}
	return last[len(y)] <= most
}

// unlike says that two companies' domains tell them apart: each has its own,
// and the names in them differ by more than an ending or a slip.
func unlike(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	x, _, _ := strings.Cut(a, ".")
	y, _, _ := strings.Cut(b, ".")
	return !near(x, y, 2)
}
