package filter

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"apexai/crm/internal/zone"
)

// A span is the time that a date in a filter stands for, from its first
// moment to the first one behind it: days, or a moment.
type span struct{ from, to edge }

// An edge is a day of the calendar, or the moment at which it begins.
type edge struct{ day, at time.Time }

var shift = regexp.MustCompile(`^([+-])(\d{1,4})([dwmy])$`)

const dayFormat = "2006-01-02"

var errDate = errors.New(`a date is "2026-11-26", "today", "-30d", "+2w", "thisMonth", "lastQuarter" or the like`)

// parseSpan reads a date, or one that is relative to now in now's zone.
func parseSpan(s string, now time.Time) (span, error) {
	from, to, ok := parseDays(s, zone.Today(now, now.Location()))
	if ok {
		return within(span{begins(from, now.Location()), begins(to, now.Location())})
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		at = at.Truncate(time.Millisecond).In(now.Location())
		return within(span{moment(at), moment(at.Add(time.Millisecond))})
	}
	return span{}, errDate
}

func begins(day time.Time, in *time.Location) edge { return edge{day, zone.Begins(day, in)} }

func moment(at time.Time) edge { return edge{zone.Today(at, at.Location()), at.UTC()} }

// parseDays reads what stands for whole days: the first, and the one behind them.
func parseDays(s string, today time.Time) (from, to time.Time, ok bool) {
	if day, ok := map[string]int{"yesterday": -1, "today": 0, "tomorrow": 1}[s]; ok {
		return days(today.AddDate(0, 0, day), 1)
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
		return days(day, 1)
	}
	if day, err := time.Parse(dayFormat, s); err == nil {
		return days(day, 1)
	}
	return period(s, today)
}

// within keeps dates to what MySQL can compare with.
func within(s span) (span, error) {
	if s.from.at.Year() < 1000 || s.to.at.Year() > 9998 {
		return s, fmt.Errorf("a year is from 1000 to 9998")
	}
	return s, nil
}

func days(from time.Time, n int) (first, behind time.Time, ok bool) {
	return from, from.AddDate(0, 0, n), true
}

// addMonths stays in the month it means: a month before 31 March is 28 February.
func addMonths(t time.Time, n int) time.Time {
	first := zone.Day(t.Year(), t.Month()+time.Month(n), 1)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(t.Day(), last)-1)
}

var periods = regexp.MustCompile(`^(this|last|next)(Week|Month|Quarter|Year)$`)

// period is a calendar period beside today's; weeks begin on Monday.
func period(s string, today time.Time) (from, to time.Time, ok bool) {
	m := periods.FindStringSubmatch(s)
	if m == nil {
		return from, to, false
	}
	by := map[string]int{"last": -1, "this": 0, "next": 1}[m[1]]
	if m[2] == "Week" {
		monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
		return days(monday.AddDate(0, 0, 7*by), 7)
	}
	months, first := 1, today.Month()
	switch m[2] {
	case "Quarter":
		months, first = 3, (first-1)/3*3+1
	case "Year":
		months, first = 12, time.January
	}
	from = zone.Day(today.Year(), first+time.Month(months*by), 1)
	return from, from.AddDate(0, months, 0), true
}
