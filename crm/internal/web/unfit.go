package web

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
)

// unfit says what in a text is not what it is to be read into, and where.
func unfit(text []byte, err error) error {
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		where := ""
		if t.Field != "" {
			where = "/" + strings.ReplaceAll(t.Field, ".", "/")
		}
		return problem.Validation(problem.Fault{Pointer: where, Code: "type", Message: "this is " + given(t.Value) + " where " + wanted(t.Type) + " is wanted"})
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok { // encoding/json has no type for it
		name = strings.Trim(name, `"`)
		where := find(text, func(member string, _ any) bool { return member == name })
		return problem.Validation(problem.Fault{Pointer: where, Code: "unknown", Message: "there is no such member"})
	}
	if v, ok := errors.AsType[*id.Fault](err); ok {
		return problem.Validation(problem.Fault{Pointer: find(text, equals(v.Text)), Code: "id", Message: "this is not an id, which looks like 0190f5fe-7c00-7a00-8000-000000000000"})
	}
	if v, ok := errors.AsType[*time.ParseError](err); ok {
		return problem.Validation(problem.Fault{Pointer: find(text, equals(v.Value)), Code: "time", Message: "this is not a time, which looks like 2026-07-31T09:30:00Z"})
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return problem.Syntax("the body is not JSON: " + err.Error())
	}
	return problem.Syntax("the body cannot be read: " + err.Error())
}

// given says in plain words what encoding/json calls a value.
func given(value string) string {
	switch value {
	case "string":
		return "a text"
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "bool":
		return "true or false"
	case "number":
		return "a number"
	}
	return value // "number 1.5"
}

func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Bool:
		return "true or false"
	case reflect.Struct, reflect.Map:
		return "an object"
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Uint32:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	}
	return "something else"
}

func equals(text string) func(string, any) bool {
	return func(_ string, value any) bool { return value == text }
}

// find is the pointer (RFC 6901) to the first value that which picks by its
// member's name and itself; "" if there is none.
func find(text []byte, which func(member string, value any) bool) string {
	var all any
	if json.Unmarshal(text, &all) != nil {
		return ""
	}
	where, _ := pick(all, which)
	return where
}

func pick(v any, which func(string, any) bool) (where string, ok bool) {
	members := map[string]any{}
	var names []string
	switch v := v.(type) {
	case map[string]any:
		members, names = v, slices.Sorted(maps.Keys(v))
	case []any:
		for i, element := range v {
			names = append(names, strconv.Itoa(i))
			members[names[i]] = element
		}
	}
	for _, name := range names {
		here := "/" + pointer.Replace(name)
		if which(name, members[name]) {
			return here, true
		}
		if below, ok := pick(members[name], which); ok {
			return here + below, true
		}
	}
	return "", false
}
