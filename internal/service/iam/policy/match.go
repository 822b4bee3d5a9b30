package policy

import "strings"

// Escapes of characters that a policy variable may stand for: ${*}, ${?}, ${$}.
// They are private-use runes while a pattern is matched.
const (
	literalStar     = "\uE000"
	literalQuestion = "\uE001"
)

var literals = strings.NewReplacer("${*}", literalStar, "${?}", literalQuestion, "${$}", "$")

// expand puts the request's context into ${key} and ${key, 'default'}. A variable
// without a value stays as it is and so matches nothing but itself.
func (r Request) expand(pattern string) string {
	if !strings.Contains(pattern, "${") {
		return pattern
	}
	pattern = literals.Replace(pattern)
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(pattern, "${")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return out.String() + "${" + rest
		}
		out.WriteString(r.variable(name))
		pattern = after
	}
}

func (r Request) variable(name string) string {
	key, def, hasDefault := strings.Cut(name, ",")
	if v := r.Context[strings.ToLower(strings.TrimSpace(key))]; len(v) == 1 {
		return neutral.Replace(v[0])
	}
	if hasDefault {
		return strings.Trim(strings.TrimSpace(def), "'")
	}
	return "${" + name + "}"
}

// neutral keeps a caller's own values from acting as wildcards.
var neutral = strings.NewReplacer("*", literalStar, "?", literalQuestion)

// glob matches text against a pattern in which * stands for any characters and ?
// for one. It takes time in proportion to pattern times text at most.
func glob(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	star, mark := -1, 0
	i, j := 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || same(p[i], t[j])):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}

func same(p, t rune) bool {
	return p == t || p == '\uE000' && t == '*' || p == '\uE001' && t == '?'
}

// actionMatches compares actions without regard to case.
func actionMatches(patterns []string, action string) bool {
	action = strings.ToLower(action)
	for _, p := range patterns {
		if glob(strings.ToLower(p), action) {
			return true
		}
	}
	return false
}

func (r Request) resourceMatches(patterns []string) bool {
	for _, p := range patterns {
		if glob(r.expand(p), r.Resource) {
			return true
		}
	}
	return false
}
