package search

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxWord    = 64   // characters of a word that count
	maxWords   = 200  // different words of a record
	maxSaid    = 2000 // different words of an entry of a timeline, some fifteen pages
	maxQuery   = 6    // words of a question
	maxSuffix  = 12   // parts of a run of characters that is written without spaces
	shortestOf = 2    // characters of such a part
)

// Words are a text's words as the index has them: in small letters, each letter
// in one form and without accents.
func Words(text string) []string { return words(text) }

// words splits text into words in small letters: runs of letters, digits and
// marks, and each emoji by itself. Whatever else there is parts words, so
// nothing that somebody types can be an operator.
func words(text string) []string {
	var all []string
	for _, word := range wordsAt(text) {
		all = append(all, word)
	}
	return all
}

// wordsAt are the words of a text and where each begins.
func wordsAt(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		begin := -1
		end := func(at int) bool {
			from := begin
			begin = -1
			if from < 0 {
				return true
			}
			word := folded(text[from:at])
			return word == "" || yield(from, word)
		}
		for i, r := range text {
			switch {
			case unicode.IsLetter(r) || unicode.IsDigit(r) || begin >= 0 && (unicode.IsMark(r) || unicode.Is(unicode.Cf, r)):
				if begin < 0 {
					begin = i
				}
			case unicode.Is(unicode.So, r) && r != utf8.RuneError:
				if !end(i) || !yield(i, string(r)) {
					return
				}
			default:
				if !end(i) {
					return
				}
			}
		}
		end(len(text))
	}
}

// parts are the word and, of one in a script that sets no spaces, also its
// ends, so that the beginning of any of its parts finds it; and a number as it
// is without zeros in front.
func parts(word string) []string {
	all := []string{word}
	if short := withoutZeros(word); short != word {
		all = append(all, short)
	}
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
		asked[i] = withoutZeros(w)
		if utf8.RuneCountInString(asked[i]) > utf8.RuneCountInString(asked[longest]) {
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
	seen, most := map[string]bool{}, maxWords
	if d.Kind == Entry {
		most = maxSaid
	}
	add(&all, seen, most, d.Title, inTitle)
	if len(all) > 0 {
		all[0].weight = opensTitle
	}
	add(&all, seen, most, d.Sub, inSub)
	add(&all, seen, most, d.Words, inText)
	return all
}

func add(all *[]weighted, seen map[string]bool, most int, text string, weight int) {
	one := func(word string) {
		if !seen[word] && len(*all) < most {
			seen[word] = true
			*all = append(*all, weighted{word, weight})
		}
	}
	for _, word := range wordsAt(text) {
		for _, part := range parts(word) {
			one(part)
		}
		if len(*all) == most {
			return
		}
	}
	for word := range joined(text) {
		one(word)
	}
}
