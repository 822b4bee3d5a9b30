package ec2

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFits(t *testing.T) {
	for _, tt := range []struct {
		pattern, value string
		want           bool
	}{
		{"web", "web", true},
		{"web", "webs", false},
		{"w*", "web", true},
		{"*", "", true},
		{"", "", true},
		{"", "a", false},
		{"?eb", "web", true},
		{"?", "", false},
		{"*b*", "abc", true},
		{"a*c*e", "abcde", true},
		{"a*c*e", "abcd", false},
		{`\*`, "*", true},
		{`\*`, "a", false},
		{`a\?c`, "a?c", true},
		{`a\?c`, "abc", false},
		{"*aab", "aaab", true},
	} {
		if got := fits(tt.pattern, tt.value); got != tt.want {
			t.Errorf("fits(%q, %q) = %v", tt.pattern, tt.value, got)
		}
	}
}

func TestFitsAgreesWithRegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringOfN(rapid.RuneFrom([]rune("ab*?")), 0, 6, -1).Draw(t, "pattern")
		value := rapid.StringOfN(rapid.RuneFrom([]rune("abc")), 0, 8, -1).Draw(t, "value")
		quoted := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		if got, want := fits(pattern, value), regexp.MustCompile("^(?:"+quoted+")$").MatchString(value); got != want {
			t.Fatalf("fits(%q, %q) = %v, want %v", pattern, value, got, want)
		}
	})
}

func FuzzFits(f *testing.F) {
	f.Add("a*b?", "axxbc")
	f.Add(`\`, `\`)
	f.Fuzz(func(t *testing.T, pattern, value string) {
		escapes := strings.HasSuffix(pattern, `\`) // it would take the star for a letter
		if !escapes && fits(pattern, value) && !fits("*"+pattern+"*", value) {
			t.Errorf("%q fits %q, and not between stars", value, pattern)
		}
	})
}

func FuzzToken(f *testing.F) {
	f.Add("YWZ0ZXIgdnBjLTE")
	f.Fuzz(func(t *testing.T, token string) {
		after, err := decodeToken(&token)
		if err == nil && token != "" && *encodeToken(after) != strings.TrimRight(token, "\r\n") && !strings.ContainsAny(token, "\r\n") {
			t.Errorf("token %q names %q, whose token is %q", token, after, *encodeToken(after))
		}
	})
}
