package rule

import (
	"fmt"
	"strings"
)

// The limits of a rule (AWS: 500 elements, 100 children).
const (
	maxElements = 500
	maxChildren = 100
	maxDepth    = 100
)

// Parse reads a rule. Its errors say at which character.
func Parse(text string) (*Rule, error) {
	p := &parser{text: text}
	r, err := p.either(0)
	if err != nil {
		return nil, err
	}
	if word := p.peek(); word != "" {
		return nil, p.fault("unexpected %q", word)
	}
	if n := len(r.Alarms()); n > maxChildren {
		return nil, fmt.Errorf("the rule asks for %d alarms: at most %d", n, maxChildren)
	}
	return r, nil
}

type parser struct {
	text     string
	at       int
	elements int
}

func (p *parser) fault(format string, args ...any) error {
	return fmt.Errorf("at character %d: %s", p.at+1, fmt.Sprintf(format, args...))
}

// either reads terms joined by OR.
func (p *parser) either(depth int) (*Rule, error) {
	return p.joined("OR", depth, p.both)
}

// both reads factors joined by AND.
func (p *parser) both(depth int) (*Rule, error) {
	return p.joined("AND", depth, p.factor)
}

func (p *parser) joined(op string, depth int, part func(int) (*Rule, error)) (*Rule, error) {
	left, err := part(depth)
	for err == nil && strings.EqualFold(p.peek(), op) {
		p.take()
		var right *Rule
		right, err = part(depth)
		left = &Rule{op: op, left: left, right: right}
	}
	return left, err
}

func (p *parser) factor(depth int) (*Rule, error) {
	if p.elements++; p.elements > maxElements {
		return nil, p.fault("more than %d elements", maxElements)
	}
	if depth > maxDepth {
		return nil, p.fault("nested too deep")
	}
	switch word := strings.ToUpper(p.peek()); word {
	case "NOT":
		p.take()
		inner, err := p.factor(depth + 1)
		return &Rule{op: "NOT", left: inner}, err
	case "(":
		p.take()
		inner, err := p.either(depth + 1)
		if err != nil {
			return nil, err
		}
		return inner, p.expect(")")
	case "TRUE", "FALSE":
		p.take()
		return &Rule{op: word}, nil
	case "OK", "ALARM", "INSUFFICIENT_DATA":
		p.take()
		return p.state(word)
	case "":
		return nil, p.fault("the rule ends where a condition belongs")
	default:
		return nil, p.fault("%q is no condition", p.peek())
	}
}

// state reads the alarm in parentheses.
func (p *parser) state(op string) (*Rule, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	name, err := p.name()
	if err != nil {
		return nil, err
	}
	return &Rule{op: op, alarm: name}, p.expect(")")
}

// name reads an alarm's name: quoted, or up to the closing parenthesis or space.
func (p *parser) name() (string, error) {
	p.space()
	if p.at < len(p.text) && p.text[p.at] == '"' {
		return p.quoted()
	}
	start := p.at
	for p.at < len(p.text) && !strings.ContainsRune(" \t\r\n()\"", rune(p.text[p.at])) {
		p.at++
	}
	if p.at == start {
		return "", p.fault("an alarm's name is missing")
	}
	return p.text[start:p.at], nil
}

func (p *parser) quoted() (string, error) {
	var b strings.Builder
	for p.at++; p.at < len(p.text); p.at++ {
		switch c := p.text[p.at]; {
		case c == '"' && b.Len() == 0:
			return "", p.fault("an alarm's name is empty")
		case c == '"':
			p.at++
			return b.String(), nil
		case c == '\\' && p.at+1 < len(p.text):
			p.at++
			b.WriteByte(p.text[p.at])
		default:
			b.WriteByte(c)
		}
	}
	return "", p.fault("a quoted name does not end")
}

func (p *parser) space() {
	for p.at < len(p.text) && strings.ContainsRune(" \t\r\n", rune(p.text[p.at])) {
		p.at++
	}
}

// peek returns the next word or parenthesis, or nothing at the end.
func (p *parser) peek() string {
	p.space()
	end := p.at
	for end < len(p.text) && !strings.ContainsRune(" \t\r\n()\"", rune(p.text[end])) {
		end++
	}
	if end == p.at && end < len(p.text) {
		end++
	}
	return p.text[p.at:end]
}

func (p *parser) take() { p.at += len(p.peek()) }

func (p *parser) expect(word string) error {
	if p.peek() != word {
		return p.fault("%q is missing", word)
	}
	p.take()
	return nil
}
