package check

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestDomain(t *testing.T) {
	for in, want := range map[string]string{
		"acme.com": "acme.com", " ACME.com. ": "acme.com", "https://www.acme.co.uk/about?x=1": "acme.co.uk", "": "",
		"münchen.example": "münchen.example", "a-b.example": "a-b.example",
		"acme": "!", "-a.example": "!", "a..b": "!", "a b.example": "!", "a.example:80": "!", "<b>.example": "!", strings.Repeat("a", 64) + ".example": "!",
	} {
		var f Faults
		got := in
		f.Domain("/domain", &got)
		if len(f) > 0 {
			got = "!"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestEmail(t *testing.T) {
	for in, want := range map[string]string{
		"Ada@Example.org": "ada@example.org", " a.b+c@x.example ": "a.b+c@x.example", "josé@exámple.example": "josé@exámple.example",
		"a": "!", "a@b": "!", "@b.example": "!", "a@": "!", "A <a@b.example>": "!", "a@b.example, c@d.example": "!", "": "!",
	} {
		var f Faults
		got := in
		norm := f.Email("/e", &got)
		if len(f) > 0 {
			norm = "!"
		}
		if norm != want {
			t.Errorf("%q: %q, want %q", in, norm, want)
		}
	}
}

func TestPhone(t *testing.T) {
	for in, want := range map[string]string{
		"+44 (20) 7946-0000": "+442079460000", "112": "112", "030 / 123.456 x7": "0301234567",
		"12": "!", "call": "!", "1+2345": "!", strings.Repeat("1", 21): "!",
	} {
		var f Faults
		got := in
		norm := f.Phone("/p", &got)
		if len(f) > 0 {
			norm = "!"
		}
		if norm != want {
			t.Errorf("%q: %q, want %q", in, norm, want)
		}
	}
}

// What Line accepts is short, of one line, and is accepted again unchanged.
func TestLineSettles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		var f Faults
		f.Line("/s", &s, 20)
		if len(f) > 0 {
			return
		}
		again := s
		f.Line("/s", &again, 20)
		if len(f) > 0 || again != s || utf8.RuneCountInString(s) > 20 || strings.ContainsAny(s, "\n\r\x00\u202e") {
			t.Fatalf("%q, again %q, %v", s, again, f)
		}
	})
}

func TestLinesKeepLines(t *testing.T) {
	var f Faults
	s := " 1 Road\r\n\tTown\n "
	f.Lines("/address", &s, 100)
	if len(f) > 0 || s != "1 Road\n\tTown" {
		t.Errorf("%q, %v", s, f)
	}
}

func FuzzEmail(f *testing.F) {
	for _, s := range []string{"a@b.c", `"a b"@c.d`, "a@[::1]", "\x00@\x00.", "a@b.c\r\nBcc: d@e.f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var faults Faults
		norm := faults.Email("/e", &s)
		if len(faults) == 0 && (strings.ContainsAny(norm, "\r\n\x00") || !strings.Contains(norm, "@")) {
			t.Errorf("took %q", s)
		}
	})
}
