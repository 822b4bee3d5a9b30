package search

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// unmarked are marks that say how a letter sounds, without which the word is
// the same to whoever looks for it: accents, the points of Hebrew, the signs
// of Arabic. In other scripts, as those of India, marks are vowels and stay.
var unmarked = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0300, Hi: 0x036f, Stride: 1},
	{Lo: 0x0591, Hi: 0x05c7, Stride: 1},
	{Lo: 0x0610, Hi: 0x061a, Stride: 1},
	{Lo: 0x0640, Hi: 0x0640, Stride: 1}, // draws a word out
	{Lo: 0x064b, Hi: 0x065f, Stride: 1},
	{Lo: 0x0670, Hi: 0x0670, Stride: 1},
	{Lo: 0x06d6, Hi: 0x06dc, Stride: 1},
	{Lo: 0xfe00, Hi: 0xfe0f, Stride: 1}, // chooses how a sign is drawn
}}

// plainly are letters that no rule of Unicode takes apart, or that people type
// for each other. The database's LIKE compares letter by letter, so one letter
// for two is not found there.
var plainly = strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا", "ٱ", "ا", "ى", "ي", "ئ", "ي", "ؤ", "و", "ة", "ه", "ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i")

// folded is a word as the index has it: in small letters, each letter in one
// form, without marks, without signs that are not seen, and not too long.
func folded(word string) string {
	if ascii(word) {
		return clip(strings.ToLower(word))
	}
	word = strings.Map(func(r rune) rune {
		if unicode.Is(unmarked, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, norm.NFKC.String(strings.ToLower(word)))
	return clip(plainly.Replace(word))
}

func ascii(word string) bool {
	return strings.IndexFunc(word, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func clip(word string) string {
	if utf8.RuneCountInString(word) <= maxWord {
		return word
	}
	return string([]rune(word)[:maxWord])
}

// joined are words with a hyphen or an apostrophe, written without: "obrien".
func joined(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for field := range strings.FieldsSeq(text) {
			if !strings.ContainsAny(field, "-‐'’ʼ") {
				continue
			}
			for _, word := range wordsAt(unjoined.Replace(field)) {
				if !yield(word) {
					return
				}
			}
		}
	}
}

var unjoined = strings.NewReplacer("-", "", "‐", "", "'", "", "’", "", "ʼ", "")

// withoutZeros is a number without zeros in front, as people dial one from
// abroad; what is not a number, or hardly one without, stays.
func withoutZeros(word string) string {
	short := strings.TrimLeft(word, "0")
	if len(short) < 2 || strings.Trim(short, digits) != "" {
		return word
	}
	return short
}

const digits = "0123456789"

// dialled is what was typed as one telephone number, if it is nothing but
// digits: "+44 (0)20 7946" finds what is written "+442079461234".
func dialled(text string) []string {
	whole := strings.Join(words(strings.ReplaceAll(text, "(0)", "")), "")
	if len(whole) < 5 || len(whole) > maxWord || strings.Trim(whole, digits) != "" {
		return nil
	}
	return []string{withoutZeros(whole)}
}
