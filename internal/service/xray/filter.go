package xray

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/scanner"
)

// A predicate tells whether a trace is wanted.
type predicate func(trace) bool

// maxParts bounds the parts of a filter expression.
const maxParts = 200

// parseFilter reads a filter expression: keywords, comparisons and service("…"),
// joined with AND and OR, turned with ! (X-Ray developer guide, Filter expressions).
// Only what is here is built; the rest is refused.
func parseFilter(text string) (predicate, error) {
	if strings.TrimSpace(text) == "" {
		return func(trace) bool { return true }, nil
	}
	p := &filterParser{}
	var s scanner.Scanner
	s.Init(strings.NewReader(text))
	s.Mode = scanner.ScanIdents | scanner.ScanFloats | scanner.ScanStrings
	s.Error = func(*scanner.Scanner, string) { p.bad = true }
	for token := s.Scan(); token != scanner.EOF; token = s.Scan() {
		p.tokens = append(p.tokens, s.TokenText())
	}
	if p.bad || len(p.tokens) > maxParts {
		return nil, fmt.Errorf("filter expression %q cannot be read", text)
	}
	out, err := p.or()
	if err == nil && p.at < len(p.tokens) {
		err = fmt.Errorf("filter expression: %q is one too many", p.tokens[p.at])
	}
	return out, err
}

type filterParser struct {
	tokens []string
	at     int
	bad    bool
}

func (p *filterParser) peek() string {
	if p.at < len(p.tokens) {
		return p.tokens[p.at]
	}
	return ""
}

func (p *filterParser) take() string {
	token := p.peek()
	p.at++
	return token
}

func (p *filterParser) or() (predicate, error) {
	left, err := p.and()
	for err == nil && strings.EqualFold(p.peek(), "or") {
		p.take()
		var right predicate
		one := left
		if right, err = p.and(); err == nil {
			left = func(t trace) bool { return one(t) || right(t) }
		}
	}
	return left, err
}

func (p *filterParser) and() (predicate, error) {
	left, err := p.not()
	for err == nil && strings.EqualFold(p.peek(), "and") {
		p.take()
		var right predicate
		one := left
		if right, err = p.not(); err == nil {
			left = func(t trace) bool { return one(t) && right(t) }
		}
	}
	return left, err
}

func (p *filterParser) not() (predicate, error) {
	switch p.peek() {
	case "!":
		p.take()
		inner, err := p.not()
		return func(t trace) bool { return !inner(t) }, err
	case "(":
		p.take()
		inner, err := p.or()
		if err == nil && p.take() != ")" {
			err = fmt.Errorf("filter expression: a bracket is not closed")
		}
		return inner, err
	}
	return p.term()
}

func (p *filterParser) term() (predicate, error) {
	name := p.take()
	for p.peek() == "." {
		p.take()
		name += "." + p.take()
	}
	switch name {
	case "ok", "error", "fault", "throttle", "partial":
		return flagged(name), nil
	case "service":
		return p.service()
	case "annotation":
		if p.take() != "[" {
			return nil, fmt.Errorf("filter expression: want annotation[key]")
		}
		name += "." + strings.Trim(p.take(), `"`)
		if p.take() != "]" {
			return nil, fmt.Errorf("filter expression: want annotation[key]")
		}
	}
	return p.comparison(name)
}

func flagged(name string) predicate {
	return func(t trace) bool {
		failed, faulty, throttled, partial := t.flags()
		return map[string]bool{
			"ok": !failed && !faulty && !throttled, "error": failed, "fault": faulty, "throttle": throttled, "partial": partial,
		}[name]
	}
}

func (p *filterParser) service() (predicate, error) {
	if p.take() != "(" {
		return nil, fmt.Errorf("filter expression: want service(name)")
	}
	name, err := strconv.Unquote(p.take())
	if err != nil || p.take() != ")" {
		return nil, fmt.Errorf("filter expression: want service(name)")
	}
	return func(t trace) bool { return slices.Contains(t.names(), name) }, nil
}

// comparison reads what follows a name: an operator and a value.
func (p *filterParser) comparison(name string) (predicate, error) {
	operator := p.take()
	if next := p.peek(); next == "=" && (operator == "!" || operator == "<" || operator == ">") {
		operator += p.take()
	}
	text := p.take()
	number, numberErr := strconv.ParseFloat(text, 64)
	word, wordErr := strconv.Unquote(text)
	if wordErr != nil {
		word = text
	}
	values, ok := valuesOf(name)
	if !ok || text == "" || !slices.Contains([]string{"=", "!=", "<", "<=", ">", ">=", "CONTAINS", "BEGINSWITH", "ENDSWITH"}, strings.ToUpper(operator)) {
		return nil, fmt.Errorf("filter expression: %s %s is not built", name, operator)
	}
	return func(t trace) bool {
		return slices.ContainsFunc(values(t), func(v any) bool {
			if n, isNumber := v.(float64); isNumber {
				return numberErr == nil && compares(n, operator, number)
			}
			return matches(fmt.Sprint(v), strings.ToUpper(operator), word)
		})
	}, nil
}

// valuesOf returns what a name stands for in a trace.
func valuesOf(name string) (func(trace) []any, bool) {
	switch name {
	case "responsetime":
		return func(t trace) []any { return []any{t.root().duration()} }, true
	case "duration":
		return func(t trace) []any { start, end := t.span(); return []any{end - start} }, true
	case "http.status":
		return func(t trace) []any {
			n, err := t.root().HTTP.Response.Status.Float64()
			if err != nil {
				return nil
			}
			return []any{n}
		}, true
	case "http.url":
		return func(t trace) []any { return []any{t.root().HTTP.Request.URL} }, true
	case "http.method":
		return func(t trace) []any { return []any{t.root().HTTP.Request.Method} }, true
	case "user":
		return func(t trace) []any { return []any{t.root().User} }, true
	}
	key, ok := strings.CutPrefix(name, "annotation.")
	return func(t trace) []any { return t.annotations()[key] }, ok && key != ""
}

func compares(a float64, operator string, b float64) bool {
	switch operator {
	case "=":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	}
	return false
}

func matches(text, operator, word string) bool {
	switch operator {
	case "=":
		return text == word
	case "!=":
		return text != word
	case "CONTAINS":
		return strings.Contains(text, word)
	case "BEGINSWITH":
		return strings.HasPrefix(text, word)
	case "ENDSWITH":
		return strings.HasSuffix(text, word)
	}
	return false
}
