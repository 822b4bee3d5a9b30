package search

import (
	"fmt"
	"slices"
	"strings"
)

// The limits of a search expression (CloudWatch user guide: 1,024 characters).
const (
	maxLength = 1024
	maxDepth  = 50
)

// Parse reads a search expression.
func Parse(text string) (*Query, error) {
	if len(text) > maxLength {
		return nil, fmt.Errorf("the search expression has more than %d characters", maxLength)
	}
	p := &parser{text: text}
	q := &Query{}
	if p.peek() == "{" {
		if err := p.schema(q); err != nil {
			return nil, err
		}
	}
	if p.peek() == "" {
		if q.namespace == "" {
			return nil, fmt.Errorf("the search expression is empty")
		}
		return q, nil
	}
	var err error
	if q.where, err = p.either(0); err == nil && p.peek() != "" {
		err = p.fault("unexpected %q", p.peek())
	}
	return q, err
}

type parser struct {
	text string
	at   int
}

func (p *parser) fault(format string, args ...any) error {
	return fmt.Errorf("search expression, character %d: %s", p.at+1, fmt.Sprintf(format, args...))
}

// schema reads "{Namespace,Dimension,Dimension}".
func (p *parser) schema(q *Query) error {
	p.take()
	q.schema = true
	for first := true; ; first = false {
		text, _, err := p.word()
		if err != nil {
			return err
		}
		if first {
			q.namespace = text
		} else {
			q.dimensions = append(q.dimensions, text)
		}
		switch p.peek() {
		case ",":
			p.take()
		case "}":
			p.take()
			slices.Sort(q.dimensions)
			return nil
		default:
			return p.fault("the braces do not end")
		}
	}
}

func (p *parser) either(depth int) (*node, error) {
	left, err := p.both(depth)
	for err == nil && p.peek() == "OR" {
		p.take()
		var right *node
		right, err = p.both(depth)
		left = &node{op: "OR", left: left, right: right}
	}
	return left, err
}

func (p *parser) both(depth int) (*node, error) {
	left, err := p.factor(depth)
	for err == nil {
		switch p.peek() {
		case "", ")", "OR":
			return left, nil
		case "AND":
			p.take()
		}
		var right *node
		right, err = p.factor(depth)
		left = &node{op: "AND", left: left, right: right}
	}
	return nil, err
}

func (p *parser) factor(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, p.fault("nested too deep")
	}
	switch p.peek() {
	case "":
		return nil, p.fault("a term is missing")
	case "NOT":
		p.take()
		inner, err := p.factor(depth + 1)
		return &node{op: "NOT", left: inner}, err
	case "(":
		p.take()
		inner, err := p.either(depth + 1)
		if err == nil && p.peek() != ")" {
			err = p.fault("\")\" is missing")
		}
		p.take()
		return inner, err
	}
	return p.term(depth)
}

// term reads a word, "a phrase", Property=word or Property=(…).
func (p *parser) term(depth int) (*node, error) {
	text, exact, err := p.word()
	if err != nil || p.peek() != "=" {
		return &node{text: text, exact: exact}, err
	}
	p.take()
	if p.peek() == "(" {
		inner, err := p.factor(depth + 1)
		return inner.of(text), err
	}
	value, exact, err := p.word()
	return &node{property: text, text: value, exact: exact}, err
}

// of makes all terms below a node ask for one property.
func (n *node) of(property string) *node {
	if n == nil {
		return nil
	}
	if n.op == "" && n.property == "" {
		n.property = property
	}
	n.left.of(property)
	n.right.of(property)
	return n
}

const signs = "{}(),="

// word reads a word or what stands in quotes.
func (p *parser) word() (text string, exact bool, err error) {
	next := p.peek()
	if next == "" || strings.Contains(signs, next) {
		return "", false, p.fault("a word is missing")
	}
	if next != `"` {
		p.take()
		return next, false, nil
	}
	start := p.at + 1
	length := strings.IndexByte(p.text[start:], '"')
	if length < 0 {
		return "", false, p.fault("the quotes do not end")
	}
	p.at = start + length + 1
	return p.text[start : start+length], true, nil
}

// peek returns the next word or sign.
func (p *parser) peek() string {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
	end := p.at
	for end < len(p.text) && strings.IndexByte(signs+"\" \t\r\n", p.text[end]) < 0 {
		end++
	}
	if end == p.at && end < len(p.text) {
		end++
	}
	return p.text[p.at:end]
}

func (p *parser) take() { p.at += len(p.peek()) }
