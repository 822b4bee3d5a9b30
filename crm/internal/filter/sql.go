package filter

import (
	"slices"
	"strconv"
	"strings"

	"apexai/crm/internal/check"
	"apexai/crm/internal/page"
)

// SQL is the filter as a condition, "" if it holds for every record, with the
// arguments of its marks in their order. What a field does not have or take
// is refused, each with a pointer into the filter.
func (n Node) SQL(fields Fields) (where string, args []any, err error) {
	if err := n.Check(); err != nil {
		return "", nil, err
	}
	if n.Empty() {
		return "", nil, nil
	}
	c := compiler{fields: fields}
	where = c.node(n, "")
	return where, c.args, c.faults.Problem()
}

// A compiler writes a condition and gathers its arguments and faults.
type compiler struct {
	fields Fields
	args   []any
	faults check.Faults
}

func (c *compiler) node(n Node, at string) string {
	switch {
	case len(n.And) > 0:
		return c.group(n.And, " AND ", at+"/and/")
	case len(n.Or) > 0:
		return c.group(n.Or, " OR ", at+"/or/")
	case n.Not != nil:
		return "NOT COALESCE(" + c.node(*n.Not, at+"/not") + ", 0)" // what is unknown is not the case
	}
	return c.leaf(n, at)
}

func (c *compiler) group(nodes []Node, word, at string) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = c.node(n, at+strconv.Itoa(i))
	}
	return "(" + strings.Join(parts, word) + ")"
}

// negated are the operators that hold where their opposite does not.
var negated = map[Op]Op{NotEqual: Equal, NotIn: In, IsEmpty: NotEmpty}

func (c *compiler) leaf(n Node, at string) string {
	field, ok := c.fields.Find(n.Field)
	if !ok {
		c.faults.Add(at+"/f", "unknown", "there is no field "+strconv.Quote(cut(n.Field)))
		return "1"
	}
	if !slices.Contains(field.Operators(), n.Op) {
		c.faults.Add(at+"/op", "operator", n.Field+" takes "+names(field.Operators()))
		return "1"
	}
	op, not := n.Op, false
	if opposite, ok := negated[n.Op]; ok {
		op, not = opposite, true
	}
	if field.Many != "" {
		c.args = append(c.args, field.Args...)
	}
	condition := c.compare(field, op, n, at+"/v")
	switch {
	case field.Many != "" && not:
		return "NOT EXISTS (" + field.Many + " AND " + condition + ")"
	case field.Many != "":
		return "EXISTS (" + field.Many + " AND " + condition + ")"
	case not && op == NotEmpty:
		return "NOT " + condition
	case not:
		return "(" + field.Column + " IS NULL OR NOT " + condition + ")"
	}
	return condition
}

// compare is the condition of one leaf, without its negation.
func (c *compiler) compare(f Field, op Op, n Node, at string) string {
	if op == NotEmpty {
		if n.Value != nil && string(n.Value) != "null" {
			c.faults.Add(at, "unexpected", "this operator takes no value")
		}
		return notEmpty(f)
	}
	if op == In {
		values := c.list(f, n.Value, at)
		c.args = append(c.args, values...)
		return "(" + f.Column + " IN (" + page.Marks(len(values)) + "))"
	}
	if f.Type == Date || f.Type == Time {
		return c.date(f, op, n, at)
	}
	value := c.value(f, n.Value, at)
	if op == Contains || op == StartsWith {
		return c.like(f, op, value)
	}
	c.args = append(c.args, value)
	return "(" + f.Column + " " + string(op) + " ?)"
}

func notEmpty(f Field) string {
	if f.Type == Text || f.Type == Choice {
		return "COALESCE(" + f.Column + " <> '', 0)"
	}
	return "(" + f.Column + " IS NOT NULL)"
}

func (c *compiler) like(f Field, op Op, value any) string {
	pattern, _ := value.(string) // of a faulty value nothing is asked
	pattern = page.Prefix(pattern)
	if op == Contains {
		pattern = "%" + pattern
	}
	c.args = append(c.args, pattern)
	return "(" + f.Column + " LIKE ?)"
}

// date compares with a span, so that "= today" is a range and uses an index.
func (c *compiler) date(f Field, op Op, n Node, at string) string {
	s, ok := c.span(n.Value, at)
	if !ok {
		return "1"
	}
	bound := func(first bool) any {
		e := s.to
		if first {
			e = s.from
		}
		if f.Type == Date {
			return e.day.Format(dayFormat)
		}
		return e.at
	}
	compare := func(op string, first bool) string {
		c.args = append(c.args, bound(first))
		return f.Column + " " + op + " ?"
	}
	switch op {
	case More:
		return "(" + compare(">=", false) + ")"
	case AtLeast:
		return "(" + compare(">=", true) + ")"
	case Less:
		return "(" + compare("<", true) + ")"
	case AtMost:
		return "(" + compare("<", false) + ")"
	}
	return "(" + compare(">=", true) + " AND " + compare("<", false) + ")"
}

func names(ops []Op) string {
	all := make([]string, len(ops))
	for i, op := range ops {
		all[i] = string(op)
	}
	return strings.Join(all, ", ")
}

func cut(s string) string { return s[:min(len(s), 40)] }
