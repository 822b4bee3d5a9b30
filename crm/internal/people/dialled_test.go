package people

import (
	"strings"
	"testing"
)

func TestDialled(t *testing.T) {
	for number, want := range map[string]string{
		"+44 (20) 7946-1234": "442079461234 2079461234 79461234",
		"+442079461234":      "442079461234 42079461234 2079461234 079461234",
		"020 7946":           "0207946",
		"555-0100":           "5550100",
		"0049/30/1234567":    "0049301234567 301234567 1234567",
		"ext":                "",
		"":                   "",
	} {
		if got := strings.TrimSpace(strings.Join(dialled(number), " ")); got != want {
			t.Errorf("%q: %q, want %q", number, got, want)
		}
	}
}
