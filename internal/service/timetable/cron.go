package timetable

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A cron is a schedule of six fields: minutes, hours, days of the month, months,
// days of the week, years (CloudWatch Events user guide, Cron expressions).
type cron struct {
	zone                                         *time.Location
	minutes, hours, days, months, weekdays, year set
	special                                      func(day time.Time) bool // L, W and # beyond the sets; nil allows all
}

// A set holds the values that a field allows.
type set map[int]bool

// A field is a place in a cron expression.
type field struct {
	name     string
	min, max int
	names    []string // for min, min+1, …
}

var fields = [6]field{
	{"minutes", 0, 59, nil},
	{"hours", 0, 23, nil},
	{"day of month", 1, 31, nil},
	{"month", 1, 12, []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
	{"day of week", 1, 7, []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}},
	{"year", 1970, 2199, nil},
}

func parseCron(text string, zone *time.Location) (*cron, error) {
	parts := strings.Fields(text)
	if len(parts) != len(fields) {
		return nil, fmt.Errorf("cron %q: want six fields", text)
	}
	c := &cron{zone: zone}
	var err error
	if c.special, err = specialDay(parts); err != nil {
		return nil, fmt.Errorf("cron %q: %w", text, err)
	}
	if parts[2] != "?" && parts[4] != "?" && !(parts[2] == "*" || parts[4] == "*") {
		return nil, fmt.Errorf("cron %q: one of day of month and day of week must be ?", text)
	}
	for i, to := range []*set{&c.minutes, &c.hours, &c.days, &c.months, &c.weekdays, &c.year} {
		if *to, err = fields[i].parse(parts[i]); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func (f field) parse(text string) (set, error) {
	all := set{}
	for item := range strings.SplitSeq(text, ",") {
		span, by, stepped := strings.Cut(item, "/")
		from, to, err := f.span(span, stepped)
		step := 1
		if err == nil && stepped {
			step, err = strconv.Atoi(by)
		}
		if err != nil || step < 1 || from > to {
			return nil, fmt.Errorf("%s %q: want numbers from %d to %d, ranges and steps", f.name, item, f.min, f.max)
		}
		for v := from; v <= to; v += step {
			all[v] = true
		}
	}
	return all, nil
}

// span reads "*", "a-b" or "a", which before a step means "from a on".
func (f field) span(text string, stepped bool) (from, to int, err error) {
	if text == "*" || text == "?" {
		return f.min, f.max, nil
	}
	first, last, isRange := strings.Cut(text, "-")
	if from, err = f.value(first); err != nil {
		return 0, 0, err
	}
	switch {
	case isRange:
		to, err = f.value(last)
	case stepped:
		to = f.max
	default:
		to = from
	}
	return from, to, err
}

func (f field) value(text string) (int, error) {
	for i, name := range f.names {
		if strings.EqualFold(name, text) {
			return f.min + i, nil
		}
	}
	n, err := strconv.Atoi(text)
	if err == nil && (n < f.min || n > f.max) {
		err = strconv.ErrRange
	}
	return n, err
}

// horizon is how many days next looks ahead: a leap year's day comes within.
const horizon = 9 * 366

// next returns the first minute after the given time that the expression allows.
func (c *cron) next(after time.Time) (time.Time, bool) {
	from := after.In(c.zone)
	for d := range horizon {
		day := time.Date(from.Year(), from.Month(), from.Day()+d, 0, 0, 0, 0, c.zone)
		if !c.allows(day) {
			continue
		}
		for hour := range 24 {
			for minute := range 60 {
				if !c.hours[hour] || !c.minutes[minute] {
					continue
				}
				at := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, c.zone)
				if at.After(after) && at.Hour() == hour {
					return at, true
				}
			}
		}
	}
	return time.Time{}, false
}

func (c *cron) allows(day time.Time) bool {
	return (c.special == nil || c.special(day)) && c.year[day.Year()] && c.months[int(day.Month())] && c.days[day.Day()] && c.weekdays[int(day.Weekday())+1]
}
