package tasks

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
)

// orders are the sorts of the list; the second is for what is done.
var orders = page.Orders{
	{Name: "due", Columns: []page.Column{page.Time("t.due_sort"), page.ID("t.id")}},
	{Name: "-completedAt", Columns: []page.Column{page.Time("t.completed_at"), page.ID("t.id")}, Desc: true},
}

func sortValues(t Task, o page.Order) []string {
	if o.Name == "due" {
		return []string{page.FormatTime(t.sort), t.ID.String()}
	}
	return []string{page.FormatTime(*t.CompletedAt), t.ID.String()}
}

// A Query is which tasks to list.
type Query struct {
	page.Request
	Day      Day
	Status   string // open, done
	Assignee *id.ID
	Group    string
	Target   *Target
}

const (
	columns = `t.id, t.version, t.title, t.note, t.status, t.priority, t.assignee_id, COALESCE(u.name, ''),
		CAST(t.due_date AS CHAR), NULLIF(t.due_time, ''), t.zone, t.due_at, t.due_sort, t.remind_minutes, t.reminded_at, t.repeats, t.repeat_day,
		t.next_id, t.entry_id, t.target_kind, t.target_id, COALESCE(d.title, ''), t.completed_at, t.completed_by,
		t.created_at, t.created_by, t.updated_at, t.updated_by, t.deleted_at`
	fromWhere = ` FROM tasks t LEFT JOIN users u ON u.id = t.assignee_id
		LEFT JOIN search_docs d ON d.workspace_id = t.workspace_id AND d.kind = t.target_kind AND d.target_id = t.target_id
		WHERE t.workspace_id = ?`
	selectTasks  = `SELECT ` + columns + fromWhere
	selectCounts = `SELECT
			COALESCE(SUM(` + isOverdue + `), 0), COALESCE(SUM(` + isToday + `), 0), COUNT(*)
		FROM tasks t WHERE t.workspace_id = ? AND t.assignee_id = ? AND t.status = 'open' AND t.deleted_at IS NULL`
	isOverdue = `(t.due_at < ? OR t.due_at IS NULL AND t.due_date < ?)`
	isToday   = `(t.due_at >= ? AND t.due_at < ? OR t.due_at IS NULL AND t.due_date = ?)`
	isBetween = `(t.due_at >= ? AND t.due_at < ? OR t.due_at IS NULL AND t.due_date >= ? AND t.due_date < ?)`
	isBehind  = `(t.due_at >= ? OR t.due_at IS NULL AND t.due_date >= ?)`
)

func scan(row database.Row, t *Task) error {
	var kind, title string
	var target *id.ID
	err := row.Scan(&t.ID, &t.Version, &t.Title, &t.Note, &t.Status, &t.Priority, &t.AssigneeID, &t.AssigneeName,
		&t.DueDate, &t.DueTime, &t.Zone, &t.DueAt, &t.sort, &t.RemindMinutes, &t.RemindedAt, &t.Repeats, &t.repeatDay,
		&t.next, &t.entry, &kind, &target, &title, &t.CompletedAt, &t.CompletedBy,
		&t.CreatedAt, &t.CreatedBy, &t.UpdatedAt, &t.UpdatedBy, &t.DeletedAt)
	if target != nil {
		t.Target = &Target{Kind: kind, ID: *target, Title: title}
	}
	return err
}

// where is the part of a list's condition that its filters make.
func (q Query) where() (string, []any) {
	sql, args := " AND t.deleted_at IS NULL", []any(nil)
	if q.Status != "" {
		sql += " AND t.status = ?"
		args = append(args, q.Status)
	}
	if q.Assignee != nil {
		sql += " AND t.assignee_id = ?"
		args = append(args, *q.Assignee)
	}
	if q.Target != nil {
		sql += " AND t.target_kind = ? AND t.target_id = ?"
		args = append(args, q.Target.Kind, q.Target.ID)
	}
	if group, more := q.Day.within(q.Group); group != "" {
		sql += " AND " + group
		args = append(args, more...)
	}
	return sql, args
}

// within is the condition for a group's tasks.
func (d Day) within(group string) (string, []any) {
	between := func(from, to int) (string, []any) {
		return isBetween, []any{d.Begins(from), d.Begins(to), d.Date(from), d.Date(to)}
	}
	switch group {
	case Overdue:
		return isOverdue, []any{d.Now.UTC(), d.Date(0)}
	case Today:
		return isToday, []any{d.Now.UTC(), d.Begins(1), d.Date(0)}
	case Tomorrow:
		return between(1, 2)
	case Week:
		return between(2, max(d.untilMonday(), 2))
	case Later:
		from := max(d.untilMonday(), 2)
		return isBehind, []any{d.Begins(from), d.Date(from)}
	case None:
		return "t.due_date IS NULL", nil
	}
	return "", nil
}

// List returns one page of tasks in one query.
func (s Store) List(ctx context.Context, t tenant.Tenant, query Query) (p page.Page[Task], err error) {
	filter, args := query.where()
	after, afterArgs, err := query.Order.After(query.After)
	if err != nil {
		return p, err
	}
	args = append(append([]any{t.Workspace}, args...), afterArgs...)
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		rows, err := database.All(ctx, q, scan, selectTasks+filter+after+" ORDER BY "+query.Order.By()+" LIMIT ?", append(args, query.Limit+1)...)
		if err != nil {
			return err
		}
		for i := range rows {
			rows[i].Group = query.Day.group(rows[i])
		}
		p = page.Cut(query.Request, rows, sortValues)
		return nil
	})
	return p, err
}

// Counts are how many open tasks the caller has.
type Counts struct {
	Overdue int `json:"overdue"`
	Today   int `json:"today"` // without those that are overdue
	Open    int `json:"open"`
}

// Counts counts the caller's open tasks.
func (s Store) Counts(ctx context.Context, t tenant.Tenant, day Day) (c Counts, err error) {
	now := day.Now.UTC()
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		c, _, err = database.One(ctx, q, func(row database.Row, c *Counts) error { return row.Scan(&c.Overdue, &c.Today, &c.Open) },
			selectCounts, now, day.Date(0), now, day.Begins(1), day.Date(0), t.Workspace, t.User)
		return err
	})
	return c, err
}

// now is cut to what MySQL keeps.
func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
