package route

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
)

// A Table is a listener's rules, ready to be matched. How long a match takes
// does not grow with the number of rules that are about other hosts or paths.
type Table struct {
	rules []Rule
	def   Rule
	index index
}

// NewTable sorts the rules by priority; def is the action if none matches. An
// expression that is none (see Rule.Check) matches nothing.
func NewTable(rules []Rule, def Action) *Table {
	t := &Table{rules: slices.Clone(rules), def: Rule{ID: "default", Action: def}}
	slices.SortStableFunc(t.rules, func(a, b Rule) int { return cmp.Compare(a.Priority, b.Priority) })
	for i := range t.rules {
		t.rules[i].compile()
		t.index.add(int32(i), &t.rules[i])
	}
	return t
}

// few is how many rules are gone through one by one faster than by the index.
const few = 8

// Match returns the first rule that matches, else the default one, and how many
// rules stand up to there: so many count as evaluated.
func (t *Table) Match(r *Request) (rule *Rule, evaluated int) {
	if len(t.rules) > few {
		return t.lookUp(r)
	}
	for i := range t.rules {
		if t.rules[i].matches(r) {
			return &t.rules[i], i + 1
		}
	}
	return &t.def, len(t.rules)
}

// lookUp is Match by the index.
func (t *Table) lookUp(r *Request) (rule *Rule, evaluated int) {
	var c candidates
	t.index.find(r, &c)
	for {
		i, ok := c.next()
		if !ok {
			return &t.def, len(t.rules)
		}
		if t.rules[i].matches(r) {
			return &t.rules[i], int(i) + 1
		}
	}
}

func (r *Rule) matches(req *Request) bool {
	for i := range r.Conditions {
		if !r.Conditions[i].Matches(req) {
			return false
		}
	}
	return true
}

// compile makes the rule's expressions ready, in copies of what it holds.
func (r *Rule) compile() {
	r.Conditions, r.Transforms = slices.Clone(r.Conditions), slices.Clone(r.Transforms)
	for i := range r.Conditions {
		c := &r.Conditions[i]
		c.compiled = nil
		for _, text := range c.Regex {
			if e, err := c.expression(text); err == nil {
				c.compiled = append(c.compiled, e)
			}
		}
	}
	for i := range r.Transforms {
		r.Transforms[i].compile()
	}
}

// Check says which expression of the rule is none.
func (r *Rule) Check() error {
	for i := range r.Conditions {
		for _, text := range r.Conditions[i].Regex {
			if _, err := r.Conditions[i].expression(text); err != nil {
				return fmt.Errorf("rule %s: condition %s: %w", r.ID, r.Conditions[i].Field, err)
			}
		}
	}
	for i := range r.Transforms {
		if err := r.Transforms[i].check(); err != nil {
			return fmt.Errorf("rule %s: %w", r.ID, err)
		}
	}
	return nil
}

// expression compiles one of the condition's expressions: only paths are
// compared with regard to case.
func (c *Condition) expression(text string) (*regexp.Regexp, error) {
	if c.Field != PathPattern {
		text = "(?i)" + text
	}
	return regexp.Compile(text)
}
