package route

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, s string
		exact      bool
		want       bool
	}{
		{"/api/*", "/api/x", true, true},
		{"/api/*", "/api/", true, true},
		{"/api/*", "/api", true, false},
		{"/api/*", "/API/x", true, false},
		{"/api/*", "/v1/api/x", true, false},
		{"/img/*/pics", "/img/a/b/pics", true, true},
		{"/img/?", "/img/", true, false},
		{"/img/?", "/img/a", true, true},
		{"/img/?", "/img/ab", true, false},
		{"*", "", true, true},
		{"", "", true, true},
		{"", "x", true, false},
		{"**", "x", true, true},
		{"*a*b*c", "xaxbxc", true, true},
		{"*a*b*c", "xaxcxb", true, false},
		{`/a\*b`, "/a*b", true, true},
		{`/a\*b`, "/axb", true, false},
		{`/a\?`, "/a?", true, true},
		{`/a\b`, `/a\b`, true, true},
		{"*.example.com", "a.example.com", false, true},
		{"*.example.com", "A.EXAMPLE.com", false, true},
		{"*.example.com", "example.com", false, false},
	} {
		if got := Glob(tt.pattern, []byte(tt.s), tt.exact); got != tt.want {
			t.Errorf("Glob(%q, %q, %t) = %t", tt.pattern, tt.s, tt.exact, got)
		}
	}
}

func TestGlobIsItsRegexp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := rapid.StringOfN(rapid.SampledFrom([]rune("ab*?/")), 0, 12, -1).Draw(t, "pattern")
		s := rapid.StringOfN(rapid.SampledFrom([]rune("ab/")), 0, 16, -1).Draw(t, "s")
		expr := regexp.QuoteMeta(pattern)
		expr = strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(expr)
		want := regexp.MustCompile("^(?s:" + expr + ")$").MatchString(s)
		if got := Glob(pattern, []byte(s), true); got != want {
			t.Fatalf("Glob(%q, %q) = %t, want %t", pattern, s, got, want)
		}
	})
}

func FuzzGlob(f *testing.F) {
	f.Add("/a*b?\\*", "/axbc*")
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern)+len(s) > 1000 {
			return
		}
		Glob(pattern, []byte(s), true)
		if !strings.ContainsAny(pattern, `*?\`) && Glob(pattern, []byte(s), true) != (pattern == s) {
			t.Errorf("%q, %q: a plain pattern must be equality", pattern, s)
		}
	})
}

func BenchmarkGlob(b *testing.B) {
	path := []byte("/api/v1/people/0193e5c4")
	for b.Loop() {
		Glob("/socket.io/*", path, true)
		Glob("/api/*", path, true)
	}
}
