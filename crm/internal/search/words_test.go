package search

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"Anna-Lena O'Brien":            "anna lena o brien",
		"will.zorb@mail.example":       "will zorb mail example",
		"a_b+c/d\te\nf\u00a0g":         "a b c d e f g",
		"Cafe\u0301 CAFÉ":              "café café",
		"Straße ẞ Ærø Łódź İstanbul ı": "strasse ss aero lódź istanbul i",
		"שָׁלוֹם مَرْحَبًا كـــتاب":  "שלום مرحبا كتاب",
		"می\u200cخواهم bud\u00adget": "میخواهم budget",
		"हिन्दी நன்றி":               "हिन्दी நன்றி",
		"ＡＢＣ ﬁne ①":                  "abc fine",
		"👩‍👩‍👧 a👍🏽b 🇵🇹":              "👩 👩 👧 a 👍 b 🇵 🇹",
		"\u202eabc\u202c \ufeffdef":  "abc def",
		"50% of $3,000.50":           "50 of 3 000 50",
		"\xff\xfe":                   "",
	} {
		if got := strings.Join(words(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestQuestions(t *testing.T) {
	for text, want := range map[string]string{
		"a brown fox":         "brown a fox",
		"1 2 3 4 5 6 7 8":     "1 2 3 4 5 6",
		"020 7946":            "7946 20",
		"007 x":               "007 x",
		"00":                  "00",
		"... !!":              "",
		"O'Brien":             "brien o",
		"Cafe\u0301 au lait!": "café au lait",
	} {
		if got := strings.Join(question(text), " "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"+44 (0)20 7946 1234": "442079461234", "020-7946": "207946", "0044 20": "4420", "1234": "", "7946 ext": "", "": "", strings.Repeat("1 ", 65): "",
	} {
		if got := strings.Join(dialled(text), " "); got != want {
			t.Errorf("dialled %q: %q, want %q", text, got, want)
		}
	}
}

func TestIndex(t *testing.T) {
	index := func(d Doc) []string {
		var all []string
		for _, w := range d.index() {
			all = append(all, w.word+string("0123"[w.weight]))
		}
		return all
	}
	for _, tt := range []struct {
		doc  Doc
		want string
	}{
		{Doc{Title: "Ana O'Neill", Sub: "Head · O'Neill Ltd", Words: "ana@x.example 0042"}, "ana0 o1 neill1 oneill1 head2 ltd2 x3 example3 00423 423"},
		{Doc{Title: "", Words: "text"}, "text3"},
		{Doc{Title: "潔志会"}, "潔志会0 志会1"},
		{Doc{Kind: Entry, Title: "Re: e-mail", Words: "The e-mail."}, "re0 e1 mail1 email1 the3"},
	} {
		if got := strings.Join(index(tt.doc), " "); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.doc, got, tt.want)
		}
	}
	var many strings.Builder
	for i := range 3000 {
		many.WriteString(" w" + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + string(rune(0x4e00+i)))
	}
	if n := len(index(Doc{Kind: "person", Words: many.String()})); n != maxWords {
		t.Errorf("a record has %d words", n)
	}
	if n := len(index(Doc{Kind: Entry, Words: many.String()})); n != maxSaid {
		t.Errorf("an entry has %d words", n)
	}
}

func TestSentences(t *testing.T) {
	long := strings.Repeat("word ", 100)
	for _, tt := range []struct{ subject, body, word, want string }{
		{"", "One. Two has it. Three.", "has", "Two has it."},
		{"", "One. Two has it", "two", "Two has it"},
		{"", "Version 2.5 of it is out! Yes.", "5", "Version 2.5 of it is out!"},
		{"", "line\nthe  next\t one\nlast", "next", "the next one"},
		{"Subject", "Body begins. Then more.", "subject", "Subject: Body begins."},
		{"Subject", "", "subject", "Subject"},
		{"", "Body begins. Then more.", "gone", "Body begins."},
		{"", "これは一番目。二番目です。三", "二番目です", "二番目です。"},
		{"", long + "needle " + long, "needle", "…word"},
		{"", "", "x", ""},
	} {
		got := said{subject: tt.subject, body: tt.body}.sentence(tt.word)
		if tt.want == "…word" {
			if !strings.HasPrefix(got, "…word") || !strings.HasSuffix(got, "word…") || !strings.Contains(got, "needle") {
				t.Errorf("long: %q", got)
			}
			continue
		}
		if got != tt.want {
			t.Errorf("%q in %q: %q, want %q", tt.word, tt.body, got, tt.want)
		}
	}
}

// Whatever is written, each of its words is found in it, and shown.
func FuzzWords(f *testing.F) {
	for _, seed := range []string{"", "Anna O'Brien +44 (0)20 7946-1234", "שָׁלוֹם 🦚 界界 ｆｕｌｌ", "\xff\u0301\u200d", "e\u0301.\n?!…", strings.Repeat("a", 100)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, w := range words(text) {
			if w == "" || utf8.RuneCountInString(w) > maxWord {
				t.Errorf("a word of %d characters: %q", utf8.RuneCountInString(w), w)
			}
			if where(text, w) < 0 {
				t.Errorf("%q is not found in its own text", w)
			}
			got := said{body: text}.sentence(w)
			if n := utf8.RuneCountInString(got); n > before+sentence+maxWord+2 {
				t.Errorf("a sentence of %d characters", n)
			}
		}
		if asked := question(text); len(asked) > maxQuery || slices.Contains(asked, "") {
			t.Errorf("asked: %q", asked)
		}
		for _, w := range (Doc{Kind: Entry, Title: text, Words: text}).index() {
			if utf8.RuneCountInString(w.word) > maxWord {
				t.Errorf("indexed: %q", w.word)
			}
		}
	})
}
