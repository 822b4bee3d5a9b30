package money

import (
	"slices"
	"testing"
)

func TestCurrencies(t *testing.T) {
	all := Currencies()
	if !slices.IsSorted(all) || len(slices.Compact(slices.Clone(all))) != len(all) {
		t.Error("the codes are not in order, or one is there twice")
	}
	for _, code := range all {
		if !Known(code) {
			t.Errorf("%s is not known", code)
		}
	}
	for _, code := range []string{"", "eur", "EU", "EURO", "R U", " EU", "XXX", "D A"} {
		if Known(code) {
			t.Errorf("%q is known", code)
		}
	}
	for code, want := range map[string]int{"EUR": 2, "JPY": 0, "KWD": 3} {
		if got := Digits(code); got != want {
			t.Errorf("%s has %d digits, want %d", code, got, want)
		}
	}
}

func TestFormat(t *testing.T) {
	for want, given := range map[string]struct {
		minor    int64
		currency string
	}{
		"EUR 1,234.50": {123450, "EUR"}, "EUR 12,000": {1200000, "EUR"}, "JPY 1,234": {1234, "JPY"}, "KWD 0.005": {5, "KWD"}, "USD -0.07": {-7, "USD"}, "EUR 0": {0, "EUR"},
	} {
		if got := Format(given.minor, given.currency); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
