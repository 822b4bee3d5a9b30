package tasks

import (
	"time"

	"apexai/crm/internal/zone"
)

const (
	dateFormat  = "2006-01-02"
	clockFormat = "15:04"
	morning     = 9 // o'clock: when a reminder of a date without a time comes
)

// never is when a task without a due date is late.
var never = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// moments are what a task's due date and time come to.
type moments struct {
	at     *time.Time // of a task with a time
	sort   time.Time
	remind *time.Time
}

func (d Draft) moments() moments {
	m := moments{sort: never}
	if d.DueDate == nil {
		return m
	}
	in, _ := zone.Load(d.Zone)                    // checked before
	date, _ := time.Parse(dateFormat, *d.DueDate) // checked before
	remindable := zone.At(date, morning, 0, in)
	m.sort = zone.Begins(date.AddDate(0, 0, 1), in).Add(-time.Millisecond)
	if d.DueTime != nil {
		clock, _ := time.Parse(clockFormat, *d.DueTime) // checked before
		at := zone.At(date, clock.Hour(), clock.Minute(), in)
		m.at, m.sort, remindable = &at, at, at
	}
	if d.RemindMinutes != nil {
		remind := remindable.Add(-time.Duration(*d.RemindMinutes) * time.Minute)
		m.remind = &remind
	}
	return m
}

// A Day is what a viewer's clock and calendar show.
type Day struct {
	Now time.Time
	In  *time.Location
}

// Date is the day so many days from today, at midnight in UTC.
func (d Day) Date(days int) time.Time { return zone.Today(d.Now, d.In).AddDate(0, 0, days) }

// Begins is the moment at which the day so many days from today begins.
func (d Day) Begins(days int) time.Time { return zone.Begins(d.Date(days), d.In) }

// untilMonday is how many days are left of this week, with today.
func (d Day) untilMonday() int { return (7-int(d.Date(0).Weekday()))%7 + 1 }

// The groups of tasks, in order.
const (
	Overdue  = "overdue"
	Today    = "today"
	Tomorrow = "tomorrow"
	Week     = "week"
	Later    = "later"
	None     = "none"
	Done     = "done"
)

// Groups are all groups, in order.
var Groups = []string{Overdue, Today, Tomorrow, Week, Later, None, Done}

// group is where a task stands for whoever looks at it. A date is the same
// date everywhere; a time is when it is by the viewer's own clock.
func (d Day) group(t Task) string {
	switch {
	case t.Status == "done":
		return Done
	case t.DueDate == nil:
		return None
	case t.DueAt != nil && t.DueAt.Before(d.Now):
		return Overdue
	}
	date := *t.DueDate
	if t.DueAt != nil {
		date = t.DueAt.In(d.In).Format(dateFormat)
	}
	switch {
	case date < d.Date(0).Format(dateFormat):
		return Overdue
	case date == d.Date(0).Format(dateFormat):
		return Today
	case date == d.Date(1).Format(dateFormat):
		return Tomorrow
	case date < d.Date(d.untilMonday()).Format(dateFormat):
		return Week
	}
	return Later
}
