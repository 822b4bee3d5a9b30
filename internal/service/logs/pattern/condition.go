package pattern

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"apex/internal/service/logs/document"
)

// A condition is a pattern on the members of JSON messages. A message that is no
// JSON object or array passes none. A comparison with a member that is absent
// does not hold, whatever it is.
type condition struct {
	holds test
	names []string
}

func (c condition) find(message string) (Match, bool) {
	first := strings.TrimLeft(message, " \t\r\n")
	if first == "" || first[0] != '{' && first[0] != '[' || !json.Valid([]byte(message)) {
		return Match{}, false
	}
	doc, ok := document.Whole([]byte(message))
	if !ok || !c.holds(doc) {
		return Match{}, false
	}
	return Match{document: doc}, true
}

func (c condition) selectors(Match) []string { return c.names }

// condition reads a condition in braces.
func (p *parser) condition() (matcher, error) {
	if !strings.HasSuffix(p.text, "}") {
		return nil, fault("If a filter pattern starts with '{' it must end with '}'")
	}
	p.take("{")
	c := condition{}
	holds, err := p.any(func() (test, error) {
		start := p.pos
		path, err := p.selector()
		if err != nil {
			return nil, err
		}
		if name := strings.TrimSpace(p.text[start:p.pos]); !slices.Contains(c.names, name) {
			c.names = append(c.names, name)
		}
		one, err := p.member(path)
		return one, err
	})
	if err != nil {
		return nil, err
	}
	c.holds = holds
	if p.take("}"); p.pos != len(p.text) {
		return nil, errInvalid
	}
	return c, nil
}

// member reads what is asked of a member.
func (p *parser) member(path []document.Step) (test, error) {
	switch {
	case p.take("NOT"):
		if !p.take("EXISTS") {
			return nil, errInvalid
		}
		return func(v document.Value) bool {
			return !v.Find(path, func(document.Value) bool { return true })
		}, nil
	case p.take("IS"):
		for word, kind := range map[string]document.Kind{"NULL": document.Null, "TRUE": document.True, "FALSE": document.False} {
			if p.take(word) {
				return func(v document.Value) bool {
					return v.Find(path, func(m document.Value) bool { return m.Kind == kind })
				}, nil
			}
		}
		return nil, errInvalid
	}
	c, err := p.comparison("}")
	return func(v document.Value) bool {
		return v.Find(path, func(m document.Value) bool {
			return m.Kind != document.Null && m.Kind < document.Array && c.holds(m)
		})
	}, err
}

// selector reads $.name.name[0]["name"]; [*] is every item of an array.
func (p *parser) selector() ([]document.Step, error) {
	if !p.take("$") {
		return nil, errInvalid
	}
	var steps []document.Step
	for {
		bracket := strings.HasPrefix(p.rest(), "[") || strings.HasPrefix(p.rest(), ".[")
		switch {
		case bracket:
			step, err := p.bracket()
			if err != nil {
				return nil, err
			}
			steps = append(steps, step)
		case strings.HasPrefix(p.rest(), "."):
			p.pos++
			name := p.word("-@:/")
			if name == "" {
				return nil, errInvalid
			}
			steps = append(steps, document.Step{Name: name})
		case len(steps) == 0:
			return nil, errInvalid
		default:
			return steps, nil
		}
	}
}

// bracket reads [0], [*], ["name"] or ['name'], also with a dot before it.
func (p *parser) bracket() (document.Step, error) {
	p.pos += strings.IndexByte(p.rest(), '[') + 1
	end := strings.IndexByte(p.rest(), ']')
	if end <= 0 {
		return document.Step{}, errInvalid
	}
	inside := p.rest()[:end]
	p.pos += end + 1
	if inside == "*" {
		return document.Step{Index: document.AnyItem}, nil
	}
	if n, err := strconv.Atoi(inside); err == nil && n >= 0 {
		return document.Step{Index: n}, nil
	}
	name := strings.Trim(inside, `"'`)
	if len(name) != len(inside)-2 || name == "" {
		return document.Step{}, errInvalid
	}
	return document.Step{Name: name}, nil
}

// parseSelector reads a whole selector.
func parseSelector(text string) ([]document.Step, error) {
	p := &parser{text: text}
	steps, err := p.selector()
	if err == nil && p.pos != len(text) {
		err = errInvalid
	}
	return steps, err
}
