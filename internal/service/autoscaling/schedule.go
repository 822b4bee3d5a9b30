package autoscaling

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A schedule says when an action is due.
type schedule struct {
	at    time.Time     // once; zero for the others
	every time.Duration // 0 for the others
	cron  *cron
}

// parseSchedule reads at(yyyy-mm-ddThh:mm:ss), rate(N unit) or cron(six fields), in
// a time zone (Application Auto Scaling API, PutScheduledAction).
func parseSchedule(text string, zone *time.Location) (schedule, error) {
	kind, rest, _ := strings.Cut(text, "(")
	inner, ok := strings.CutSuffix(rest, ")")
	if !ok {
		return schedule{}, fmt.Errorf("schedule %q: want at(…), rate(…) or cron(…)", text)
	}
	switch kind {
	case "at":
		at, err := time.ParseInLocation("2006-01-02T15:04:05", inner, zone)
		if err != nil {
			return schedule{}, fmt.Errorf("schedule %q: want at(yyyy-mm-ddThh:mm:ss)", text)
		}
		return schedule{at: at}, nil
	case "rate":
		every, err := parseRate(inner)
		if err != nil {
			return schedule{}, fmt.Errorf("schedule %q: %w", text, err)
		}
		return schedule{every: every}, nil
	case "cron":
		c, err := parseCron(inner, zone)
		if err != nil {
			return schedule{}, fmt.Errorf("schedule %q: %w", text, err)
		}
		return schedule{cron: c}, nil
	}
	return schedule{}, fmt.Errorf("schedule %q: want at(…), rate(…) or cron(…)", text)
}

func parseRate(text string) (time.Duration, error) {
	count, unit, _ := strings.Cut(text, " ")
	n, err := strconv.Atoi(count)
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	one, ok := units[strings.TrimSuffix(unit, "s")]
	if err != nil || n < 1 || !ok {
		return 0, fmt.Errorf("rate %q: want a number and minutes, hours or days", text)
	}
	return time.Duration(n) * one, nil
}

// next returns the first time after the given one; begin is when a rate starts to
// count.
func (s schedule) next(after, begin time.Time) (time.Time, bool) {
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

// due returns the last time in (after, now] at which an action was due, and the
// first one after now. The action counts only from start to end, which may be nil.
func (s schedule) due(after, now, begin time.Time, start, end *time.Time) (last, next time.Time) {
	if start != nil {
		begin = *start
		if after.Before(begin) {
			after = begin.Add(-time.Nanosecond)
		}
	}
	for {
		at, ok := s.next(after, begin)
		if !ok || end != nil && at.After(*end) {
			return last, time.Time{}
		}
		if at.After(now) {
			return last, at
		}
		last, after = at, at
	}
}
