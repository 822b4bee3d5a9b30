package pattern

import "strings"

// terms are the words of a pattern. A message passes if it has all required ones
// and none of the excluded ones. Optional ones count only where there are no
// others: then any of them suffices. Case counts; a term may be part of a word.
type terms struct{ required, excluded, optional []term }

// A term is a text or a regular expression.
type term struct {
	text  string
	regex *regex
}

func (t term) in(message string) bool {
	if t.regex != nil {
		return t.regex.match(message)
	}
	return strings.Contains(message, t.text)
}

func (t terms) find(message string) (Match, bool) {
	for _, term := range t.required {
		if !term.in(message) {
			return Match{}, false
		}
	}
	for _, term := range t.excluded {
		if term.in(message) {
			return Match{}, false
		}
	}
	if len(t.required)+len(t.excluded) > 0 {
		return Match{}, true
	}
	for _, term := range t.optional {
		if term.in(message) {
			return Match{}, true
		}
	}
	return Match{}, len(t.optional) == 0
}

func (t terms) selectors(Match) []string { return nil }

// terms reads words between spaces: word, "some words", %regex%, each also with
// - or ? before it.
func (p *parser) terms() (matcher, error) {
	var t terms
	for p.skip(); p.pos < len(p.text); p.skip() {
		into, start := &t.required, p.pos
		switch p.text[p.pos] {
		case '-':
			into, p.pos = &t.excluded, p.pos+1
		case '?':
			into, p.pos = &t.optional, p.pos+1
		}
		one, err := p.term(start)
		if err != nil {
			return nil, err
		}
		*into = append(*into, one)
	}
	return t, nil
}

// term reads one of them; with its sign it began at whole.
func (p *parser) term(whole int) (t term, err error) {
	start := p.pos
	switch {
	case strings.HasPrefix(p.rest(), `"`):
		if t.text, err = p.quoted(); err == nil && t.text == "" {
			err = badTerm(`""`)
		}
	case strings.HasPrefix(p.rest(), "%"):
		t.regex, err = p.regex()
	default:
		t.text = p.word("")
	}
	if err != nil {
		return t, err
	}
	if p.pos == start || p.pos < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.pos]) < 0 {
		all, _, _ := strings.Cut(p.text[whole:], " ")
		return t, badTerm(all)
	}
	return t, nil
}
