package policy

import "strings"

// Escapes of characters that a policy variable may stand for: ${*}, ${?}, ${$}.
// They are private-use runes while a pattern is matched.
const (
	literalStar     = "\uE000"
	literalQuestion = "\uE001"
)

var (
	literals = strings.NewReplacer("${*}", literalStar, "${?}", literalQuestion, "${$}", "$")
	// neutral keeps a caller's own values from acting as wildcards.
	neutral = strings.NewReplacer("*", literalStar, "?", literalQuestion)
	// plain undoes both, for operators that know no wildcards.
	plain = strings.NewReplacer(literalStar, "*", literalQuestion, "?")
)

// pattern puts the request's context into a pattern's ${key} and ${key, 'default'}.
// A variable without a value stays as it is and so matches nothing but itself.
func (r *Request) pattern(text string, literal bool) string {
	if literal || !strings.Contains(text, "${") {
		return text
	}
	text = literals.Replace(text)
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "${")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return out.String() + "${" + rest
		}
		out.WriteString(r.variable(name))
		text = after
	}
}

// text is pattern for what is compared as it is.
func (r *Request) text(value string, literal bool) string {
	if literal || !strings.Contains(value, "${") {
		return value
	}
	return plain.Replace(r.pattern(value, literal))
}

func (r *Request) variable(name string) string {
	key, def, hasDefault := strings.Cut(name, ",")
	if v := r.values(strings.ToLower(strings.TrimSpace(key))); len(v) == 1 {
		return neutral.Replace(v[0])
	}
	if hasDefault {
		return strings.Trim(strings.TrimSpace(def), "'")
	}
	return "${" + name + "}"
}

// variables adds the keys that a pattern's variables ask for.
func variables(text string, add func(key string)) {
	for _, piece := range strings.Split(text, "${")[1:] {
		name, _, closed := strings.Cut(piece, "}")
		key, _, _ := strings.Cut(name, ",")
		if key = strings.TrimSpace(key); closed && strings.Contains(key, ":") {
			add(key)
		}
	}
}
