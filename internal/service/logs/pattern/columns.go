package pattern

import (
	"strconv"
	"strings"

	"apex/internal/service/logs/document"
)

// columns are a pattern on messages whose fields are parted by spaces. Quotes and
// brackets make one field of what is in them. "..." stands for any number of
// columns; without it a message must have exactly as many fields.
type columns struct {
	before, after []column
	open          bool // has "..."
}

// A column is one field's name and what it must be.
type column struct {
	name string // empty where it has none
	test test   // nil takes anything
}

func (c *columns) find(message string) (Match, bool) {
	fields := splitFields(message)
	least := len(c.before) + len(c.after)
	if len(fields) < least || len(fields) > least && !c.open {
		return Match{}, false
	}
	for i, column := range c.before {
		if !column.takes(fields[i]) {
			return Match{}, false
		}
	}
	for i, column := range c.after {
		if !column.takes(fields[len(fields)-len(c.after)+i]) {
			return Match{}, false
		}
	}
	return Match{columns: c, fields: fields}, true
}

func (c column) takes(field string) bool {
	return c.test == nil || c.test(document.Value{Kind: document.Number, Raw: []byte(field)}) // a text as it stands
}

// name returns what a field is called: its column's name, or its number.
func (c *columns) name(fields []string, i int) string {
	fromEnd := len(fields) - i
	switch {
	case i < len(c.before) && c.before[i].name != "":
		return "$" + c.before[i].name
	case fromEnd <= len(c.after) && c.after[len(c.after)-fromEnd].name != "":
		return "$" + c.after[len(c.after)-fromEnd].name
	}
	return "$" + strconv.Itoa(i+1)
}

func (c *columns) selectors(m Match) []string {
	var names []string
	for i := range m.fields {
		names = append(names, c.name(m.fields, i))
	}
	return names
}

func (c *columns) value(fields []string, selector string) (string, bool) {
	for i, field := range fields {
		if selector == c.name(fields, i) || selector == "$"+strconv.Itoa(i+1) {
			return field, true
		}
	}
	return "", false
}

// splitFields parts a message at spaces, but not in "quotes" or [brackets].
func splitFields(message string) (fields []string) {
	rest := strings.TrimLeft(message, " \t\r\n")
	for rest != "" {
		end, skip := strings.IndexAny(rest, " \t\r\n"), 0
		if closing, ok := map[byte]string{'"': `"`, '[': "]"}[rest[0]]; ok {
			if n := strings.Index(rest[1:], closing); n >= 0 {
				rest, end, skip = rest[1:], n, 1
			}
		}
		if end < 0 {
			end = len(rest)
		}
		fields = append(fields, rest[:end])
		rest = strings.TrimLeft(rest[end+skip:], " \t\r\n")
	}
	return fields
}

// columns reads columns in brackets.
func (p *parser) columns() (matcher, error) {
	if !strings.HasSuffix(p.text, "]") {
		return nil, errInvalid
	}
	p.take("[")
	c := &columns{}
	if p.take("]") && p.pos == len(p.text) {
		c.open = true // [] takes every message
		return c, nil
	}
	for {
		if p.take("...") {
			if c.open {
				return nil, errInvalid
			}
			c.open = true
		} else if err := p.column(c); err != nil {
			return nil, err
		}
		if p.take(",") {
			continue
		}
		if p.take("]"); p.pos != len(p.text) || p.text[p.pos-1] != ']' {
			return nil, errInvalid
		}
		return c, nil
	}
}

// column reads a name, or comparisons that all begin with one name. A column may
// be empty.
func (p *parser) column(c *columns) error {
	into := &c.before
	if c.open {
		into = &c.after
	}
	start := p.pos
	p.skip()
	name := p.word("-.")
	p.skip()
	one := column{name: name}
	if next := p.rest(); next == "" || next[0] != ',' && next[0] != ']' {
		p.pos = start
		var err error
		if one.test, err = p.any(func() (test, error) { return p.columnTest(&one.name) }); err != nil {
			return err
		}
	}
	*into = append(*into, one)
	return nil
}

func (p *parser) columnTest(name *string) (test, error) {
	p.skip()
	word := p.word("-.")
	if word == "" || *name != "" && word != *name {
		return nil, errInvalid
	}
	*name = word
	c, err := p.comparison(",]")
	return c.holds, err
}
