package tasks

import (
	"context"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/notifications"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
)

// A Store keeps tasks in MySQL.
type Store struct {
	DB    *database.DB
	Now   func() time.Time
	Quiet bool // its changes are part of a mass change, such as seeding
}

const (
	insertOne = `INSERT INTO tasks (workspace_id, id, title, note, priority, assignee_id, due_date, due_time, zone, due_at, due_sort,
		remind_minutes, remind_at, repeats, repeat_day, target_kind, target_id, created_at, created_by, updated_at, updated_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateOne = `UPDATE tasks SET version = version + 1, title = ?, note = ?, priority = ?, assignee_id = ?, due_date = ?, due_time = ?, zone = ?,
		due_at = ?, due_sort = ?, remind_minutes = ?, remind_at = ?, reminded_at = ?, repeats = ?, repeat_day = ?, target_kind = ?, target_id = ?,
		updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	updateTrash  = `UPDATE tasks SET version = version + 1, deleted_at = ?, remind_at = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	lockOne      = `SELECT 1 FROM tasks WHERE workspace_id = ? AND id = ? FOR UPDATE`
	selectMember = `SELECT 1 FROM members WHERE workspace_id = ? AND user_id = ? AND role <> 'nobody'`
)

var selectTarget = map[string]string{
	"person":  `SELECT 1 FROM people WHERE workspace_id = ? AND id = ? AND deleted_at IS NULL`,
	"company": `SELECT 1 FROM companies WHERE workspace_id = ? AND id = ? AND deleted_at IS NULL`,
	"deal":    `SELECT 1 FROM deals WHERE workspace_id = ? AND id = ? AND deleted_at IS NULL`,
}

// Get returns a task, also a deleted one.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID, day Day) (task Task, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		task, err = read(ctx, q, t, which)
		task.Group = day.group(task)
		return err
	})
	return task, err
}

func read(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (Task, error) {
	task, ok, err := database.One(ctx, q, scan, selectTasks+" AND t.id = ?", t.Workspace, which)
	if err == nil && !ok {
		err = problem.NotFound("task")
	}
	return task, err
}

// Create adds a task.
func (s Store) Create(ctx context.Context, t tenant.Tenant, d Draft) (task Task, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		task, err = s.Add(ctx, q, t, d)
		return err
	})
	return task, err
}

// Add adds a task as part of a transaction.
func (s Store) Add(ctx context.Context, q database.Queryer, t tenant.Tenant, d Draft) (Task, error) {
	if err := d.check(); err != nil {
		return Task{}, err
	}
	if err := related(ctx, q, t, d, Draft{}); err != nil {
		return Task{}, err
	}
	which, now, m := id.New(), s.now(), d.moments()
	_, err := database.Exec(ctx, q, insertOne, t.Workspace, which, d.Title, d.Note, d.Priority, d.AssigneeID, d.DueDate, text(d.DueTime), d.Zone, m.at, m.sort,
		d.RemindMinutes, future(m.remind, now), d.Repeats, d.day(), d.targetKind(), d.targetID(), now, t.User, now, t.User)
	if err != nil {
		return Task{}, err
	}
	task, err := read(ctx, q, t, which)
	if err != nil {
		return task, err
	}
	return task, s.note(ctx, q, t, "created", Task{}, task)
}

// Update changes the version that the caller read.
func (s Store) Update(ctx context.Context, t tenant.Tenant, which id.ID, version int, patch Patch) (Task, error) {
	return s.change(ctx, t, which, "updated", func(ctx context.Context, q database.Queryer, task Task) error {
		if err := current(task, version); err != nil {
			return err
		}
		was := task.draft()
		d := patch.over(was)
		if err := d.check(); err != nil {
			return err
		}
		if err := related(ctx, q, t, d, was); err != nil {
			return err
		}
		m, now := d.moments(), s.now()
		reminded := task.RemindedAt
		remind := future(m.remind, now)
		if remind != nil {
			reminded = nil
		}
		if task.Status != "open" {
			remind = nil
		}
		day := task.repeatDay
		if patch.DueDate.Given || patch.Repeats.Given {
			day = d.day()
		}
		_, err := database.Exec(ctx, q, updateOne, d.Title, d.Note, d.Priority, d.AssigneeID, d.DueDate, text(d.DueTime), d.Zone, m.at, m.sort,
			d.RemindMinutes, remind, reminded, d.Repeats, day, d.targetKind(), d.targetID(), now, t.User, t.Workspace, which)
		return err
	})
}

// Delete puts the version that the caller read into the trash.
func (s Store) Delete(ctx context.Context, t tenant.Tenant, which id.ID, version int) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		return s.Discard(ctx, q, t, which, version)
	})
}

// Discard puts a task into the trash as part of a transaction: the version
// that the caller read.
func (s Store) Discard(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int) error {
	_, err := s.within(ctx, q, t, which, "deleted", func(ctx context.Context, q database.Queryer, task Task) error {
		if err := current(task, version); err != nil {
			return err
		}
		now := s.now()
		_, err := database.Exec(ctx, q, updateTrash, now, nil, now, t.User, t.Workspace, which)
		return err
	})
	return err
}

// Restore takes a task out of the trash; one that is not in it stays.
func (s Store) Restore(ctx context.Context, t tenant.Tenant, which id.ID) (Task, error) {
	return s.change(ctx, t, which, "restored", func(ctx context.Context, q database.Queryer, task Task) error {
		if task.DeletedAt == nil {
			return nil
		}
		now := s.now()
		_, err := database.Exec(ctx, q, updateTrash, nil, pending(task, now), now, t.User, t.Workspace, which)
		return err
	})
}

// change holds the row while fn works on it, notes what that changed, and
// returns it as it is then.
func (s Store) change(ctx context.Context, t tenant.Tenant, which id.ID, verb string, fn func(context.Context, database.Queryer, Task) error) (task Task, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		task, err = s.within(ctx, q, t, which, verb, fn)
		return err
	})
	return task, err
}

// within is change as part of a transaction.
func (s Store) within(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, verb string, fn func(context.Context, database.Queryer, Task) error) (task Task, err error) {
	if _, _, err := database.One(ctx, q, database.Scalar[int], lockOne, t.Workspace, which); err != nil {
		return task, err
	}
	was, err := read(ctx, q, t, which)
	if err != nil {
		return task, err
	}
	if err := fn(ctx, q, was); err != nil {
		return task, err
	}
	if task, err = read(ctx, q, t, which); err != nil || task.Version == was.Version {
		return task, err
	}
	return task, s.note(ctx, q, t, verb, was, task)
}

// note records a change, brings search up to date, and tells the assignee of
// a task that is new to them.
func (s Store) note(ctx context.Context, q database.Queryer, t tenant.Tenant, verb string, was, task Task) error {
	c := change.Change{Kind: "task", ID: task.ID, Version: task.Version, Verb: verb, After: task, Quiet: s.Quiet}
	if verb != "created" {
		c.Before = was
	}
	if task.Target != nil {
		c.Near = []change.Ref{{Kind: task.Target.Kind, ID: task.Target.ID}}
	}
	if err := change.Record(ctx, q, t, c); err != nil {
		return err
	}
	if err := found(ctx, q, t, was, task); err != nil {
		return err
	}
	fresh := task.AssigneeID != nil && (was.AssigneeID == nil || *was.AssigneeID != *task.AssigneeID)
	if !fresh || s.Quiet || task.Status != "open" {
		return nil
	}
	return notifications.Tell(ctx, q, t, notifications.Note{
		User: *task.AssigneeID, Kind: notifications.Assigned, Title: task.Title, Target: &notifications.Target{Kind: "task", ID: task.ID},
	})
}

// found: open tasks can be searched for.
func found(ctx context.Context, q database.Queryer, t tenant.Tenant, was, task Task) error {
	searchable := func(t Task) bool { return t.Status == "open" && t.DeletedAt == nil }
	switch {
	case !searchable(task):
		return search.Drop(ctx, q, t, "task", task.ID)
	case searchable(was) && doc(was) == doc(task):
		return nil
	}
	if was.ID.IsZero() {
		return search.Add(ctx, q, t, doc(task))
	}
	return search.Put(ctx, q, t, doc(task))
}

func current(task Task, version int) error {
	if task.DeletedAt != nil {
		return problem.NotFound("task")
	}
	if task.Version != version {
		return problem.Stale(task)
	}
	return nil
}

// related refuses links, new since was, to what is not in the workspace.
func related(ctx context.Context, q database.Queryer, t tenant.Tenant, d, was Draft) error {
	if a := d.AssigneeID; a != nil && (was.AssigneeID == nil || *was.AssigneeID != *a) {
		if err := there(ctx, q, selectMember, "/assigneeId", t.Workspace, *a); err != nil {
			return err
		}
	}
	if r := d.Target; r != nil && (was.Target == nil || was.Target.ID != r.ID || was.Target.Kind != r.Kind) {
		return there(ctx, q, selectTarget[r.Kind], "/target", t.Workspace, r.ID)
	}
	return nil
}

func there(ctx context.Context, q database.Queryer, query, pointer string, args ...any) error {
	_, ok, err := database.One(ctx, q, database.Scalar[int], query, args...)
	if err == nil && !ok {
		err = problem.Validation(problem.Fault{Pointer: pointer, Code: "not-found", Message: "this is not in the workspace"})
	}
	return err
}
