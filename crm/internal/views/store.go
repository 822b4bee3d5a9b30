package views

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
)

// A Store keeps views in MySQL.
type Store struct {
	DB    *database.DB
	Kinds records.Kinds
	Now   func() time.Time
}

const (
	selectViews = `SELECT v.id, v.version, v.kind, v.name, v.owner_id, v.shared, v.filter, v.sort, v.columns_shown, v.layout, v.group_by,
		COALESCE(m.favourite, 0), COALESCE(m.is_default, 0), v.created_at, v.updated_at
		FROM views v LEFT JOIN view_marks m ON m.workspace_id = v.workspace_id AND m.view_id = v.id AND m.user_id = ?
		WHERE v.workspace_id = ? AND (v.shared = 1 OR v.owner_id = ?)`
	insertView = `INSERT INTO views (workspace_id, id, kind, name, owner_id, shared, filter, sort, columns_shown, layout, group_by, created_at, updated_at, updated_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateView = `UPDATE views SET version = version + 1, name = ?, shared = ?, filter = ?, sort = ?, columns_shown = ?, layout = ?, group_by = ?, updated_at = ?, updated_by = ?
		WHERE workspace_id = ? AND id = ?`
	deleteView   = `DELETE FROM views WHERE workspace_id = ? AND id = ?`
	lockView     = `SELECT 1 FROM views WHERE workspace_id = ? AND id = ? FOR UPDATE`
	countMine    = `SELECT COUNT(*) FROM views WHERE workspace_id = ? AND owner_id = ?`
	upsertMarks  = `INSERT INTO view_marks (workspace_id, user_id, view_id, favourite, is_default) VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE favourite = VALUES(favourite), is_default = VALUES(is_default)`
	clearDefault = `UPDATE view_marks SET is_default = 0 WHERE workspace_id = ? AND user_id = ? AND view_id IN (SELECT v.id FROM views v WHERE v.workspace_id = view_marks.workspace_id AND v.kind = ?)`
)

func scan(row database.Row, v *View) error {
	var filter, columns []byte
	err := row.Scan(&v.ID, &v.Version, &v.Kind, &v.Name, &v.OwnerID, &v.Shared, &filter, &v.Sort, &columns, &v.Layout, &v.GroupBy,
		&v.Favourite, &v.Default, &v.CreatedAt, &v.UpdatedAt)
	if err != nil {
		return err
	}
	v.Columns = []Column{}
	if filter != nil {
		err = json.Unmarshal(filter, &v.Filter)
	}
	if err == nil && columns != nil {
		err = json.Unmarshal(columns, &v.Columns)
	}
	return err
}

// List returns the views that the tenant's user sees, of one kind or of all.
func (s Store) List(ctx context.Context, t tenant.Tenant, kind string) (all []View, err error) {
	query, args := selectViews, []any{t.User, t.Workspace, t.User}
	if kind != "" {
		query, args = query+" AND v.kind = ?", append(args, kind)
	}
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = database.All(ctx, q, scan, query+" ORDER BY v.kind, v.created_at, v.id", args...)
		return err
	})
	return all, err
}

// Get returns a view; another's own is not found.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID) (v View, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		v, err = read(ctx, q, t, which)
		return err
	})
	return v, err
}

func read(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (View, error) {
	v, ok, err := database.One(ctx, q, scan, selectViews+" AND v.id = ?", t.User, t.Workspace, t.User, which)
	if err == nil && !ok {
		err = problem.NotFound("view")
	}
	return v, err
}

// Create keeps a view.
func (s Store) Create(ctx context.Context, t tenant.Tenant, d Draft) (v View, err error) {
	which, now := id.New(), s.now()
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if err := s.judge(ctx, q, t, &d); err != nil {
			return err
		}
		mine, _, err := database.One(ctx, q, database.Scalar[int], countMine, t.Workspace, t.User)
		if err != nil {
			return err
		}
		if mine >= maxPerUser {
			return problem.Conflict("you have " + strconv.Itoa(maxPerUser) + " views, which is as many as there can be")
		}
		filter, columns := d.stored()
		if _, err := database.Exec(ctx, q, insertView, t.Workspace, which, d.Kind, d.Name, t.User, d.Shared, filter, d.Sort, columns, d.Layout, d.GroupBy, now, now, t.User); err != nil {
			return err
		}
		if v, err = read(ctx, q, t, which); err != nil {
			return err
		}
		return record(ctx, q, t, "created", nil, &v)
	})
	return v, err
}

func (s Store) judge(ctx context.Context, q database.Queryer, t tenant.Tenant, d *Draft) error {
	kind, ok := s.Kinds.Find(d.Kind)
	if !ok {
		return problem.Validation(problem.Fault{Pointer: "/kind", Code: "choice", Message: "there is no such kind of record"})
	}
	known, err := kind.Fields(ctx, q, t)
	if err != nil {
		return err
	}
	return d.check(kind, known)
}

// stored are the filter and the columns as they are kept: NULL for none.
func (d Draft) stored() (filter, columns any) {
	if text := d.Filter.String(); text != "" {
		filter = text
	}
	if len(d.Columns) > 0 {
		if text, err := json.Marshal(d.Columns); err == nil { // names and numbers
			columns = text
		}
	}
	return filter, columns
}

// Update changes the version that the caller read.
func (s Store) Update(ctx context.Context, t tenant.Tenant, which id.ID, version int, p Patch) (after View, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		before, err := own(ctx, q, t, which, version)
		if err != nil {
			return err
		}
		d := p.over(before)
		if err := s.judge(ctx, q, t, &d); err != nil {
			return err
		}
		filter, columns := d.stored()
		if _, err := database.Exec(ctx, q, updateView, d.Name, d.Shared, filter, d.Sort, columns, d.Layout, d.GroupBy, s.now(), t.User, t.Workspace, which); err != nil {
			return err
		}
		if after, err = read(ctx, q, t, which); err != nil {
			return err
		}
		return record(ctx, q, t, "updated", &before, &after)
	})
	return after, err
}

// own reads a view that the tenant's user may change.
func own(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int) (View, error) {
	if _, _, err := database.One(ctx, q, database.Scalar[int], lockView, t.Workspace, which); err != nil {
		return View{}, err
	}
	v, err := read(ctx, q, t, which)
	switch {
	case err != nil:
		return v, err
	case v.OwnerID != t.User && t.Role < tenant.Admin:
		return v, problem.Forbidden("only its owner and admins change a shared view; save it as one of your own")
	case v.Version != version:
		return v, problem.Stale(v)
	}
	return v, nil
}

// Delete forgets a view.
func (s Store) Delete(ctx context.Context, t tenant.Tenant, which id.ID, version int) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		before, err := own(ctx, q, t, which, version)
		if err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, deleteView, t.Workspace, which); err != nil {
			return err
		}
		return record(ctx, q, t, "deleted", &before, nil)
	})
}

// Mark says what the tenant's user makes of a view; one of a kind is the
// default.
func (s Store) Mark(ctx context.Context, t tenant.Tenant, which id.ID, m Marks) (v View, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if v, err = read(ctx, q, t, which); err != nil {
			return err
		}
		v.Favourite, v.Default = m.Favourite.Over(v.Favourite), m.Default.Over(v.Default)
		if v.Default {
			if _, err := database.Exec(ctx, q, clearDefault, t.Workspace, t.User, v.Kind); err != nil {
				return err
			}
		}
		_, err := database.Exec(ctx, q, upsertMarks, t.Workspace, t.User, which, v.Favourite, v.Default)
		return err
	})
	return v, err
}

// now is cut to what MySQL keeps, so that an answer equals a later read.
func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

func record(ctx context.Context, q database.Queryer, t tenant.Tenant, verb string, before, after *View) error {
	c := change.Change{Kind: "view", Verb: verb}
	for _, state := range []*View{before, after} {
		if state != nil {
			c.ID, c.Version = state.ID, state.Version
		}
	}
	if before != nil {
		c.Before = *before
	}
	if after != nil {
		c.After = *after
	}
	return change.Record(ctx, q, t, c)
}
