package logs

import (
	"testing"

	"pgregory.net/rapid"
)

func TestConditions(t *testing.T) {
	const message = `{"level":"error","status":503,"took":1.5,"ok":false,"user":{"first name":"ann","id":7},"ids":[1,2],"gone":null}`
	for pattern, want := range map[string]bool{
		`{ $.level = "error" }`:                               true,
		`{$.level=error}`:                                     true,
		`{ $.level = "warn" }`:                                false,
		`{ $.level != "warn" }`:                               true,
		`{ $.level = err* }`:                                  true,
		`{ $.level = "*r*r" }`:                                true,
		`{ $.level = "e*x*" }`:                                false,
		`{ $.status = 503 }`:                                  true,
		`{ $.status = 503.0 }`:                                true,
		`{ $.status >= 500 }`:                                 true,
		`{ $.status < 500 }`:                                  false,
		`{ $.status = 5* }`:                                   true,
		`{ $.took > 1.4 && $.took <= 1.5 }`:                   true,
		`{ $.level > 5 }`:                                     false,
		`{ $.ids[1] = 2 }`:                                    true,
		`{ $.ids[2] = 2 }`:                                    false,
		`{ $.user["first name"] = ann }`:                      true,
		`{ $['level'] = error }`:                              true,
		`{ $.user.id = 7 }`:                                   true,
		`{ $.none != x }`:                                     false,
		`{ $.none NOT EXISTS }`:                               true,
		`{ $.level NOT EXISTS }`:                              false,
		`{ $.gone IS NULL }`:                                  true,
		`{ $.ok IS FALSE }`:                                   true,
		`{ $.ok IS TRUE }`:                                    false,
		`{ $.none IS NULL }`:                                  false,
		`{ $.ok = false }`:                                    true,
		`{ $.level = warn || $.status = 503 }`:                true,
		`{ $.level = warn || $.status = 503 && $.ok = true }`: false,
		`{ ($.level = warn || $.status = 503) && ($.ok IS FALSE) }`: true,
		`{ $.user = ann }`: false,
	} {
		p, err := parsePattern(pattern)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		if got := p.matches(message); got != want {
			t.Errorf("%s: %v, want %v", pattern, got, want)
		}
		if p.matches("plain text") || p.matches(`["list"]`) || p.matches("{torn") {
			t.Errorf("%s holds for what is no object", pattern)
		}
	}
}

func TestConditionsRefused(t *testing.T) {
	for _, pattern := range []string{
		"{", "{}", "{ level = x }", "{ $ = x }", "{ $. = x }", "{ $.a }", "{ $.a = }", "{ $.a = x", "{ $.a = x } y", "{ $.a = x && }",
		"{ ($.a = x }", "{ $.a IS MAYBE }", "{ $.a NOT HERE }", "{ $.a[x] = 1 }", "{ $.a[1 = 1 }", `{ $.a = "x }`, "{ $.a = %x% }",
	} {
		if _, err := parsePattern(pattern); err == nil {
			t.Errorf("%s is accepted", pattern)
		}
	}
}

// A text is like itself with any parts of it replaced by stars.
func TestLikeProperty(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.StringMatching(`[ab]{0,10}`).Draw(r, "text")
		pattern := ""
		for i := 0; i < len(text); {
			if rapid.Bool().Draw(r, "star") {
				pattern += "*"
				i += rapid.IntRange(0, len(text)-i).Draw(r, "cut")
			}
			if i < len(text) {
				pattern += text[i : i+1]
				i++
			}
		}
		if !like(pattern, text) {
			r.Fatalf("%q is not like %q", text, pattern)
		}
	})
}
