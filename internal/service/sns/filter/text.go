package filter

import "strings"

// folded reads {"prefix": {"equals-ignore-case": "x"}}, and the same of a suffix.
func folded(operator string, operand any) (condition, bool) {
	object, ok := operand.(map[string]any)
	text, isText := object["equals-ignore-case"].(string)
	if !ok || !isText || len(object) != 1 || text == "" {
		return condition{}, false
	}
	text = strings.ToLower(text)
	var holds func(v, part string) bool
	switch operator {
	case "prefix":
		holds = strings.HasPrefix
	case "suffix":
		holds = strings.HasSuffix
	default:
		return condition{}, false
	}
	return condition{fits: func(v any) bool {
		s, ok := v.(string)
		return ok && holds(strings.ToLower(s), text)
	}}, true
}

// nothingOf fits what none of an operator's operands does.
func nothingOf(operator string, operand any) (condition, error) {
	items, isList := operand.([]any)
	if !isList {
		items = []any{operand}
	}
	var all []condition
	for _, item := range items {
		one, err := operatorOf(operator, item)
		if err != nil {
			return condition{}, err
		}
		all = append(all, one)
	}
	return condition{fits: func(v any) bool {
		for _, one := range all {
			if one.fits(v) {
				return false
			}
		}
		return true
	}}, nil
}

// wild matches a text with a pattern in which * stands for any text, and \\* for
// itself. It looks at each byte of the text at most once for each * before it.
func wild(pattern, text string) bool {
	p, t, star, from := 0, 0, -1, 0
	for t < len(text) {
		literal := p
		if p+1 < len(pattern) && pattern[p] == '\\' && (pattern[p+1] == '*' || pattern[p+1] == '\\') {
			literal = p + 1
		}
		switch {
		case p < len(pattern) && literal == p && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && pattern[literal] == text[t]:
			p, t = literal+1, t+1
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
