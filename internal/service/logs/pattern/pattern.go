// Package pattern is the filter pattern language of CloudWatch Logs: it decides
// which messages FilterLogEvents, Live Tail, metric filters and subscription
// filters let through, and takes values out of them.
//
//	ERROR "disk full" -debug     words and phrases; -excluded
//	?ERROR ?WARN                 any of them
//	%^5\d\d%                     a regular expression, also instead of a word
//	{ $.level = "error" && ($.status >= 500 || $.user IS NULL) }
//	[ip, ..., status = 4* || status = 5*, bytes > 1000]
//
// (source: AWS's user guide, "Filter pattern syntax".)
package pattern

import (
	"strings"

	"apex/internal/service/logs/document"
)

// A Pattern is a filter pattern made out. It may be used by several goroutines.
type Pattern struct{ matcher matcher }

// A matcher is one of the pattern's three languages.
type matcher interface {
	// find tells whether a message passes, and what values can be taken from it.
	find(message string) (Match, bool)
	// selectors are what the pattern itself names in messages.
	selectors(m Match) []string
}

// Parse reads a pattern; its error is worded as AWS words it. The empty pattern
// lets every message through.
func Parse(text string) (*Pattern, error) {
	text = strings.TrimSpace(text)
	p := &parser{text: text}
	var m matcher
	var err error
	switch {
	case strings.HasPrefix(text, "{"):
		m, err = p.condition()
	case strings.HasPrefix(text, "["):
		m, err = p.columns()
	default:
		m, err = p.terms()
	}
	if err != nil {
		return nil, err
	}
	return &Pattern{m}, nil
}

// Match reports whether a message passes.
func (p *Pattern) Match(message string) bool {
	_, ok := p.matcher.find(message)
	return ok
}

// Find reports whether a message passes, and what can be taken from it.
func (p *Pattern) Find(message string) (Match, bool) { return p.matcher.find(message) }

// A Match is a message that passed, open to selectors.
type Match struct {
	document document.Value // of a JSON pattern
	columns  *columns       // of a pattern of columns
	fields   []string
}

// Value returns what a selector leads to: "$.user.id" in JSON, "$name" or "$3"
// among columns. ok is false if that is nothing.
func (m Match) Value(selector string) (value string, ok bool) {
	if m.columns != nil {
		return m.columns.value(m.fields, selector)
	}
	path, err := parseSelector(selector)
	if err != nil || m.document.Raw == nil {
		return "", false
	}
	m.document.Find(path, func(v document.Value) bool {
		if ok = v.Kind != document.Null; ok {
			value = v.Text()
		}
		return true
	})
	return value, ok
}

// Values returns what a pattern extracts from a message that passed, by selector:
// every column, or the members that the condition names.
func (p *Pattern) Values(m Match) map[string]string {
	out := map[string]string{}
	for _, selector := range p.matcher.selectors(m) {
		if value, ok := m.Value(selector); ok {
			out[selector] = value
		}
	}
	return out
}
