package tags

import (
	"context"

	"apexai/crm/internal/change"
	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// A Store keeps tags in MySQL.
type Store struct{ DB *database.DB }

// An Entry is a tag as settings show it.
type Entry struct {
	Tag
	Version int    `json:"version"`
	Kind    string `json:"kind"`
	Used    int    `json:"used"` // records that have it
}

// RecordVersion goes into the ETag.
func (e Entry) RecordVersion() int { return e.Version }

// Location is where the tag is read.
func (e Entry) Location() string { return "/api/v1/tags/" + e.ID.String() }

// A Draft is what somebody writes about a new tag.
type Draft struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Color string `json:"color"`
}

// A Patch changes a tag.
type Patch struct {
	Name  web.Field[string] `json:"name"`
	Color web.Field[string] `json:"color"`
}

const (
	selectEntries = `SELECT t.id, t.version, t.kind, t.name, t.color, (SELECT COUNT(*) FROM taggings g WHERE g.workspace_id = t.workspace_id AND g.tag_id = t.id)
		FROM tags t WHERE t.workspace_id = ?`
	updateTag = `UPDATE tags SET version = version + 1, name = ?, color = ? WHERE workspace_id = ? AND id = ?`
	deleteTag = `DELETE FROM tags WHERE workspace_id = ? AND id = ?`
)

func scanEntry(row database.Row, e *Entry) error {
	return row.Scan(&e.ID, &e.Version, &e.Kind, &e.Name, &e.Color, &e.Used)
}

// List returns the tags of all kinds, or of one.
func (s Store) List(ctx context.Context, t tenant.Tenant, kind string) (all []Entry, err error) {
	query, args := selectEntries, []any{t.Workspace}
	if kind != "" {
		query, args = query+" AND t.kind = ?", append(args, kind)
	}
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = database.All(ctx, q, scanEntry, query+" ORDER BY t.kind, t.name, t.id", args...)
		return err
	})
	return all, err
}

// Get returns a tag.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID) (e Entry, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		e, err = one(ctx, q, t, which, "")
		return err
	})
	return e, err
}

func one(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, lock string) (Entry, error) {
	e, ok, err := database.One(ctx, q, scanEntry, selectEntries+" AND t.id = ?"+lock, t.Workspace, which)
	if err == nil && !ok {
		err = problem.NotFound("tag")
	}
	return e, err
}

// Create adds a tag.
func (s Store) Create(ctx context.Context, t tenant.Tenant, d Draft) (e Entry, err error) {
	var f check.Faults
	if d.Kind == "" {
		f.Add("/kind", "required", "a tag is of one kind of record")
	}
	f.OneOf("/kind", d.Kind, "person", "company", "deal")
	checkLook(&f, &d.Name, &d.Color)
	if err := f.Problem(); err != nil {
		return e, err
	}
	which := id.New()
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if err := insert(ctx, q, t, d.Kind, Tag{which, d.Name, d.Color}); err != nil {
			return err
		}
		if e, err = one(ctx, q, t, which, ""); err != nil {
			return err
		}
		return record(ctx, q, t, "created", nil, &e)
	})
	return e, err
}

func checkLook(f *check.Faults, name, color *string) {
	f.Line("/name", name, maxName)
	if *name == "" {
		f.Add("/name", "required", "a tag has a name")
	}
	f.OneOf("/color", *color, colors...)
	if *color == "" {
		*color = colorOf(*name)
	}
}

// Update renames a tag or gives it another colour.
func (s Store) Update(ctx context.Context, t tenant.Tenant, which id.ID, version int, p Patch) (after Entry, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		before, err := one(ctx, q, t, which, " FOR UPDATE")
		if err != nil {
			return err
		}
		if before.Version != version {
			return problem.Stale(before)
		}
		name, color := p.Name.Over(before.Name), p.Color.Over(before.Color)
		var f check.Faults
		if checkLook(&f, &name, &color); len(f) > 0 {
			return f.Problem()
		}
		if _, err := database.Exec(ctx, q, updateTag, name, color, t.Workspace, which); err != nil {
			if database.IsDuplicate(err) {
				return problem.Conflict("there is a tag of this name", problem.Fault{Pointer: "/name", Code: "duplicate", Message: "there is a tag of this name"})
			}
			return err
		}
		if after, err = one(ctx, q, t, which, ""); err != nil {
			return err
		}
		return record(ctx, q, t, "updated", &before, &after)
	})
	return after, err
}

// Delete takes a tag from all records, for good.
func (s Store) Delete(ctx context.Context, t tenant.Tenant, which id.ID, version int) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		before, err := one(ctx, q, t, which, " FOR UPDATE")
		if err != nil {
			return err
		}
		if before.Version != version {
			return problem.Stale(before)
		}
		if _, err := database.Exec(ctx, q, deleteTag, t.Workspace, which); err != nil {
			return err
		}
		return record(ctx, q, t, "deleted", &before, nil)
	})
}

func record(ctx context.Context, q database.Queryer, t tenant.Tenant, verb string, before, after *Entry) error {
	c := change.Change{Kind: "tag", Verb: verb}
	for _, state := range []*Entry{before, after} {
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
