package stack

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// A DayWindow is a time of every day, UTC: 02:00-03:00. It may pass midnight.
type DayWindow struct{ From, To string }

var dayWindowForm = regexp.MustCompile(`^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$`)

// UnmarshalText reads a window of the day.
func (w *DayWindow) UnmarshalText(text []byte) error {
	if !dayWindowForm.Match(text) {
		return fmt.Errorf("%q is no window of the day such as 02:00-03:00 (UTC)", text)
	}
	w.From, w.To, _ = strings.Cut(string(text), "-")
	return nil
}

// Form describes a daily window for editors.
func (DayWindow) Form() string { return dayWindowForm.String() }

// String returns the window as AWS writes it: 02:00-03:00.
func (w DayWindow) String() string {
	if w == (DayWindow{}) {
		return ""
	}
	return w.From + "-" + w.To
}

// Length is how long the window is open.
func (w DayWindow) Length() time.Duration {
	length := clock(w.To) - clock(w.From)
	if length <= 0 {
		length += 24 * time.Hour
	}
	return length
}

// Overlaps reports whether both windows are open at one moment.
func (w DayWindow) Overlaps(o DayWindow) bool {
	const day = 24 * time.Hour
	gap := (clock(o.From) - clock(w.From) + day) % day
	return gap < w.Length() || (day-gap)%day < o.Length()
}

// clock is the time since midnight of "04:30".
func clock(s string) time.Duration {
	var h, m time.Duration
	if _, err := fmt.Sscanf(s, "%d:%d", &h, &m); err != nil {
		return 0
	}
	return h*time.Hour + m*time.Minute
}

// A Window is a time of every week, UTC: Mon 04:00-05:00.
type Window struct {
	Day string
	DayWindow
}

var days = []string{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}

var windowForm = regexp.MustCompile(`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\S+)$`)

// UnmarshalText reads a window of the week.
func (w *Window) UnmarshalText(text []byte) error {
	m := windowForm.FindSubmatch(text)
	if m == nil {
		return fmt.Errorf("%q is no window of the week such as Mon 04:00-05:00 (UTC)", text)
	}
	w.Day = string(m[1])
	return w.DayWindow.UnmarshalText(m[2])
}

// Form describes a weekly window for editors.
func (Window) Form() string {
	return `^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d:\d\d-\d\d:\d\d$`
}

// String returns the window as AWS writes it: mon:04:00-mon:05:00.
func (w Window) String() string {
	if w.Day == "" {
		return ""
	}
	from := strings.ToLower(w.Day)
	to := from
	if clock(w.To) <= clock(w.From) {
		to = nextDay(w.Day)
	}
	return from + ":" + w.From + "-" + to + ":" + w.To
}

func nextDay(day string) string {
	for i, d := range days {
		if d == day {
			return strings.ToLower(days[(i+1)%len(days)])
		}
	}
	return strings.ToLower(day)
}
