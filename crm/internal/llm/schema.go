package llm

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Schema is the form of an answer: the part of JSON Schema that both wire
// APIs take. Every member of an object is required; what may be missing is
// nullable.
type Schema struct {
	Type     string // object, array, string, integer, number, boolean
	Doc      string
	Members  []Member // of an object
	Items    *Schema  // of an array
	Enum     []string
	Max      int // characters of a string, items of an array; 0: any
	Nullable bool
}

// A Member is one of an object's.
type Member struct {
	Name   string
	Schema *Schema
}

// jsonSchema is s as OpenAI's strict mode wants it, which takes no limits.
func (s *Schema) jsonSchema() map[string]any {
	m := s.common(func(inner *Schema) any { return inner.jsonSchema() })
	m["type"] = any(s.Type)
	if s.Nullable {
		m["type"] = []string{s.Type, "null"}
	}
	if s.Type == "object" {
		m["additionalProperties"] = false
	}
	return m
}

// openAPI is s as Gemini wants it.
func (s *Schema) openAPI() map[string]any {
	m := s.common(func(inner *Schema) any { return inner.openAPI() })
	m["type"] = strings.ToUpper(s.Type)
	if s.Nullable {
		m["nullable"] = true
	}
	if s.Type == "object" && len(s.Members) > 0 {
		var order []string
		for _, member := range s.Members {
			order = append(order, member.Name)
		}
		m["propertyOrdering"] = order
	}
	return m
}

func (s *Schema) common(inner func(*Schema) any) map[string]any {
	m := map[string]any{}
	if s.Doc != "" {
		m["description"] = s.Doc
	}
	if len(s.Enum) > 0 {
		m["enum"] = s.Enum
	}
	if s.Items != nil {
		m["items"] = inner(s.Items)
	}
	if s.Type != "object" {
		return m
	}
	properties, required := map[string]any{}, []string{}
	for _, member := range s.Members {
		properties[member.Name] = inner(member.Schema)
		required = append(required, member.Name)
	}
	m["properties"], m["required"] = properties, required
	return m
}

// Check says what of text, which is to be JSON, is not of the form s.
func (s *Schema) Check(text []byte) error {
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		return fmt.Errorf("read answer: not JSON: %w", err)
	}
	return s.value("", v)
}

func wrong(at, format string, args ...any) error {
	return fmt.Errorf("read answer: %s: %s", at, fmt.Sprintf(format, args...))
}

func (s *Schema) value(at string, v any) error {
	if v == nil && s.Nullable {
		return nil
	}
	switch s.Type {
	case "object":
		return s.object(at, v)
	case "array":
		return s.array(at, v)
	case "string":
		return s.text(at, v)
	case "integer", "number":
		f, ok := v.(float64)
		if !ok || s.Type == "integer" && f != float64(int64(f)) {
			return wrong(at, "want %s", s.Type)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return wrong(at, "want boolean")
		}
	}
	return nil
}

func (s *Schema) object(at string, v any) error {
	m, ok := v.(map[string]any)
	if !ok {
		return wrong(at, "want object")
	}
	for _, member := range s.Members {
		inner, ok := m[member.Name]
		if !ok && !member.Schema.Nullable {
			return wrong(at+"/"+member.Name, "is missing")
		}
		if err := member.Schema.value(at+"/"+member.Name, inner); err != nil {
			return err
		}
	}
	for name := range m {
		if !slices.ContainsFunc(s.Members, func(known Member) bool { return known.Name == name }) {
			return wrong(at, "there is no member %.40q", name)
		}
	}
	return nil
}

func (s *Schema) array(at string, v any) error {
	list, ok := v.([]any)
	if !ok {
		return wrong(at, "want array")
	}
	if s.Max > 0 && len(list) > s.Max {
		return wrong(at, "want at most %d items", s.Max)
	}
	for i, inner := range list {
		if err := s.Items.value(at+"/"+strconv.Itoa(i), inner); err != nil {
			return err
		}
	}
	return nil
}

func (s *Schema) text(at string, v any) error {
	text, ok := v.(string)
	switch {
	case !ok:
		return wrong(at, "want string")
	case len(s.Enum) > 0 && !slices.Contains(s.Enum, text):
		return wrong(at, "want one of %s", strings.Join(s.Enum, ", "))
	case s.Max > 0 && utf8.RuneCountInString(text) > s.Max:
		return wrong(at, "want at most %d characters", s.Max)
	}
	return nil
}
