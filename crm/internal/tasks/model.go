// Package tasks keeps what people mean to do: when, who, and about whom.
package tasks

import (
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/id"
	"apexai/crm/internal/timeline"
	"apexai/crm/internal/web"
	"apexai/crm/internal/zone"
)

// A Task is one thing to do.
type Task struct {
	ID            id.ID      `json:"id"`
	Version       int        `json:"version"`
	Title         string     `json:"title"`
	Note          string     `json:"note"`
	Status        string     `json:"status"`   // open or done
	Priority      string     `json:"priority"` // low, normal or high
	AssigneeID    *id.ID     `json:"assigneeId"`
	AssigneeName  string     `json:"assigneeName"`
	DueDate       *string    `json:"dueDate"` // 2026-11-27, the same everywhere
	DueTime       *string    `json:"dueTime"` // 15:00 by the clocks of zone
	Zone          string     `json:"zone"`
	DueAt         *time.Time `json:"dueAt"`         // of a task with a time, in UTC
	RemindMinutes *int       `json:"remindMinutes"` // before dueAt, or before 9:00 on dueDate
	RemindedAt    *time.Time `json:"remindedAt"`
	Repeats       string     `json:"repeats"` // "", daily, weekdays, weekly or monthly
	Target        *Target    `json:"target"`
	Group         string     `json:"group"` // overdue, today, tomorrow, week, later, none or done, for the caller
	CompletedAt   *time.Time `json:"completedAt"`
	CompletedBy   *id.ID     `json:"completedBy"`
	CreatedAt     time.Time  `json:"createdAt"`
	CreatedBy     id.ID      `json:"createdBy"`
	UpdatedAt     time.Time  `json:"updatedAt"`
	UpdatedBy     id.ID      `json:"updatedBy"`
	DeletedAt     *time.Time `json:"deletedAt,omitempty"`

	sort        time.Time
	repeatDay   int
	next, entry *id.ID
}

// A Target is the record that a task is about.
type Target = timeline.Link

// RecordVersion goes into the ETag.
func (t Task) RecordVersion() int { return t.Version }

// Location is where the task is read.
func (t Task) Location() string { return "/api/v1/tasks/" + t.ID.String() }

// A Draft is what a person writes about a task.
type Draft struct {
	Title         string  `json:"title"`
	Note          string  `json:"note"`
	Priority      string  `json:"priority"`
	AssigneeID    *id.ID  `json:"assigneeId"`
	DueDate       *string `json:"dueDate"`
	DueTime       *string `json:"dueTime"`
	Zone          string  `json:"zone"`
	RemindMinutes *int    `json:"remindMinutes"`
	Repeats       string  `json:"repeats"`
	Target        *Target `json:"target"`
}

// Repeats are the ways in which a task comes again.
var Repeats = []string{"daily", "weekdays", "weekly", "monthly"}

const longestReminder = 60 * 24 * 60 // minutes

func (d *Draft) check() error {
	var f check.Faults
	f.Line("/title", &d.Title, 300)
	if d.Title == "" {
		f.Add("/title", "required", "a task needs a title")
	}
	f.Lines("/note", &d.Note, 10_000)
	if d.Priority == "" {
		d.Priority = "normal"
	}
	f.OneOf("/priority", d.Priority, "low", "normal", "high")
	d.checkDue(&f)
	f.OneOf("/repeats", d.Repeats, Repeats...)
	if d.Repeats != "" && d.DueDate == nil {
		f.Add("/repeats", "needs", "a task that comes again needs a due date")
	}
	if d.Target != nil && selectTarget[d.Target.Kind] == "" {
		f.Add("/target/kind", "choice", "person, company or deal")
	}
	return f.Problem()
}

func (d *Draft) checkDue(f *check.Faults) {
	if _, err := zone.Load(d.Zone); err != nil {
		f.Add("/zone", "zone", "this is no time zone such as Europe/Lisbon")
	} else if d.Zone == "" {
		d.Zone = "UTC"
	}
	if d.DueDate != nil {
		if date, err := time.Parse(dateFormat, *d.DueDate); err != nil || date.Year() < 1970 || date.Year() > 2100 {
			f.Add("/dueDate", "date", "a date is written 2026-07-31")
		}
	}
	if d.DueTime != nil {
		if _, err := time.Parse(clockFormat, *d.DueTime); err != nil || len(*d.DueTime) != 5 {
			f.Add("/dueTime", "time", "a time is written 15:00")
		} else if d.DueDate == nil {
			f.Add("/dueTime", "needs", "a time needs a date")
		}
	}
	if r := d.RemindMinutes; r != nil {
		if d.DueDate == nil {
			f.Add("/remindMinutes", "needs", "a reminder needs a due date")
		}
		if *r < 0 || *r > longestReminder {
			f.Add("/remindMinutes", "range", "from 0 to 86400")
		}
	}
}

func (t Task) draft() Draft {
	return Draft{t.Title, t.Note, t.Priority, t.AssigneeID, t.DueDate, t.DueTime, t.Zone, t.RemindMinutes, t.Repeats, t.Target}
}

// A Patch is a JSON merge patch of a Draft. Without its date a task loses its
// time, its reminder and its repetition too.
type Patch struct {
	Title         web.Field[string]  `json:"title"`
	Note          web.Field[string]  `json:"note"`
	Priority      web.Field[string]  `json:"priority"`
	AssigneeID    web.Field[*id.ID]  `json:"assigneeId"`
	DueDate       web.Field[*string] `json:"dueDate"`
	DueTime       web.Field[*string] `json:"dueTime"`
	Zone          web.Field[string]  `json:"zone"`
	RemindMinutes web.Field[*int]    `json:"remindMinutes"`
	Repeats       web.Field[string]  `json:"repeats"`
	Target        web.Field[*Target] `json:"target"`
}

func (p Patch) over(d Draft) Draft {
	if p.DueDate.Given && p.DueDate.Value == nil {
		d.DueTime, d.RemindMinutes, d.Repeats = nil, nil, ""
	}
	return Draft{
		p.Title.Over(d.Title), p.Note.Over(d.Note), p.Priority.Over(d.Priority), p.AssigneeID.Over(d.AssigneeID),
		p.DueDate.Over(d.DueDate), p.DueTime.Over(d.DueTime), p.Zone.Over(d.Zone), p.RemindMinutes.Over(d.RemindMinutes),
		p.Repeats.Over(d.Repeats), p.Target.Over(d.Target),
	}
}
