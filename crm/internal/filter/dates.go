package filter

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// A span is the time that a date in a filter stands for, from its first
// moment to the first one behind it: a day, a week, a month, a moment.
type span struct{ from, to time.Time }

var shift = regexp.MustCompile(`^([+-])(\d{1,4})([dwmy])$`)

const dayFormat = "2006-01-02"

var errDate = errors.New(`a date is "2026-11-26", "today", "-30d", "+2w", "thisMonth", "lastQuarter" or the like`)

// parseSpan reads a date, or one that is relative to now in now's zone.
func parseSpan(s string, now time.Time) (span, error) {
	today := midnight(now)
	if day, ok := map[string]int{"yesterday": -1, "today": 0, "tomorrow": 1}[s]; ok {
		return days(today.AddDate(0, 0, day), 1), nil
	}
	if m := shift.FindStringSubmatch(s); m != nil {
		n, _ := strconv.Atoi(m[1] + m[2]) // at most four digits
		day := addMonths(today, 12*n)
		switch m[3] {
		case "d":
			day = today.AddDate(0, 0, n)
		case "w":
			day = today.AddDate(0, 0, 7*n)
		case "m":
			day = addMonths(today, n)
		}
		return within(days(day, 1))
	}
	if p, ok := period(s, today); ok {
		return p, nil
	}
	if day, err := time.ParseInLocation(dayFormat, s, now.Location()); err == nil {
		return within(days(day, 1))
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		at = at.Truncate(time.Millisecond)
		return within(span{at, at.Add(time.Millisecond)})
	}
	return span{}, errDate
}

// within keeps dates to what MySQL can compare with.
func within(s span) (span, error) {
	if s.from.UTC().Year() < 1000 || s.to.UTC().Year() > 9998 {
		return s, fmt.Errorf("a year is from 1000 to 9998")
	}
	return s, nil
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}

func days(from time.Time, n int) span { return span{from, from.AddDate(0, 0, n)} }

// addMonths stays in the month it means: a month before 31 March is 28 February.
func addMonths(t time.Time, n int) time.Time {
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, t.Location())
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

var periods = regexp.MustCompile(`^(this|last|next)(Week|Month|Quarter|Year)$`)

// period is a calendar period beside today's; weeks begin on Monday.
func period(s string, today time.Time) (span, bool) {
	m := periods.FindStringSubmatch(s)
	if m == nil {
		return span{}, false
	}
	by := map[string]int{"last": -1, "this": 0, "next": 1}[m[1]]
	if m[2] == "Week" {
		monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
		return days(monday.AddDate(0, 0, 7*by), 7), true
	}
	months, first := 1, today.Month()
	switch m[2] {
	case "Quarter":
		months, first = 3, (first-1)/3*3+1
	case "Year":
		months, first = 12, time.January
	}
	from := time.Date(today.Year(), first+time.Month(months*by), 1, 0, 0, 0, 0, today.Location())
	return span{from, from.AddDate(0, months, 0)}, true
}
