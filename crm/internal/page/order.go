package page

import "strings"

// An Order is a sort by columns whose values together are unique.
type Order struct {
	Name    string // as in ?sort=
	Columns []Column
	Desc    bool
}

// A Column is one sort column; Parse turns a cursor's text into an argument.
type Column struct {
	Name  string
	Parse func(string) (any, error)
}

// By is the ORDER BY clause's list.
func (o Order) By() string {
	direction := ""
	if o.Desc {
		direction = " DESC"
	}
	var parts []string
	for _, c := range o.Columns {
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
	op := " >"
	if o.Desc {
		op = " <"
	}
	column := o.Columns[i].Name
	if i == len(o.Columns)-1 {
		return column + op + " ?", []any{args[i]}
	}
	inner, rest := o.behind(i+1, args)
	return "(" + column + op + "= ? AND (" + column + op + " ? OR " + inner + "))", append([]any{args[i], args[i]}, rest...)
}
