package stack

import (
	"fmt"
	"slices"
	"strings"
)

// A Problem is one mistake in a stack file.
type Problem struct {
	File         string
	Line, Column int    // from 1; zero when the file as a whole is meant
	Message      string // "services.server.memory: 1000 MiB do not go with 512 CPU units"
	Hint         string // the way out; may be empty
	Excerpt      string // the line in the file
}

// Error returns "apex.yaml:12:13: message".
func (p Problem) Error() string {
	if p.Line == 0 {
		return p.File + ": " + p.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// Explain returns the problem with the line of the file, a caret under the
// place, and the way out.
func (p Problem) Explain() string {
	var b strings.Builder
	b.WriteString(p.Error() + "\n")
	if p.Line > 0 {
		number := fmt.Sprintf("%5d", p.Line)
		fmt.Fprintf(&b, "%s | %s\n", number, p.Excerpt)
		fmt.Fprintf(&b, "%s | %s^\n", strings.Repeat(" ", len(number)), indent(p.Excerpt, p.Column))
	}
	if p.Hint != "" {
		b.WriteString("hint: " + p.Hint + "\n")
	}
	return b.String()
}

// indent is as wide as what stands before the column; tabs stay tabs, so that
// the caret lands right however wide a terminal shows them.
func indent(line string, column int) string {
	var b strings.Builder
	for i, r := range []rune(line) {
		if i >= column-1 {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Problems are all mistakes found in a file, in its order.
type Problems []Problem

// Error returns every problem on a line.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Explain returns every problem with its excerpt and hint.
func (ps Problems) Explain() string {
	texts := make([]string, len(ps))
	for i, p := range ps {
		texts[i] = p.Explain()
	}
	return strings.Join(texts, "\n")
}

// sorted returns the problems in the file's order, each said once: a mistake in
// the base shows up in every environment.
func (ps Problems) sorted() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	return slices.CompactFunc(ps, func(a, b Problem) bool {
		return a.Line == b.Line && a.Column == b.Column && a.Message == b.Message
	})
}
