package tasks

import "time"

// text is a column's text of what may be absent.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// future is a reminder that is still to come; one for the past is none.
func future(remind *time.Time, now time.Time) *time.Time {
	if remind == nil || remind.Before(now) {
		return nil
	}
	return remind
}

// pending is when to remind of a task that is open again.
func pending(task Task, now time.Time) *time.Time { return future(task.draft().moments().remind, now) }

func (d Draft) targetKind() string {
	if d.Target == nil {
		return ""
	}
	return d.Target.Kind
}

func (d Draft) targetID() any {
	if d.Target == nil {
		return nil
	}
	return d.Target.ID
}

// day is the day of the month on which a monthly task is due, also when a
// month is too short for it.
func (d Draft) day() int {
	if d.Repeats != "monthly" || d.DueDate == nil {
		return 0
	}
	date, _ := time.Parse(dateFormat, *d.DueDate) // checked before
	return date.Day()
}
