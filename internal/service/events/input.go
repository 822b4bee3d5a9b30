package events

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"apex/internal/api/eventsapi"
)

// inputFor is what a target gets of an event: all of it, a part, a text of its own,
// or a template with parts filled in.
func inputFor(t eventsapi.Target, rule Rule, event string, now time.Time) string {
	switch {
	case t.Input != nil:
		return *t.Input
	case t.InputPath != nil:
		part, ok := at(event, *t.InputPath)
		if !ok {
			return "{}"
		}
		return compact(part)
	case t.InputTransformer != nil:
		values := map[string]any{}
		for name, path := range t.InputTransformer.InputPathsMap {
			values[name], _ = at(event, path)
		}
		reserved(values, rule, event, now)
		return fill(*t.InputTransformer.InputTemplate, values)
	case t.EcsParameters != nil:
		return "" // an event is no override of a task
	}
	return event
}

// reserved adds the values that every template may use (EventBridge user guide,
// Input transformation).
func reserved(values map[string]any, rule Rule, event string, now time.Time) {
	whole := decode(event)
	values["aws.events.rule-arn"] = ruleARN(rule.Key)
	values["aws.events.rule-name"] = rule.Spec.Name
	values["aws.events.event.ingestion-time"] = now.UTC().Format(eventTime)
	values["aws.events.event.json"] = whole
	object, _ := decode(event).(map[string]any)
	delete(object, "detail")
	values["aws.events.event"] = object
}

func decode(text string) any {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if decoder.Decode(&v) != nil {
		return nil
	}
	return v
}

func compact(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return "null"
	}
	return string(text)
}

// isPath tells the paths that at reads: "$", "$.detail.items[0].name".
func isPath(path string) bool {
	_, ok := steps(path)
	return ok
}

func steps(path string) ([]string, bool) {
	rest, ok := strings.CutPrefix(path, "$")
	if !ok {
		return nil, false
	}
	var out []string
	for rest != "" {
		switch {
		case rest[0] == '.':
			end := strings.IndexAny(rest[1:], ".[") + 1
			if end == 0 {
				end = len(rest)
			}
			if end == 1 {
				return nil, false
			}
			out, rest = append(out, rest[1:end]), rest[end:]
		case rest[0] == '[':
			inner, after, found := strings.Cut(rest[1:], "]")
			inner = strings.Trim(inner, `'"`)
			if !found || inner == "" {
				return nil, false
			}
			out, rest = append(out, inner), after
		default:
			return nil, false
		}
	}
	return out, true
}

// at returns the part of an event that a path names.
func at(event, path string) (any, bool) {
	v := decode(event)
	names, ok := steps(path)
	for _, name := range names {
		switch inner := v.(type) {
		case map[string]any:
			if v, ok = inner[name]; !ok {
				return nil, false
			}
		case []any:
			n, err := strconv.Atoi(name)
			if err != nil || n < 0 || n >= len(inner) {
				return nil, false
			}
			v = inner[n]
		default:
			return nil, false
		}
	}
	return v, ok
}

// fill puts values where a template has <name>: as JSON, or as text where it stands
// in a JSON string.
func fill(template string, values map[string]any) string {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(template); i++ {
		c := template[i]
		switch {
		case c == '\\' && i+1 < len(template):
			b.WriteString(template[i : i+2])
			i++
			continue
		case c == '"':
			quoted = !quoted
		case c == '<':
			name, _, closed := strings.Cut(template[i+1:], ">")
			value, known := values[name]
			if closed && known {
				b.WriteString(filled(value, quoted))
				i += len(name) + 1
				continue
			}
		}
		b.WriteByte(c)
	}
	return b.String()
}

func filled(value any, quoted bool) string {
	if !quoted {
		return compact(value)
	}
	text, isText := value.(string)
	if !isText && value != nil {
		text = compact(value)
	}
	escaped := compact(text)
	return escaped[1 : len(escaped)-1]
}
