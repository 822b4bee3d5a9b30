package money

import (
	"strconv"
	"strings"
)

// Format writes an amount for people: "EUR 1,234.50", or "EUR 1,234" where the
// small part is nothing.
func Format(minor int64, currency string) string {
	digits := strconv.FormatInt(max(minor, -minor), 10)
	places := Digits(currency)
	digits = strings.Repeat("0", max(0, places+1-len(digits))) + digits
	whole, small := digits[:len(digits)-places], digits[len(digits)-places:]
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if strings.Trim(small, "0") != "" {
		whole += "." + small
	}
	if minor < 0 {
		whole = "-" + whole
	}
	return currency + " " + whole
}
