package pattern

import (
	"regexp"
	"strings"
)

// A regex is a regular expression between percent signs: without groups, and
// with few symbols. Others are written by their number: \x28.
type regex struct{ expression *regexp.Regexp }

// symbols are what a regular expression may have beside letters and digits.
const symbols = `:_#=@/;,- ^$?[]{}|\*+.`

func (p *parser) regex() (*regex, error) {
	end := strings.IndexByte(p.rest()[1:], '%')
	if end <= 0 {
		return nil, badTerm(p.rest())
	}
	text := p.rest()[1 : end+1]
	for i := range len(text) {
		if c := text[i]; c >= 0x80 || !isWord(c) && strings.IndexByte(symbols, c) < 0 {
			return nil, badTerm(p.rest()[:end+2])
		}
	}
	if p.regexes++; p.regexes > maxRegexes {
		return nil, errInvalid
	}
	expression, err := regexp.Compile(text)
	if err != nil {
		return nil, badTerm(p.rest()[:end+2])
	}
	p.pos += end + 2
	return &regex{expression}, nil
}

func (r *regex) match(text string) bool { return r.expression.MatchString(text) }
