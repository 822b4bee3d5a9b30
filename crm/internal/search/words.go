package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxWord    = 64  // characters of a word that count
	maxWords   = 200 // different words of a document
	maxQuery   = 6   // words of a question
	maxSuffix  = 12  // parts of a run of characters that is written without spaces
	shortestOf = 2   // characters of such a part
)

// words splits text into words in small letters: runs of letters, digits and
// marks, and each emoji by itself. Whatever else there is parts words, so
// nothing that somebody types can be an operator.
func words(text string) []string {
	var all []string
	begin := -1
	end := func(at int) {
		if begin >= 0 {
			all = append(all, clip(strings.ToLower(text[begin:at])))
		}
		begin = -1
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) && begin >= 0:
			if begin < 0 {
				begin = i
			}
		case unicode.Is(unicode.So, r):
			end(i)
			all = append(all, string(r))
		default:
			end(i)
		}
	}
	end(len(text))
	return all
}

func clip(word string) string {
	if utf8.RuneCountInString(word) <= maxWord {
		return word
	}
	return string([]rune(word)[:maxWord])
}

// parts are the word and, of one in a script that sets no spaces, also its
// ends, so that the beginning of any of its parts finds it.
func parts(word string) []string {
	all := []string{word}
	runes := []rune(word)
	if !spaceless(runes) {
		return all
	}
	for i := 1; i <= len(runes)-shortestOf && i < maxSuffix; i++ {
		all = append(all, string(runes[i:]))
	}
	return all
}

func spaceless(word []rune) bool {
	for _, r := range word {
		if unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer) {
			return true
		}
	}
	return false
}

// question is what to look for: the longest word first, since it leaves the
// fewest.
func question(text string) []string {
	if len(text) > 1000 {
		text = strings.ToValidUTF8(text[:1000], "")
	}
	asked := words(text)
	if len(asked) == 0 {
		return nil
	}
	asked = asked[:min(len(asked), maxQuery)]
	longest := 0
	for i, w := range asked {
		if utf8.RuneCountInString(w) > utf8.RuneCountInString(asked[longest]) {
			longest = i
		}
	}
	asked[0], asked[longest] = asked[longest], asked[0]
	return asked
}

// The weights of words, best first.
const (
	opensTitle = iota
	inTitle
	inSub
	inText
)

type weighted struct {
	word   string
	weight int
}

// index lists a document's words, each once with its best weight.
func (d Doc) index() []weighted {
	var all []weighted
	seen := map[string]bool{}
	add(&all, seen, d.Title, inTitle)
	if len(all) > 0 {
		all[0].weight = opensTitle
	}
	add(&all, seen, d.Sub, inSub)
	add(&all, seen, d.Words, inText)
	return all
}

func add(all *[]weighted, seen map[string]bool, text string, weight int) {
	for _, word := range words(text) {
		for _, part := range parts(word) {
			if len(*all) == maxWords {
				return
			}
			if !seen[part] {
				seen[part] = true
				*all = append(*all, weighted{part, weight})
			}
		}
	}
}
