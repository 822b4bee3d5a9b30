package advice

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/mail"
	"apexai/crm/internal/money"
	"apexai/crm/internal/notifications"
	"apexai/crm/internal/tenant"
)

const (
	selectReaders = `SELECT m.workspace_id, m.user_id, u.email, m.weekly_mail FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.workspace_id > 0 AND m.role IN ('member', 'admin', 'owner') AND m.created_at < ?
		AND NOT EXISTS (SELECT 1 FROM digests g WHERE g.workspace_id = m.workspace_id AND g.user_id = m.user_id AND g.week = ?)
		AND (m.workspace_id > ? OR m.workspace_id = ? AND m.user_id > ?)
		ORDER BY m.workspace_id, m.user_id LIMIT 500`
	insertDigest = `INSERT INTO digests (workspace_id, user_id, week, created_at) VALUES (?, ?, ?, ?)`
	selectWeek   = `SELECT status, currency, COUNT(*), SUM(amount_minor) FROM deals
		WHERE workspace_id = ? AND status IN ('won', 'lost') AND closed_at >= ? AND closed_at < ? AND deleted_at IS NULL GROUP BY status, currency ORDER BY status DESC, 4 DESC`
	selectNew     = `SELECT COUNT(*) FROM deals WHERE workspace_id = ? AND created_at >= ? AND created_at < ? AND deleted_at IS NULL`
	selectMoves   = `SELECT COUNT(DISTINCT deal_id) FROM stage_history WHERE workspace_id = ? AND moved_at >= ? AND moved_at < ? AND from_stage_id IS NOT NULL`
	selectOverdue = `SELECT COUNT(*) FROM tasks WHERE workspace_id = ? AND assignee_id = ? AND status = 'open' AND due_sort < ? AND deleted_at IS NULL`
)

// Periodic is the work that is due by the clock.
func (a Adviser) Periodic() []jobs.Periodic {
	return []jobs.Periodic{
		{Name: "digest.weekly", Every: 15 * time.Minute, Run: a.Digest},
		{Name: "ai.forget", Every: 24 * time.Hour, Run: a.Assistant.Forget},
	}
}

// mondayAt is the hour of Monday, UTC, from which the week before is told.
const mondayAt = 6

// Digest tells every member once what the week before brought: as a
// notification, and by mail where a mail server is set up and the member has not
// switched that off.
func (a Adviser) Digest(ctx context.Context) error {
	now := a.Now().UTC()
	monday := time.Date(now.Year(), now.Month(), now.Day()-(int(now.Weekday())+6)%7, 0, 0, 0, 0, time.UTC)
	if now.Before(monday.Add(mondayAt * time.Hour)) {
		return nil
	}
	year, week := monday.AddDate(0, 0, -7).ISOWeek()
	w := period{fmt.Sprintf("%d-W%02d", year, week), monday.AddDate(0, 0, -7), monday}
	key, err := a.Secret(ctx, purpose)
	if err != nil {
		return fmt.Errorf("key of the weekly mail: %w", err)
	}
	var faults error
	for last := (reader{}); ; {
		readers, err := a.readers(ctx, w, last)
		if err != nil || len(readers) == 0 {
			return errors.Join(faults, err)
		}
		for _, last = range readers {
			// One who cannot be told keeps nobody else from being told.
			if err := a.tell(ctx, last, w, key, now); err != nil && !database.IsDuplicate(err) {
				faults = errors.Join(faults, fmt.Errorf("tell user %s of workspace %d their week: %w", last.user, last.workspace, err))
			}
		}
	}
}

// readers are some of those who are to be told, behind the last one.
func (a Adviser) readers(ctx context.Context, w period, last reader) (some []reader, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) (err error) {
		some, err = database.All(ctx, q, func(row database.Row, r *reader) error {
			return row.Scan(&r.workspace, &r.user, &r.email, &r.mail)
		}, selectReaders, w.to, w.name, last.workspace, last.workspace, last.user)
		return err
	})
	return some, err
}

type period struct {
	name     string
	from, to time.Time
}

type reader struct {
	workspace uint32
	user      id.ID
	email     string
	mail      bool // they want the week by mail too
}

// tell notes that r has been told, and tells, both or neither.
func (a Adviser) tell(ctx context.Context, r reader, w period, key []byte, now time.Time) error {
	system := tenant.Tenant{Workspace: r.workspace}
	return a.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, err := database.Exec(ctx, q, insertDigest, r.workspace, r.user, w.name, now); err != nil {
			return err
		}
		lines, err := a.lines(ctx, q, r, w, now)
		if err != nil || len(lines) == 0 {
			return err
		}
		err = notifications.Tell(ctx, q, system, notifications.Note{User: r.user, Kind: notifications.System, Title: "Your week: " + strings.Join(lines[:min(3, len(lines))], " ")})
		if err != nil || !a.Mail || !r.mail {
			return err
		}
		_, err = mail.Queue(ctx, q, system, mail.Message{To: r.email, Subject: "Your week in ApexAI CRM, " + w.from.Format("2 January"), Text: "- " + strings.Join(lines, "\n- ") + "\n\n" + a.link(key, r) + "\n"})
		return err
	})
}

// lines say what happened and what waits; none if nothing did and nothing does.
func (a Adviser) lines(ctx context.Context, q database.Queryer, r reader, w period, now time.Time) (lines []string, err error) {
	type closed struct {
		status, currency string
		count            int
		sum              int64
	}
	ends, err := database.All(ctx, q, func(row database.Row, c *closed) error {
		return row.Scan(&c.status, &c.currency, &c.count, &c.sum)
	}, selectWeek, r.workspace, w.from, w.to)
	if err != nil {
		return nil, err
	}
	for _, c := range ends {
		lines = append(lines, fmt.Sprintf("%s %s: %s.", deal(c.count), c.status, money.Format(c.sum, c.currency)))
	}
	for _, f := range []struct {
		query, one, many string
		args             []any
	}{
		{selectNew, "1 deal new.", "%d deals new.", []any{r.workspace, w.from, w.to}},
		{selectMoves, "1 deal moved to another stage.", "%d deals moved to another stage.", []any{r.workspace, w.from, w.to}},
		{selectOverdue, "1 of your tasks is overdue.", "%d of your tasks are overdue.", []any{r.workspace, r.user, now}},
	} {
		n, _, err := database.One(ctx, q, database.Scalar[int], f.query, f.args...)
		switch {
		case err != nil:
			return nil, err
		case n == 1:
			lines = append(lines, f.one)
		case n > 1:
			lines = append(lines, fmt.Sprintf(f.many, n))
		}
	}
	waiting, err := advise(ctx, q, tenant.Tenant{Workspace: r.workspace, User: r.user}, now)
	for _, d := range waiting[:min(3, len(waiting))] {
		lines = append(lines, d.Payload.Title+": "+strings.ToLower(d.Payload.Reason[:1])+d.Payload.Reason[1:]+".")
	}
	return lines, err
}

func deal(n int) string {
	if n == 1 {
		return "1 deal"
	}
	return fmt.Sprintf("%d deals", n)
}
