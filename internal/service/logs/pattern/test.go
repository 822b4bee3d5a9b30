package pattern

import (
	"strconv"
	"strings"

	"apex/internal/service/logs/document"
)

// A test is a comparison or several of them: of a JSON document, or of one
// column, which is a document that is a string.
type test func(document.Value) bool

func both(a, b test) test {
	return func(v document.Value) bool { return a(v) && b(v) }
}

func either(a, b test) test {
	return func(v document.Value) bool { return a(v) || b(v) }
}

// A comparison holds a value against what a pattern wants.
type comparison struct {
	operator string // "=", "!=", "<", "<=", ">" or ">="
	want     string
	number   float64
	numeric  bool // want is a number
	regex    *regex
}

// comparison reads an operator and a value. Only "=" and "!=" compare texts.
func (p *parser) comparison(ends string) (comparison, error) {
	var c comparison
	for _, operator := range []string{"!=", "<=", ">=", "=", "<", ">"} {
		if p.take(operator) {
			c.operator = operator
			break
		}
	}
	if c.operator == "" {
		return c, errInvalid
	}
	return c, p.wanted(&c, ends)
}

// wanted reads what to compare with: a regular expression, a quoted text, or what
// stands up to a space, a parenthesis, an operator or one of ends.
func (p *parser) wanted(c *comparison, ends string) (err error) {
	p.skip()
	equality := c.operator == "=" || c.operator == "!="
	switch {
	case strings.HasPrefix(p.rest(), "%"):
		c.regex, err = p.regex()
	case strings.HasPrefix(p.rest(), `"`):
		c.want, err = p.quoted()
	default:
		end := strings.IndexAny(p.rest(), " \t\r\n()&|"+ends)
		if end <= 0 {
			return errInvalid
		}
		c.want = p.rest()[:end]
		p.pos += end
		c.number, err = strconv.ParseFloat(c.want, 64)
		c.numeric, err = err == nil, nil
	}
	if err == nil && !equality && !c.numeric {
		return errInvalid
	}
	return err
}

// holds compares numbers as such where both are numbers, else texts.
func (c comparison) holds(v document.Value) bool {
	text := v.Text()
	if c.regex != nil {
		return c.regex.match(text) == (c.operator == "=")
	}
	if c.numeric {
		if got, err := strconv.ParseFloat(text, 64); err == nil {
			return ordered(got, c.operator, c.number)
		}
	}
	switch c.operator {
	case "=":
		return like(c.want, text)
	case "!=":
		return !like(c.want, text)
	}
	return false
}

func ordered(a float64, operator string, b float64) bool {
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
	}
	return a >= b
}

// like reports whether text is what a pattern with "*" for any text describes.
func like(pattern, text string) bool {
	first, more, wild := strings.Cut(pattern, "*")
	if !wild {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	for ok {
		var part string
		if part, more, wild = strings.Cut(more, "*"); !wild {
			return strings.HasSuffix(text, part)
		}
		_, text, ok = strings.Cut(text, part)
	}
	return false
}
