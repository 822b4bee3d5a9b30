package imports

import (
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode"

	"apexai/crm/internal/money"
)

// numbers are the runs of digits in a text.
func numbers(s string) []int {
	var all []int
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil
		}
		all = append(all, n)
	}
	return all
}

// date reads a day in the chosen order and gives it as YYYY-MM-DD. A time
// behind it is left out.
func date(s, order string) (string, error) {
	fault := fmt.Errorf("%q is not a date", cut(s, 40))
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.Format(time.DateOnly), nil
	}
	day, _, _ := strings.Cut(s, " ")
	day, _, _ = strings.Cut(day, "T")
	if strings.Trim(day, "0123456789.-/") != "" || strings.Count(day, "-")+strings.Count(day, ".")+strings.Count(day, "/") < 2 {
		for _, layout := range []string{"2 January 2006", "January 2, 2006", "2 Jan 2006", "Jan 2, 2006", "2-Jan-2006", "2-Jan-06"} {
			if t, err := time.Parse(layout, s); err == nil {
				return t.Format(time.DateOnly), nil
			}
		}
		return "", fault
	}
	n := numbers(day)
	if len(n) != 3 {
		return "", fault
	}
	var y, m, d int
	switch {
	case n[0] > 31 || order == "ymd":
		y, m, d = n[0], n[1], n[2]
	case order == "mdy":
		m, d, y = n[0], n[1], n[2]
	default:
		d, m, y = n[0], n[1], n[2]
	}
	if y < 100 {
		y += 2000
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if t.Year() != y || int(t.Month()) != m || t.Day() != d || y < 1900 || y > 2200 {
		return "", fmt.Errorf("%q is not a date written as %s", cut(s, 40), written(order))
	}
	return t.Format(time.DateOnly), nil
}

func written(order string) string {
	switch order {
	case "mdy":
		return "month/day/year"
	case "ymd":
		return "year-month-day"
	}
	return "day.month.year"
}

// number reads 1,234.50 or 1.234,50 by the chosen decimal mark.
func number(s, decimal string) (string, error) {
	group := ","
	if decimal == "," {
		group = "."
	}
	plain := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '\'' || r == '’' {
			return -1
		}
		return r
	}, s)
	whole, fraction, parted := strings.Cut(plain, decimal)
	if parts := strings.Split(whole, group); len(parts) > 1 {
		for _, part := range parts[1:] {
			if len(part) != 3 {
				return "", fmt.Errorf("%q is not a number with %q before its fraction", cut(s, 40), decimal)
			}
		}
		whole = strings.Join(parts, "")
	}
	plain = whole
	if parted {
		plain += "." + fraction
	}
	digits := strings.TrimPrefix(plain, "-")
	if strings.Trim(digits, "0123456789.") != "" || strings.Count(digits, ".") > 1 || strings.Trim(digits, ".") == "" || len(digits) > 40 {
		return "", fmt.Errorf("%q is not a number", cut(s, 40))
	}
	return plain, nil
}

var symbols = map[string]string{"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR"}

// amount reads "€ 1.234,50" or "1,234.50 USD" as its smallest unit and
// currency.
func amount(s, decimal, currency string) (int64, string, error) {
	text := s
	for symbol, code := range symbols {
		if strings.Contains(text, symbol) {
			text, currency = strings.ReplaceAll(text, symbol, ""), code
		}
	}
	for _, word := range strings.Fields(text) {
		if code := strings.ToUpper(word); money.Known(code) {
			text, currency = strings.Replace(text, word, "", 1), code
		}
	}
	plain, err := number(strings.TrimSpace(text), decimal)
	if err != nil {
		return 0, "", err
	}
	if currency != "" && !money.Known(currency) {
		return 0, "", fmt.Errorf("%q is not a currency such as EUR", cut(currency, 20))
	}
	exact, ok := new(big.Rat).SetString(plain)
	if !ok {
		return 0, "", fmt.Errorf("%q is not an amount", cut(s, 40))
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(money.Digits(currency))), nil)
	exact.Mul(exact, new(big.Rat).SetInt(unit))
	rounded, err := strconv.ParseInt(exact.FloatString(0), 10, 64)
	if err != nil || rounded < 0 || rounded > money.Most {
		return 0, "", fmt.Errorf("%q is not an amount from 0 to %d", cut(s, 40), int64(money.Most)/100)
	}
	return rounded, currency, nil
}

// list parts what programs put into one cell: by ::: (Google), ; or a comma.
func list(s string) []string {
	separator := ","
	for _, mark := range []string{":::", ";", "\n"} {
		if strings.Contains(s, mark) {
			separator = mark
			break
		}
	}
	var all []string
	for part := range strings.SplitSeq(s, separator) {
		if part = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(part), "* ")); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// names parts a full name: the last word is the last name, but for "Last, First".
func names(full string) (first, last string) {
	if after, before, ok := strings.Cut(full, ","); ok {
		return strings.TrimSpace(before), strings.TrimSpace(after)
	}
	words := strings.Fields(full)
	if len(words) < 2 {
		return full, ""
	}
	return strings.Join(words[:len(words)-1], " "), words[len(words)-1]
}

// band is the size band of a number of employees.
func band(s string) (string, error) {
	plain := strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "–", "-")
	switch plain {
	case "1-10", "11-50", "51-200", "201-1000", "1001+":
		return plain, nil
	}
	n := numbers(strings.NewReplacer(",", "", ".", "").Replace(plain))
	if len(n) == 0 || strings.Trim(plain, "0123456789.,-+") != "" {
		return "", fmt.Errorf("%q is not a number of employees", cut(s, 40))
	}
	switch most := n[len(n)-1]; {
	case most <= 10:
		return "1-10", nil
	case most <= 50:
		return "11-50", nil
	case most <= 200:
		return "51-200", nil
	case most <= 1000:
		return "201-1000", nil
	}
	return "1001+", nil
}

func truth(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true", "yes", "y", "1", "x", "ja", "oui", "sí", "si", "on":
		return true, nil
	case "false", "no", "n", "0", "nein", "non", "off":
		return false, nil
	}
	return false, errors.New("this is not yes or no")
}
