package fields

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Store keeps the definitions of fields in MySQL.
type Store struct {
	DB  *database.DB
	Now func() time.Time
}

const (
	columns    = `id, version, kind, key_name, label, type, options, position, created_at, updated_at, deleted_at`
	selectDefs = `SELECT ` + columns + ` FROM field_defs WHERE workspace_id = ?`
	// A field of several values counts once for each record.
	selectUsed = `SELECT field_id, COUNT(DISTINCT record_id) FROM field_values WHERE workspace_id = ? AND field_id IN (`
	insertDef  = `INSERT INTO field_defs (workspace_id, id, kind, key_name, label, type, options, position, created_at, created_by, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateDef  = `UPDATE field_defs SET version = version + 1, label = ?, options = ?, position = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	trashDef   = `UPDATE field_defs SET version = version + 1, deleted_at = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	byPosition = ` ORDER BY kind, position, id`
)

func scan(row database.Row, d *Def) error {
	var options []byte
	if err := row.Scan(&d.ID, &d.Version, &d.Kind, &d.Key, &d.Label, &d.Type, &options, &d.Position, &d.CreatedAt, &d.UpdatedAt, &d.DeletedAt); err != nil {
		return err
	}
	d.Options = []string{}
	if options == nil {
		return nil
	}
	return json.Unmarshal(options, &d.Options)
}

// Read returns the fields of a kind of record in their order.
func Read(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string) ([]Def, error) {
	return database.All(ctx, q, scan, selectDefs+" AND deleted_at IS NULL AND kind = ?"+byPosition, t.Workspace, kind)
}

// List returns the fields of all kinds, or of one, with how many records have
// values; those that were taken away only if asked for.
func (s Store) List(ctx context.Context, t tenant.Tenant, kind string, trash bool) (defs []Def, err error) {
	query, args := selectDefs+" AND deleted_at IS NULL", []any{t.Workspace}
	if trash {
		query = selectDefs
	}
	if kind != "" {
		query, args = query+" AND kind = ?", append(args, kind)
	}
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		if defs, err = database.All(ctx, q, scan, query+byPosition, args...); err != nil {
			return err
		}
		return countUse(ctx, q, t, defs)
	})
	return defs, err
}

func countUse(ctx context.Context, q database.Queryer, t tenant.Tenant, defs []Def) error {
	if len(defs) == 0 {
		return nil
	}
	args, index := []any{t.Workspace}, map[id.ID]*Def{}
	for i := range defs {
		args = append(args, defs[i].ID)
		index[defs[i].ID] = &defs[i]
	}
	type used struct {
		field id.ID
		n     int
	}
	all, err := database.All(ctx, q, func(row database.Row, u *used) error { return row.Scan(&u.field, &u.n) },
		selectUsed+page.Marks(len(defs))+") GROUP BY field_id", args...)
	for _, u := range all {
		index[u.field].Used = u.n
	}
	return err
}

func one(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, lock string) (Def, error) {
	d, ok, err := database.One(ctx, q, scan, selectDefs+" AND id = ?"+lock, t.Workspace, which)
	if err != nil {
		return d, err
	}
	if !ok {
		return d, problem.NotFound("field")
	}
	all := []Def{d}
	err = countUse(ctx, q, t, all)
	return all[0], err
}

// Get returns a field.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID) (d Def, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		d, err = one(ctx, q, t, which, "")
		return err
	})
	return d, err
}

// Create adds a field behind the others of its kind.
func (s Store) Create(ctx context.Context, t tenant.Tenant, d Draft) (made Def, err error) {
	if err := d.check(); err != nil {
		return made, err
	}
	which, now := id.New(), s.now()
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		have, err := database.All(ctx, q, scan, selectDefs+" AND kind = ?"+byPosition+" FOR UPDATE", t.Workspace, d.Kind)
		if err != nil {
			return err
		}
		position, err := room(have, d)
		if err != nil {
			return err
		}
		options, err := json.Marshal(d.Options)
		if err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, insertDef, t.Workspace, which, d.Kind, d.Key, d.Label, d.Type, options, position, now, t.User, now, t.User); err != nil {
			return err
		}
		if made, err = one(ctx, q, t, which, ""); err != nil {
			return err
		}
		return record(ctx, q, t, "created", nil, &made)
	})
	if database.IsDuplicate(err) {
		return made, taken("a field")
	}
	return made, err
}

// room finds a field's place, or says why there is none.
func room(have []Def, d Draft) (position int, err error) {
	living := 0
	for _, h := range have {
		if h.Key == d.Key && h.DeletedAt != nil {
			return 0, taken("a field that was taken away, and can be restored,")
		}
		if h.Key == d.Key {
			return 0, taken("a field")
		}
		if h.DeletedAt == nil {
			living++
			position = max(position, h.Position+1)
		}
	}
	if living >= MaxPerKind {
		return 0, problem.Conflict("there are " + strconv.Itoa(MaxPerKind) + " fields of this kind, which is as many as there can be")
	}
	return position, nil
}

func taken(who string) error {
	return problem.Conflict(who+" has this key", problem.Fault{Pointer: "/key", Code: "duplicate", Message: who + " has this key"})
}

// Delete takes a field away; its values stay until it is purged.
func (s Store) Delete(ctx context.Context, t tenant.Tenant, which id.ID, version int) error {
	now := s.now()
	return s.trash(ctx, t, which, version, "deleted", &now)
}

// Restore brings a field back, with the values that records had.
func (s Store) Restore(ctx context.Context, t tenant.Tenant, which id.ID) (Def, error) {
	if err := s.trash(ctx, t, which, 0, "restored", nil); err != nil {
		return Def{}, err
	}
	return s.Get(ctx, t, which)
}

func (s Store) trash(ctx context.Context, t tenant.Tenant, which id.ID, version int, verb string, at *time.Time) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		before, err := one(ctx, q, t, which, " FOR UPDATE")
		if err != nil {
			return err
		}
		if version != 0 && before.Version != version {
			return problem.Stale(before)
		}
		if (before.DeletedAt == nil) == (at == nil) {
			return nil
		}
		if _, err := database.Exec(ctx, q, trashDef, at, s.now(), t.User, t.Workspace, which); err != nil {
			return err
		}
		after, err := one(ctx, q, t, which, "")
		if err != nil {
			return err
		}
		return record(ctx, q, t, verb, &before, &after)
	})
}

// now is cut to what MySQL keeps, so that an answer equals a later read.
func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

func record(ctx context.Context, q database.Queryer, t tenant.Tenant, verb string, before, after *Def) error {
	c := change.Change{Kind: "field", Verb: verb}
	for _, state := range []*Def{before, after} {
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
