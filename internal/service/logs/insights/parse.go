package insights

import "strings"

// parse reads: parse [field] "glob with *" as a, b, or parse [field] /regex/ [as a, b].
func (p *parser) parse() *Error {
	own := take{}
	if p.next.kind == wordToken {
		of, err := p.primary()
		if err != nil {
			return err
		}
		own.from = of
	} else {
		own.from = p.field("@message")
	}
	var names []string
	var err *Error
	at := p.next
	switch {
	case p.next.kind == stringToken:
		glob := p.advance().text
		own.cut = globCutter(glob)
		if names, err = p.names(); err == nil && len(names) != strings.Count(glob, "*") {
			err = p.fail(at.start, at.end, "the pattern has %d wildcards and %d names", strings.Count(glob, "*"), len(names))
		}
	case p.next.kind == symbolToken && p.next.text == "/":
		names, err = p.regexTake(&own)
	default:
		err = p.unexpected("a string or a regular expression")
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		own.slots = append(own.slots, p.slot(name))
	}
	p.add(own)
	return nil
}

// regexTake reads a regular expression whose groups have names, or get them by as.
func (p *parser) regexTake(own *take) ([]string, *Error) {
	at := p.next
	re, err := p.compiled()
	if err != nil {
		return nil, err
	}
	names := re.SubexpNames()[1:]
	if p.next.kind == wordToken && strings.EqualFold(p.next.text, "as") {
		if names, err = p.names(); err != nil {
			return nil, err
		}
	}
	at.end = p.before()
	if len(names) != re.NumSubexp() || len(names) == 0 || strings.Join(names, "") == "" {
		return nil, p.fail(at.start, at.end, "the regular expression needs a name for each of its groups")
	}
	own.cut = func(text string, into []string) bool {
		found := re.FindStringSubmatch(text)
		return found != nil && copy(into, found[1:]) > 0
	}
	return names, nil
}

func (p *parser) names() (names []string, err *Error) {
	if !p.word("as") {
		return nil, p.unexpected("as")
	}
	for {
		if p.next.kind != wordToken {
			return nil, p.unexpected("a name")
		}
		if names = append(names, p.advance().text); !p.symbol(",") {
			return names, nil
		}
	}
}

// globCutter takes out what stands for each "*": as little as lets the next part
// of the pattern follow; at the end, all that is left.
func globCutter(glob string) func(text string, into []string) bool {
	parts := strings.Split(glob, "*")
	return func(text string, into []string) bool {
		_, text, ok := strings.Cut(text, parts[0])
		for i, part := range parts[1:] {
			if !ok {
				return false
			}
			if part == "" && i == len(parts)-2 {
				into[i], text = text, ""
				continue
			}
			into[i], text, ok = strings.Cut(text, part)
		}
		return ok && len(parts) > 1
	}
}
