// Package maintenance knows the weekly windows in which AWS changes what cannot
// be changed without an interruption.
package maintenance

import (
	"fmt"
	"strings"
	"time"
)

var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

const week = 7 * 24 * time.Hour

// A Window recurs every week; both ends count from Sunday 00:00 UTC.
type Window struct{ from, to time.Duration }

// Parse reads "mon:04:00-mon:05:00". A window lasts from half an hour to a
// day.
func Parse(s string) (Window, error) {
	first, last, ok := strings.Cut(strings.ToLower(s), "-")
	from, errFrom := parseMoment(first)
	to, errTo := parseMoment(last)
	if !ok || errFrom != nil || errTo != nil {
		return Window{}, fmt.Errorf("maintenance window %q: want ddd:hh24:mi-ddd:hh24:mi", s)
	}
	w := Window{from, to}
	if d := w.length(); d < 30*time.Minute || d > 24*time.Hour {
		return Window{}, fmt.Errorf("maintenance window %q: want 30 minutes to 24 hours", s)
	}
	return w, nil
}

func (w Window) length() time.Duration { return (w.to - w.from + week) % week }

func parseMoment(s string) (time.Duration, error) {
	day, clock, _ := strings.Cut(s, ":")
	for i, name := range weekdays {
		if name != day {
			continue
		}
		at, err := parseClock(clock)
		return time.Duration(i)*24*time.Hour + at, err
	}
	return 0, fmt.Errorf("day %q", day)
}

func parseClock(s string) (time.Duration, error) {
	t, err := time.Parse("15:04", s)
	if err != nil {
		return 0, err
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}

// Next returns the first moment at or after t that is inside the window.
func (w Window) Next(t time.Time) time.Time {
	t = t.UTC()
	midnight := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	sunday := midnight.AddDate(0, 0, -int(t.Weekday()))
	for _, start := range []time.Time{sunday.Add(w.from - week), sunday.Add(w.from), sunday.Add(w.from + week)} {
		if t.Before(start) {
			return start
		}
		if t.Before(start.Add(w.length())) {
			return t
		}
	}
	return sunday.Add(w.from + week) // not reached: one of the three is later
}

// CheckDaily accepts a window of every day, "03:00-04:00", of at least half an
// hour.
func CheckDaily(s string) error {
	first, last, ok := strings.Cut(s, "-")
	from, errFrom := parseClock(first)
	to, errTo := parseClock(last)
	const day = 24 * time.Hour
	if !ok || errFrom != nil || errTo != nil || (to-from+day)%day < 30*time.Minute {
		return fmt.Errorf("window %q: want hh24:mi-hh24:mi of at least 30 minutes", s)
	}
	return nil
}
