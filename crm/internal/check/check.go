// Package check cleans and judges the values that people type, and gathers
// everything that is wrong with a form rather than the first thing.
package check

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"apexai/crm/internal/problem"
)

// Faults gathers what is wrong.
type Faults []problem.Fault

// Add notes a fault at a JSON pointer.
func (f *Faults) Add(pointer, code, message string) {
	*f = append(*f, problem.Fault{Pointer: pointer, Code: code, Message: message})
}

// Problem is nil if nothing is wrong.
func (f Faults) Problem() error {
	if len(f) == 0 {
		return nil
	}
	return problem.Validation(f...)
}

// Line cleans one line of text in place: at most limit characters, white
// space trimmed and folded, nothing that a terminal or a page would obey.
func (f *Faults) Line(pointer string, s *string, limit int) {
	*s = strings.Join(strings.Fields(*s), " ")
	f.text(pointer, *s, limit, false)
}

// Lines cleans text of several lines.
func (f *Faults) Lines(pointer string, s *string, limit int) {
	*s = strings.TrimSpace(strings.ReplaceAll(*s, "\r\n", "\n"))
	f.text(pointer, *s, limit, true)
}

func (f *Faults) text(pointer, s string, limit int, lines bool) {
	if n := utf8.RuneCountInString(s); n > limit {
		f.Add(pointer, "too-long", fmt.Sprintf("at most %d characters, not %d", limit, n))
		return
	}
	for _, r := range s {
		if (unicode.IsControl(r) && !(lines && (r == '\n' || r == '\t'))) || overrides(r) {
			f.Add(pointer, "control-character", fmt.Sprintf("the character %U is not text", r))
			return
		}
	}
}

// overrides are the marks that turn the direction of what follows them;
// right-to-left text needs none, spoofed names do.
func overrides(r rune) bool { return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 }

// Email cleans an address and returns the form that tells two apart.
func (f *Faults) Email(pointer string, s *string) (norm string) {
	f.Line(pointer, s, 254)
	parsed, err := mail.ParseAddress(*s)
	if err != nil || parsed.Address != *s || !strings.Contains((*s)[strings.LastIndexByte(*s, '@'):], ".") {
		f.Add(pointer, "email", "this does not look like an e-mail address")
	}
	return strings.ToLower(*s)
}

// Phone cleans a number as people write it and returns its digits.
func (f *Faults) Phone(pointer string, s *string) (norm string) {
	f.Line(pointer, s, 40)
	var digits strings.Builder
	for i, r := range *s {
		switch {
		case r >= '0' && r <= '9', r == '+' && i == 0:
			digits.WriteRune(r)
		case strings.ContainsRune(" -().,/x#", r):
		default:
			f.Add(pointer, "phone", "a number has digits, spaces and + - ( ) / only")
			return ""
		}
	}
	if n := len(strings.TrimPrefix(digits.String(), "+")); n < 3 || n > 20 {
		f.Add(pointer, "phone", "a number has 3 to 20 digits")
	}
	return digits.String()
}

// Domain reduces what people paste (https://www.acme.com/about) to acme.com.
func (f *Faults) Domain(pointer string, s *string) {
	f.Line(pointer, s, 500)
	d := strings.ToLower(*s)
	if _, rest, ok := strings.Cut(d, "://"); ok {
		d = rest
	}
	d, _, _ = strings.Cut(d, "/")
	d = strings.TrimSuffix(strings.TrimPrefix(d, "www."), ".")
	*s = d
	if d != "" && !isDomain(d) {
		f.Add(pointer, "domain", "this does not look like a domain such as acme.com")
	}
}

func isDomain(d string) bool {
	labels := strings.Split(d, ".")
	if len(labels) < 2 || len(d) > 253 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
		for _, r := range label {
			if r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
				return false
			}
		}
	}
	return true
}

// OneOf accepts the given words, and nothing.
func (f *Faults) OneOf(pointer, s string, words ...string) {
	for _, w := range words {
		if s == w || s == "" {
			return
		}
	}
	f.Add(pointer, "choice", "one of "+strings.Join(words, ", "))
}
