package server

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// hostile are values that no member wants, each as it is written in JSON.
var hostile = []string{
	"null", "true", "-1", "0.5", "99999999999999999999", "1e400", `""`, `"` + strings.Repeat("x", 70_000) + `"`, `"\u0000"`, `"\ud800"`, `"\u202e"`, `"` + strings.Repeat("😀", 300) + `"`,
	`"2026-02-30"`, `"'; DROP TABLE people; -- "`, `"%_\\"`, "[]", "[null]", "{}", `{"a":{"b":[1]}}`, strings.Repeat("[", 500) + strings.Repeat("]", 500), `"` + nothing + `"`,
	`["` + nothing + `","` + nothing + `"]`, "9223372036854775807", "-9223372036854775808", `"9999-12-31T23:59:59Z"`, `"0000-01-01"`,
}

// hostileText are values for addresses: of queries and in place of ids.
var hostileText = []string{
	"", "\x00", "\xff\xfe", "-1", "0", "99999999999999999999", "1e400", strings.Repeat("x", 5000), "null", "{}", "[", `{"and":[{"f":"owner","op":"=","v":1e400}]}`,
	`{"f":"createdAt","op":"=","v":"2026-02-30"}`, `{"f":"x","op":"in","v":[null,{},[]]}`, strings.Repeat(`{"not":`, 2000) + "{}" + strings.Repeat("}", 2000),
	"2026-13-45", "0000-00-00", "9999-12-31", "-99999999999d", "../../etc/passwd", "😀", "\u202e", "'; DROP TABLE people; -- ", "%", "*", "a b c d e f g h i j", nothing, strings.ToUpper(nothing),
	"createdAt,-name", "cf.x", "Etc/GMT+12", "Local",
}

// bodies are JSON texts for a schema: a base that is right, with each member
// that the schema has set to each hostile value, so that nothing else is wrong;
// and some that are no object at all.
func bodies(document, schema, base object, known map[string]string) (all []string) {
	add := func(v any) {
		encoded, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		all = append(all, string(encoded))
	}
	members, _ := example(document, schema, known, 0).(object)
	add(base)
	add(members)
	all = append(all, "null", "[]", `"x"`, "0", "{}", "{", "", "\xff", `{"a":1,"a":2}`, `{"__proto__":{}}`, strings.Repeat(`{"a":`, 20_000), strings.Repeat("[", 9000)+strings.Repeat("]", 9000))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if set, ok := base[name]; ok {
			members[name] = set
		}
		for _, put := range place(base, name, members[name]) {
			for _, value := range hostile {
				add(put(json.RawMessage(value)))
			}
		}
	}
	return all
}

// place are the ways to put a value at a member of a base, or one level below
// it, where the member's example has one.
func place(base object, name string, like any) (all []func(any) any) {
	with := func(o object, name string, v any) object {
		changed := maps.Clone(o)
		changed[name] = v
		return changed
	}
	all = append(all, func(v any) any { return with(base, name, v) })
	switch below := like.(type) {
	case object:
		for _, deeper := range slices.Sorted(maps.Keys(below)) {
			all = append(all, func(v any) any { return with(base, name, with(below, deeper, v)) })
		}
	case []any:
		all = append(all, func(v any) any { return with(base, name, []any{v}) })
		if one, ok := below[0].(object); ok {
			for _, deeper := range slices.Sorted(maps.Keys(one)) {
				all = append(all, func(v any) any { return with(base, name, []any{with(one, deeper, v)}) })
			}
		}
	}
	return all
}

const deepest = 5

// example is a value that a schema describes.
func example(document, schema object, known map[string]string, depth int) any {
	if at, ok := schema["$ref"].(string); ok {
		schema = follow(document, at)
	}
	if one, ok := schema["oneOf"].([]any); ok {
		return example(document, one[0].(object), known, depth)
	}
	if words, ok := schema["enum"].([]any); ok {
		return words[0]
	}
	kind, _ := schema["type"].(string)
	if both, ok := schema["type"].([]any); ok {
		kind, _ = both[0].(string)
	}
	switch {
	case kind == "object" && depth < deepest:
		o := object{}
		properties, _ := schema["properties"].(object)
		for name, inner := range properties {
			o[name] = example(document, inner.(object), known, depth+1)
			if v, ok := known[name]; ok {
				o[name] = v
			}
		}
		return o
	case kind == "array" && depth < deepest:
		return []any{example(document, schema["items"].(object), known, depth+1)}
	case kind == "integer" || kind == "number":
		return 1
	case kind == "boolean":
		return true
	case schema["format"] == "uuid":
		return known["id"]
	case schema["format"] == "date-time":
		return "2026-11-26T09:00:00Z"
	case kind == "string":
		return "x"
	}
	return nil
}

// follow finds what a reference within the document names.
func follow(document object, at string) object {
	var v any = document
	for _, name := range strings.Split(strings.TrimPrefix(at, "#/"), "/") {
		v = v.(object)[name]
	}
	return v.(object)
}

// sampled is every nth of a list, beginning with one that the name decides, so
// that the parts of many lists together are of all kinds.
func sampled[T any](all []T, name string, n int) (some []T) {
	start := 0
	for _, c := range []byte(name) {
		start += int(c)
	}
	for i := start % n; i < len(all); i += n {
		some = append(some, all[i])
	}
	return some
}

// stride is how many of the hostile requests are left out: HOSTILE=1 sends all.
func stride(setting string) int {
	if n, err := strconv.Atoi(setting); err == nil && n > 0 {
		return n
	}
	return 7
}
