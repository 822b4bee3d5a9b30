package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"apexai/crm/internal/problem"
)

// CheckQuery refuses what a request's query has and the route does not take: a
// filter whose name is misspelt would otherwise be lost without a word, and the
// whole list be answered.
func (r Route) CheckQuery(raw string) error {
	if raw == "" {
		return nil
	}
	given, err := url.ParseQuery(raw)
	if err != nil {
		return problem.Syntax("the query behind the ? cannot be read: " + err.Error())
	}
	for name, values := range given {
		i := slices.IndexFunc(r.Query, func(p Param) bool { return p.Name == name })
		switch {
		case i < 0:
			return problem.Syntax(fmt.Sprintf("there is no parameter %.40q here: %s", name, r.takes()))
		case len(values) > 1:
			return problem.Syntax(name + " is given twice")
		case values[0] != "" && !r.Query[i].has(values[0]):
			return problem.Syntax(name + " is not one of " + strings.Join(r.Query[i].choices(), ", "))
		}
	}
	return nil
}

// takes names the parameters that there are.
func (r Route) takes() string {
	var names []string
	for _, p := range r.Query {
		names = append(names, p.Name)
	}
	if len(names) == 0 {
		return "it takes none"
	}
	return "it takes " + strings.Join(names, ", ")
}

// choices are the values that there are, nil if they are many.
func (p Param) choices() []string {
	if p.Kind == Boolean {
		return []string{"true", "false"}
	}
	return p.Enum
}

func (p Param) has(value string) bool {
	choices := p.choices()
	return choices == nil || slices.Contains(choices, value)
}
