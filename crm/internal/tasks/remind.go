package tasks

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/notifications"
	"apexai/crm/internal/realtime"
	"apexai/crm/internal/tenant"
)

const (
	// Rows that another task is at work on are skipped, and what was reminded
	// of has no remind_at any more: each reminder is told once.
	selectDue = `SELECT t.workspace_id, t.id, t.title, t.assignee_id, t.created_by FROM tasks t
		WHERE t.remind_at <= ? AND t.workspace_id > 0 ORDER BY t.remind_at LIMIT 50 FOR UPDATE SKIP LOCKED`
	updateReminded = `UPDATE tasks SET remind_at = NULL, reminded_at = ? WHERE workspace_id = ? AND id = ?`
	remindAtOnce   = 50
)

type due struct {
	workspace uint32
	id        id.ID
	title     string
	assignee  *id.ID
	creator   id.ID
}

// Periodic is the work that is due by the clock.
func (s Store) Periodic() []jobs.Periodic {
	return []jobs.Periodic{{Name: "tasks.remind", Every: time.Minute, Run: s.Remind}}
}

// Remind tells of all reminders that are due. Several tasks of the server may
// run it at once.
func (s Store) Remind(ctx context.Context) error {
	for {
		n, err := s.remindSome(ctx)
		if err != nil || n < remindAtOnce {
			return err
		}
	}
}

func (s Store) remindSome(ctx context.Context) (n int, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		now := s.now()
		list, err := database.All(ctx, q, func(row database.Row, d *due) error {
			return row.Scan(&d.workspace, &d.id, &d.title, &d.assignee, &d.creator)
		}, selectDue, now)
		n = len(list)
		for _, d := range list {
			if err := d.tell(ctx, q, now); err != nil {
				return err
			}
		}
		return err
	})
	return n, err
}

// tell reminds the assignee, or without one whoever made the task.
func (d due) tell(ctx context.Context, q database.Queryer, now time.Time) error {
	who := d.creator
	if d.assignee != nil {
		who = *d.assignee
	}
	t := tenant.Tenant{Workspace: d.workspace}
	if _, err := database.Exec(ctx, q, updateReminded, now, d.workspace, d.id); err != nil {
		return err
	}
	err := notifications.Tell(ctx, q, t, notifications.Note{
		User: who, Kind: notifications.Reminder, Title: d.title, Target: &notifications.Target{Kind: "task", ID: d.id},
	})
	if err != nil {
		return err
	}
	return realtime.Publish(ctx, q, realtime.User(d.workspace, who), "task.due", struct {
		ID id.ID `json:"id"`
	}{d.id})
}
