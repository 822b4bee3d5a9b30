package timetable

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// errSpecial is a use of L, W or # that says no day.
var errSpecial = errors.New("want L, LW or 1W to 31W as the day of month, and L, FRIL or FRI#1 to FRI#5 as the day of week")

// specialDay reads the days that no set of numbers says, and puts "*" where they
// stood: the last of a month, the work day next to one, a weekday by its number in
// the month.
func specialDay(parts []string) (func(time.Time) bool, error) {
	switch day, weekday := parts[2], parts[4]; {
	case day == "L":
		parts[2] = "*"
		return isLast, nil
	case strings.HasSuffix(day, "W"):
		parts[2] = "*"
		return nearWorkday(strings.TrimSuffix(day, "W"))
	case weekday == "L": // the last day of the week
		parts[4] = "SAT"
	case strings.HasSuffix(weekday, "L"):
		parts[4] = strings.TrimSuffix(weekday, "L")
		return func(d time.Time) bool { return d.AddDate(0, 0, 7).Month() != d.Month() }, nil
	case strings.Contains(weekday, "#"):
		name, nth, _ := strings.Cut(weekday, "#")
		n, err := strconv.Atoi(nth)
		if err != nil || n < 1 || n > 5 {
			return nil, errSpecial
		}
		parts[4] = name
		return func(d time.Time) bool { return (d.Day()-1)/7+1 == n }, nil
	}
	return nil, nil
}

func isLast(d time.Time) bool { return d.AddDate(0, 0, 1).Day() == 1 }

// nearWorkday reads what stands before W: the work day nearest to a day of the
// month, in the same month.
func nearWorkday(text string) (func(time.Time) bool, error) {
	n, err := strconv.Atoi(text)
	if text != "L" && (err != nil || n < 1 || n > 31) {
		return nil, errSpecial
	}
	return func(d time.Time) bool {
		last := time.Date(d.Year(), d.Month()+1, 0, 0, 0, 0, 0, d.Location())
		meant := last
		if text != "L" {
			meant = time.Date(d.Year(), d.Month(), n, 0, 0, 0, 0, d.Location())
		}
		return meant.Month() == d.Month() && workday(meant, last).Day() == d.Day()
	}, nil
}

// workday moves a day off the weekend, inside its month.
func workday(d, last time.Time) time.Time {
	switch {
	case d.Weekday() == time.Saturday && d.Day() == 1:
		return d.AddDate(0, 0, 2)
	case d.Weekday() == time.Saturday:
		return d.AddDate(0, 0, -1)
	case d.Weekday() == time.Sunday && d.Day() == last.Day():
		return d.AddDate(0, 0, -2)
	case d.Weekday() == time.Sunday:
		return d.AddDate(0, 0, 1)
	}
	return d
}
