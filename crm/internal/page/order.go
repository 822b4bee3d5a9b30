package page

import (
	"slices"
	"strings"
)

// An Order is a sort by columns whose values together are unique.
type Order struct {
	Name    string // as in ?sort=
	Columns []Column
	Desc    bool
	parts   []string // the names that were joined, if any
}

// A Column is one sort column; Parse turns a cursor's text into an argument.
// One that may be NULL says so, and its cursor's text is then "".
type Column struct {
	Name  string
	Parse func(string) (any, error)
	Null  bool
	desc  bool // beside the order's own direction
}

// maxParts is how many sorts can be joined.
const maxParts = 3

// Values gives a row's sort values: of lets it say those of one sort, by its
// name without a minus, without the column that tells equal rows apart, whose
// value is last.
func (o Order) Values(of func(name string) []string, last string) []string {
	parts := o.parts
	if parts == nil {
		parts = []string{o.Name}
	}
	var all []string
	for _, p := range parts {
		all = append(all, of(strings.TrimPrefix(p, "-"))...)
	}
	return append(all, last)
}

// join makes one order of several, by the first, then by the next.
func (o Orders) join(names []string) (Order, bool) {
	joined := Order{Name: strings.Join(names, ","), parts: names}
	for i, name := range names {
		order, ok := o.find(name)
		if !ok || i >= maxParts || slices.ContainsFunc(names[:i], func(n string) bool { return strings.TrimPrefix(n, "-") == strings.TrimPrefix(name, "-") }) {
			return joined, false
		}
		columns := slices.Clone(order.Columns)
		for j := range columns {
			columns[j].desc = order.Desc
		}
		if i == len(names)-1 || len(columns) == 1 { // nothing is equal any more
			joined.Columns, joined.parts = append(joined.Columns, columns...), names[:i+1]
			break
		}
		joined.Columns = append(joined.Columns, columns[:len(columns)-1]...)
	}
	return joined, true
}

func (o Order) descending(i int) bool { return o.Desc || o.Columns[i].desc }

// By is the ORDER BY clause's list.
func (o Order) By() string {
	var parts []string
	for i, c := range o.Columns {
		direction := ""
		if o.descending(i) {
			direction = " DESC"
		}
		parts = append(parts, c.Name+direction)
	}
	return strings.Join(parts, ", ")
}

// After is a condition that holds for the rows behind the one with the given
// sort values. MySQL does not use an index for (a, b) > (?, ?), so it is
// written out as a >= ? AND (a > ? OR (b > ?)), from the innermost.
func (o Order) After(values []string) (string, []any, error) {
	if values == nil {
		return "", nil, nil
	}
	args := make([]any, len(values))
	for i, c := range o.Columns {
		if c.Null && values[i] == "" {
			continue
		}
		v, err := c.Parse(values[i])
		if err != nil {
			return "", nil, err
		}
		args[i] = v
	}
	sql, all := o.behind(0, args)
	return " AND " + sql, all, nil
}

func (o Order) behind(i int, args []any) (string, []any) {
	op, column := " >", o.Columns[i].Name
	if o.descending(i) {
		op = " <"
	}
	if i == len(o.Columns)-1 {
		return column + op + " ?", []any{args[i]}
	}
	inner, rest := o.behind(i+1, args)
	switch { // NULL is before every value
	case args[i] == nil && o.descending(i):
		return "(" + column + " IS NULL AND " + inner + ")", rest
	case args[i] == nil:
		return "(" + column + " IS NOT NULL OR " + inner + ")", rest
	case o.Columns[i].Null && o.descending(i):
		return "(" + column + " < ? OR " + column + " IS NULL OR (" + column + " = ? AND " + inner + "))", append([]any{args[i], args[i]}, rest...)
	}
	return "(" + column + op + "= ? AND (" + column + op + " ? OR " + inner + "))", append([]any{args[i], args[i]}, rest...)
}
