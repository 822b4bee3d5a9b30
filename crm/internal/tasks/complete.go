package tasks

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/timeline"
	"apexai/crm/internal/zone"
)

const (
	updateDone = `UPDATE tasks SET version = version + 1, status = 'done', completed_at = ?, completed_by = ?, remind_at = NULL, next_id = ?, entry_id = ?,
		updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	updateOpen = `UPDATE tasks SET version = version + 1, status = 'open', completed_at = NULL, completed_by = NULL, remind_at = ?, next_id = NULL, entry_id = NULL,
		updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	// The next of a repeated task goes with the undoing only if nobody touched it.
	deleteNext  = `UPDATE tasks SET version = version + 1, deleted_at = ?, remind_at = NULL WHERE workspace_id = ? AND id = ? AND version = 1 AND status = 'open'`
	updateDay   = `UPDATE tasks SET repeat_day = ? WHERE workspace_id = ? AND id = ?`
	deleteEntry = `DELETE FROM activities WHERE workspace_id = ? AND id = ?`
)

// Complete marks a task as done; one that is done stays. It stands in the
// target's timeline, and a task that repeats is there again for the next time.
func (s Store) Complete(ctx context.Context, t tenant.Tenant, which id.ID) (Task, error) {
	return s.change(ctx, t, which, "completed", func(ctx context.Context, q database.Queryer, task Task) error {
		if task.DeletedAt != nil {
			return problem.NotFound("task")
		}
		if task.Status == "done" {
			return nil
		}
		now := s.now()
		next, err := s.repeat(ctx, q, t, task, now)
		if err != nil {
			return err
		}
		entry, err := tell(ctx, q, t, task, now)
		if err != nil {
			return err
		}
		_, err = database.Exec(ctx, q, updateDone, now, t.User, next, entry, now, t.User, t.Workspace, which)
		return err
	})
}

// Reopen undoes Complete; a task that is open stays.
func (s Store) Reopen(ctx context.Context, t tenant.Tenant, which id.ID) (Task, error) {
	return s.change(ctx, t, which, "reopened", func(ctx context.Context, q database.Queryer, task Task) error {
		if task.DeletedAt != nil {
			return problem.NotFound("task")
		}
		if task.Status == "open" {
			return nil
		}
		now := s.now()
		if task.next != nil {
			if _, err := database.Exec(ctx, q, deleteNext, now, t.Workspace, *task.next); err != nil {
				return err
			}
		}
		if task.entry != nil {
			if _, err := database.Exec(ctx, q, deleteEntry, t.Workspace, *task.entry); err != nil {
				return err
			}
		}
		_, err := database.Exec(ctx, q, updateOpen, pending(task, now), now, t.User, t.Workspace, which)
		return err
	})
}

// tell notes in the target's timeline that the task was done.
func tell(ctx context.Context, q database.Queryer, t tenant.Tenant, task Task, now time.Time) (*id.ID, error) {
	if task.Target == nil {
		return nil, nil
	}
	entry, err := timeline.Log(ctx, q, t, timeline.Entry{
		Type: timeline.TaskDone, Subject: task.Title, OccurredAt: now, Links: []timeline.Link{*task.Target},
		Meta: struct {
			Task id.ID `json:"task"`
		}{task.ID},
	})
	return &entry, err
}

// repeat adds the next of a task that repeats.
func (s Store) repeat(ctx context.Context, q database.Queryer, t tenant.Tenant, task Task, now time.Time) (*id.ID, error) {
	if task.Repeats == "" {
		return nil, nil
	}
	d := task.draft()
	in, err := zone.Load(task.Zone)
	if err != nil {
		return nil, err
	}
	date := next(*task.DueDate, task.Repeats, task.repeatDay, Day{now, in}.Date(0)).Format(dateFormat)
	d.DueDate = &date
	again, err := s.Add(ctx, q, t, d)
	if err != nil {
		return nil, err
	}
	if task.repeatDay != 0 {
		_, err = database.Exec(ctx, q, updateDay, task.repeatDay, t.Workspace, again.ID)
	}
	return &again.ID, err
}

// next is the first date of a repeated task behind both its own and today.
func next(due, repeats string, day int, today time.Time) time.Time {
	begin, _ := time.Parse(dateFormat, due) // as MySQL gave it
	date := begin
	for i := 1; !date.After(begin) || !date.After(today); i++ {
		switch repeats {
		case "weekly":
			date = begin.AddDate(0, 0, 7*i)
		case "monthly":
			date = monthly(begin, i, day)
		default:
			date = begin.AddDate(0, 0, i)
		}
	}
	for repeats == "weekdays" && (date.Weekday() == time.Saturday || date.Weekday() == time.Sunday) {
		date = date.AddDate(0, 0, 1)
	}
	return date
}

// monthly is a day of the month so many months on, or the month's last.
func monthly(begin time.Time, months, day int) time.Time {
	first := time.Date(begin.Year(), begin.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(max(day, 1), last)-1)
}
