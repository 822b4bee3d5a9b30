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
