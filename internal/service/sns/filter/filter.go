// Package filter reads SNS's filter policies and EventBridge's patterns, which are
// one language, and matches messages and events with them, such as
//
//	{"event": ["order", {"prefix": "ship"}], "price": [{"numeric": [">", 0, "<=", 150]}]}
//
// Every key must match; one of a key's conditions is enough.
package filter

import (
	"encoding/json"
	"math"
	"strings"
)

// A Policy is what a subscription wants.
type Policy struct {
	keys   map[string][]condition
	nested map[string]*Policy // of MessageBody
	any    []*Policy          // "$or": one of them is enough
}

// A condition tells whether it fits a value; absent is how it takes a key that is
// not there.
type condition struct {
	fits   func(v any) bool
	absent bool
}

// Matches tells whether attributes match; each may have several values.
func (p *Policy) Matches(values map[string][]any) bool {
	for key, conditions := range p.keys {
		if !fits(conditions, values[key], len(values[key]) > 0) {
			return false
		}
	}
	return len(p.nested) == 0 && p.either(func(one *Policy) bool { return one.Matches(values) })
}

// MatchesBody tells whether a message that is JSON matches.
func (p *Policy) MatchesBody(body string) bool {
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	var object map[string]any
	return decoder.Decode(&object) == nil && p.matchesObject(object)
}

func (p *Policy) matchesObject(object map[string]any) bool {
	for key, conditions := range p.keys {
		value, there := object[key]
		items, isList := value.([]any)
		if !isList {
			items = []any{value}
		}
		if !fits(conditions, items, there) {
			return false
		}
	}
	for key, inner := range p.nested {
		value, there := object[key]
		if !there {
			value = map[string]any{} // what must not exist does not
		}
		if !inner.matchesAny(value) {
			return false
		}
	}
	return p.either(func(one *Policy) bool { return one.matchesObject(object) })
}

// matchesAny matches an object, or one of a list of them.
func (p *Policy) matchesAny(value any) bool {
	switch value := value.(type) {
	case map[string]any:
		return p.matchesObject(value)
	case []any:
		for _, item := range value {
			if p.matchesAny(item) {
				return true
			}
		}
	}
	return false
}

func (p *Policy) either(matches func(*Policy) bool) bool {
	for _, one := range p.any {
		if matches(one) {
			return true
		}
	}
	return len(p.any) == 0
}

func fits(conditions []condition, values []any, there bool) bool {
	for _, c := range conditions {
		if !there {
			if c.absent {
				return true
			}
			continue
		}
		for _, v := range values {
			if c.fits(v) {
				return true
			}
		}
	}
	return false
}

// number returns the number that a value is.
func number(v any) (float64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	f, err := n.Float64()
	return f, err == nil && !math.IsNaN(f)
}

func same(a, b any) bool {
	x, isNumber := number(a)
	y, bothNumbers := number(b)
	if isNumber && bothNumbers {
		return x == y
	}
	return a == b
}
