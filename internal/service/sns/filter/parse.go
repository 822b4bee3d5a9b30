package filter

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// maxDepth bounds how deep policies nest.
const maxDepth = 20

// Parse reads a policy.
func Parse(text string) (*Policy, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil || decoder.More() {
		return nil, fmt.Errorf("failed to parse JSON")
	}
	return policyOf(object, 0)
}

func policyOf(object map[string]any, depth int) (*Policy, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("filter policy: nested too deep")
	}
	p := &Policy{keys: map[string][]condition{}, nested: map[string]*Policy{}}
	for key, value := range object {
		var err error
		switch value := value.(type) {
		case []any:
			if key == "$or" {
				err = p.readOr(value, depth)
			} else {
				p.keys[key], err = conditionsOf(key, value)
			}
		case map[string]any:
			p.nested[key], err = policyOf(value, depth+1)
		default:
			err = fmt.Errorf("%q must be an object or an array", key)
		}
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *Policy) readOr(items []any, depth int) error {
	if len(items) < 2 {
		return fmt.Errorf("\"$or\" must have at least two policies")
	}
	for _, item := range items {
		object, ok := item.(map[string]any)
		if !ok {
			return fmt.Errorf("\"$or\" must be an array of objects")
		}
		one, err := policyOf(object, depth+1)
		if err != nil {
			return err
		}
		p.any = append(p.any, one)
	}
	return nil
}

func conditionsOf(key string, items []any) ([]condition, error) {
	if len(items) == 0 {
		return nil, fmt.Errorf("empty arrays are not allowed: %q", key)
	}
	var all []condition
	for _, item := range items {
		object, isObject := item.(map[string]any)
		if !isObject {
			if _, isList := item.([]any); isList {
				return nil, fmt.Errorf("%q: match value must be String, number, true, false, or null", key)
			}
			all = append(all, condition{fits: func(v any) bool { return same(v, item) }})
			continue
		}
		if len(object) != 1 {
			return nil, fmt.Errorf("%q: an object of one operator belongs here", key)
		}
		for operator, operand := range object {
			one, err := operatorOf(operator, operand)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", key, err)
			}
			all = append(all, one)
		}
	}
	return all, nil
}

func operatorOf(operator string, operand any) (condition, error) {
	if fold, ok := folded(operator, operand); ok {
		return fold, nil
	}
	text, isText := operand.(string)
	onText := func(fn func(v string) bool) (condition, error) {
		if !isText || text == "" {
			return condition{}, fmt.Errorf("%s match pattern must be a string", operator)
		}
		return condition{fits: func(v any) bool {
			s, ok := v.(string)
			return ok && fn(s)
		}}, nil
	}
	switch operator {
	case "prefix":
		return onText(func(v string) bool { return strings.HasPrefix(v, text) })
	case "suffix":
		return onText(func(v string) bool { return strings.HasSuffix(v, text) })
	case "equals-ignore-case":
		return onText(func(v string) bool { return strings.EqualFold(v, text) })
	case "wildcard":
		if strings.Contains(text, "**") {
			return condition{}, fmt.Errorf("consecutive wildcard characters in %q", text)
		}
		return onText(func(v string) bool { return wild(text, v) })
	case "cidr":
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return condition{}, fmt.Errorf("malformed CIDR %q", text)
		}
		return onText(func(v string) bool {
			address, err := netip.ParseAddr(v)
			return err == nil && network.Contains(address)
		})
	case "exists":
		want, ok := operand.(bool)
		if !ok {
			return condition{}, fmt.Errorf("exists match pattern must be either true or false")
		}
		return condition{fits: func(any) bool { return want }, absent: !want}, nil
	case "anything-but":
		return anythingBut(operand)
	case "numeric":
		return numeric(operand)
	}
	return condition{}, fmt.Errorf("unrecognized match type %s", operator)
}

func anythingBut(operand any) (condition, error) {
	if object, ok := operand.(map[string]any); ok {
		for operator, inner := range object {
			if len(object) == 1 && slices.Contains([]string{"prefix", "suffix", "wildcard", "equals-ignore-case"}, operator) {
				return nothingOf(operator, inner)
			}
		}
		return condition{}, fmt.Errorf("anything-but takes values, or a prefix, suffix, wildcard or equals-ignore-case of one or more")
	}
	items, isList := operand.([]any)
	if !isList {
		items = []any{operand}
	}
	return condition{fits: func(v any) bool {
		for _, item := range items {
			if same(v, item) {
				return false
			}
		}
		return true
	}}, nil
}

// numeric reads [">", 0, "<=", 150].
func numeric(operand any) (condition, error) {
	items, ok := operand.([]any)
	if !ok || len(items) == 0 || len(items)%2 != 0 || len(items) > 4 {
		return condition{}, fmt.Errorf("invalid numeric match: want an operator and a number, once or twice")
	}
	var checks []func(float64) bool
	for i := 0; i < len(items); i += 2 {
		limit, isNumber := number(items[i+1])
		check := comparison(items[i], limit)
		if !isNumber || check == nil {
			return condition{}, fmt.Errorf("invalid numeric match: %v %v", items[i], items[i+1])
		}
		checks = append(checks, check)
	}
	return condition{fits: func(v any) bool {
		n, ok := number(v)
		for _, check := range checks {
			ok = ok && check(n)
		}
		return ok
	}}, nil
}

func comparison(operator any, limit float64) func(float64) bool {
	switch operator {
	case "=":
		return func(v float64) bool { return v == limit }
	case "<":
		return func(v float64) bool { return v < limit }
	case "<=":
		return func(v float64) bool { return v <= limit }
	case ">":
		return func(v float64) bool { return v > limit }
	case ">=":
		return func(v float64) bool { return v >= limit }
	}
	return nil
}
