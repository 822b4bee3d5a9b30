// Package timetable reads the expressions that say when something is due: at(…),
// rate(…) and cron(…), in a time zone. Application Auto Scaling, EventBridge and its
// Scheduler share them.
package timetable

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A Schedule says when something is due.
type Schedule struct {
	at    time.Time     // once; zero for the others
	every time.Duration // 0 for the others
	cron  *cron
}

// Parse reads at(yyyy-mm-ddThh:mm:ss), rate(N unit) or cron(six fields), in
// a time zone (Application Auto Scaling API, PutScheduledAction;
// EventBridge Scheduler user guide, Schedule types).
func Parse(text string, zone *time.Location) (Schedule, error) {
	kind, rest, _ := strings.Cut(text, "(")
	inner, ok := strings.CutSuffix(rest, ")")
	if !ok {
		return Schedule{}, fmt.Errorf("schedule %q: want at(…), rate(…) or cron(…)", text)
	}
	switch kind {
	case "at":
		at, err := time.ParseInLocation("2006-01-02T15:04:05", inner, zone)
		if err != nil {
			return Schedule{}, fmt.Errorf("schedule %q: want at(yyyy-mm-ddThh:mm:ss)", text)
		}
		return Schedule{at: at}, nil
	case "rate":
		every, err := parseRate(inner)
		if err != nil {
			return Schedule{}, fmt.Errorf("schedule %q: %w", text, err)
		}
		return Schedule{every: every}, nil
	case "cron":
		c, err := parseCron(inner, zone)
		if err != nil {
			return Schedule{}, fmt.Errorf("schedule %q: %w", text, err)
		}
		return Schedule{cron: c}, nil
	}
	return Schedule{}, fmt.Errorf("schedule %q: want at(…), rate(…) or cron(…)", text)
}

func parseRate(text string) (time.Duration, error) {
	count, unit, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(count)
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	one, ok := units[strings.TrimSuffix(unit, "s")]
	if err != nil || n < 1 || n > 100_000 || !ok {
		return 0, fmt.Errorf("rate %q: want a number and minutes, hours or days", text)
	}
	return time.Duration(n) * one, nil
}

// Next returns the first time after the given one; begin is when a rate starts to
// count.
func (s Schedule) Next(after, begin time.Time) (time.Time, bool) {
	switch {
	case !s.at.IsZero():
		return s.at, s.at.After(after)
	case s.cron != nil:
		return s.cron.next(after)
	case after.Before(begin):
		return begin, true
	}
	return begin.Add((after.Sub(begin)/s.every + 1) * s.every), true
}

// Due returns the last time in (after, now] at which it was due, and the
// first one after now. It counts only from start to end, which may be nil.
func (s Schedule) Due(after, now, begin time.Time, start, end *time.Time) (last, next time.Time) {
	if start != nil {
		begin = *start
		if after.Before(begin) {
			after = begin.Add(-time.Nanosecond)
		}
	}
	for {
		at, ok := s.Next(after, begin)
		if !ok || end != nil && at.After(*end) {
			return last, time.Time{}
		}
		if at.After(now) {
			return last, at
		}
		last, after = at, at
	}
}

// Once tells whether it is due a single time.
func (s Schedule) Once() bool { return !s.at.IsZero() }

// Periodic tells whether it is due once a period.
func (s Schedule) Periodic() bool { return s.every > 0 }
