// Package search reads the search expressions of CloudWatch's SEARCH function and
// finds the metrics that they mean, such as
//
//	{AWS/ECS,ClusterName,ServiceName} MetricName="CPUUtilization" server NOT studio
//
// In braces stand a namespace and the names of all dimensions. What follows are
// terms, joined by AND (which may be left out), OR and NOT. A term in quotes
// matches a whole name or value; one without matches words in it, where words end
// at other signs and before capitals ("CPUUtilization" has cpu and utilization).
package search

import (
	"slices"
	"strings"
	"unicode"

	"apex/internal/dataplane/series"
)

// A Query is a search expression that was read.
type Query struct {
	namespace  string // empty for any
	dimensions []string
	schema     bool // whether dimensions were given
	where      *node
}

// A node is a condition: a term, or one that joins others.
type node struct {
	op          string // "AND", "OR", "NOT", "" for a term
	left, right *node
	property    string // "MetricName", "Namespace", a dimension's name; empty for any of them
	text        string
	exact       bool
}

// Matches tells whether a series is among those meant.
func (q *Query) Matches(id series.ID) bool {
	if q.namespace != "" && id.Space != q.namespace {
		return false
	}
	if q.schema {
		names := make([]string, 0, len(id.Labels))
		for _, l := range id.Labels {
			names = append(names, l.Name)
		}
		slices.Sort(names)
		if !slices.Equal(names, q.dimensions) {
			return false
		}
	}
	return q.where == nil || q.where.matches(id)
}

func (n *node) matches(id series.ID) bool {
	switch n.op {
	case "AND":
		return n.left.matches(id) && n.right.matches(id)
	case "OR":
		return n.left.matches(id) || n.right.matches(id)
	case "NOT":
		return !n.left.matches(id)
	}
	switch strings.ToLower(n.property) {
	case "metricname":
		return n.fits(id.Name)
	case "namespace":
		return n.fits(id.Space)
	case "":
		return n.anywhere(id)
	}
	for _, l := range id.Labels {
		if l.Name == n.property && n.fits(l.Value) {
			return true
		}
	}
	return false
}

func (n *node) anywhere(id series.ID) bool {
	if n.fits(id.Name) || n.fits(id.Space) {
		return true
	}
	for _, l := range id.Labels {
		if n.fits(l.Name) || n.fits(l.Value) {
			return true
		}
	}
	return false
}

// fits tells whether a term matches a name or value.
func (n *node) fits(text string) bool {
	if n.exact {
		return text == n.text
	}
	if strings.EqualFold(text, n.text) {
		return true
	}
	have := words(text)
	for _, word := range words(n.text) {
		if !slices.Contains(have, word) {
			return false
		}
	}
	return true
}

// words returns the lower-case words of a name, and each run of letters and digits
// as a whole.
func words(text string) []string {
	var all []string
	for _, run := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		all = append(all, strings.ToLower(run))
		runes, start := []rune(run), 0
		for i := 1; i < len(runes); i++ {
			lowerToUpper := !unicode.IsUpper(runes[i-1]) && unicode.IsUpper(runes[i])
			wordAfterCapitals := unicode.IsUpper(runes[i-1]) && unicode.IsUpper(runes[i]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if lowerToUpper || wordAfterCapitals {
				all = append(all, strings.ToLower(string(runes[start:i])))
				start = i
			}
		}
		if start > 0 {
			all = append(all, strings.ToLower(string(runes[start:])))
		}
	}
	return all
}
