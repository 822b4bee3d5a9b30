package logs

import (
	"encoding/json"
	"strconv"
	"strings"
)

// A condition is a pattern on the members of JSON messages:
//
//	{ $.level = "error" && ($.status >= 500 || $.user.name = ann*) }
//
// A message that is no JSON object passes none. A comparison with a member that
// is absent does not hold, whatever it is.
type condition struct{ holds func(document any) bool }

func (c condition) matches(message string) bool {
	if !strings.HasPrefix(strings.TrimSpace(message), "{") {
		return false
	}
	decoder := json.NewDecoder(strings.NewReader(message))
	decoder.UseNumber()
	var document any
	return decoder.Decode(&document) == nil && c.holds(document)
}

// A path leads to a member: names and indexes.
type path []any // string or int

// find follows a path; ok is false if it leads nowhere.
func (p path) find(document any) (member any, ok bool) {
	for _, step := range p {
		switch step := step.(type) {
		case string:
			object, isObject := document.(map[string]any)
			if document, ok = object[step]; !isObject || !ok {
				return nil, false
			}
		case int:
			list, isList := document.([]any)
			if !isList || step >= len(list) {
				return nil, false
			}
			document = list[step]
		}
	}
	return document, true
}

// compare returns the comparison of a member with a text. Where both are
// numbers they are compared as such; else "=" and "!=" compare texts, in which
// the wanted one may have "*" for any text.
func compare(p path, operator, want string) func(any) bool {
	number, err := strconv.ParseFloat(want, 64)
	numeric := err == nil
	return func(document any) bool {
		member, ok := p.find(document)
		if !ok {
			return false
		}
		if n, isNumber := member.(json.Number); isNumber && numeric {
			got, err := n.Float64()
			return err == nil && ordered(got, operator, number)
		}
		text, ok := textOf(member)
		switch operator {
		case "=":
			return ok && like(want, text)
		case "!=":
			return ok && !like(want, text)
		}
		return false
	}
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

func textOf(member any) (string, bool) {
	switch m := member.(type) {
	case string:
		return m, true
	case json.Number:
		return m.String(), true
	case bool:
		return strconv.FormatBool(m), true
	}
	return "", false
}

// like reports whether text is what a pattern with "*" describes.
func like(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	for _, part := range parts[1 : len(parts)-1] {
		if _, text, ok = strings.Cut(text, part); !ok {
			return false
		}
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}

// is returns the test of a member for null, true or false.
func is(p path, what string) (func(any) bool, bool) {
	want, known := map[string]any{"NULL": nil, "TRUE": true, "FALSE": false}[what]
	return func(document any) bool {
		member, ok := p.find(document)
		return ok && member == want
	}, known
}

func absent(p path) func(any) bool {
	return func(document any) bool {
		_, ok := p.find(document)
		return !ok
	}
}
