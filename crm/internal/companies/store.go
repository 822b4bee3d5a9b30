package companies

import (
	"context"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tags"
	"apexai/crm/internal/tenant"
)

// A Store keeps companies in MySQL.
type Store struct {
	DB    *database.DB
	Now   func() time.Time
	Quiet bool // its changes are part of a mass change, such as an import
}

const (
	selectOne    = selectAny + ` AND c.id = ?`
	insertOne    = `INSERT INTO companies (workspace_id, id, name, domain, industry, size_band, address, owner_id, source, custom, created_at, created_by, updated_at, updated_by) VALUES (?, ?, ?, NULLIF(?, ''), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateOne    = `UPDATE companies SET version = version + 1, name = ?, domain = NULLIF(?, ''), industry = ?, size_band = ?, address = ?, owner_id = ?, source = ?, custom = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	selectHolder = `SELECT name FROM companies WHERE workspace_id = ? AND domain = ? AND active = 1 AND id <> ?`
	updateExists = `UPDATE companies SET version = version + 1, deleted_at = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id IN (`
	lockSome     = `SELECT 1 FROM companies WHERE workspace_id = ? AND id IN (`
)

// Get returns a company, also one in the trash.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID) (c Company, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		c, err = read(ctx, q, t, which, "")
		return err
	})
	return c, err
}

func read(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, lock string) (Company, error) {
	c, ok, err := database.One(ctx, q, scan, selectOne+lock, t.Workspace, which)
	if err != nil {
		return c, err
	}
	if !ok {
		return c, problem.NotFound("company")
	}
	one := []Company{c}
	err = complete(ctx, q, t, one)
	return one[0], err
}

// Create adds a company.
func (s Store) Create(ctx context.Context, t tenant.Tenant, d Draft) (c Company, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		c, err = s.Add(ctx, q, t, d)
		return err
	})
	return c, err
}

// Add adds a company as part of a transaction.
func (s Store) Add(ctx context.Context, q database.Queryer, t tenant.Tenant, d Draft) (Company, error) {
	if err := d.check(); err != nil {
		return Company{}, err
	}
	which, now := id.New(), s.now()
	custom, err := fields.Apply(ctx, q, t, "company", which, nil, d.Custom)
	if err != nil {
		return Company{}, err
	}
	if _, err := database.Exec(ctx, q, insertOne, t.Workspace, which, d.Name, d.Domain, d.Industry, d.SizeBand, d.Address, d.OwnerID, d.Source, custom.Column(), now, t.User, now, t.User); err != nil {
		return Company{}, refused(ctx, q, t, which, d.Domain, err)
	}
	if len(d.Tags) > 0 {
		if err := tags.Set(ctx, q, t, "company", which, d.Tags); err != nil {
			return Company{}, err
		}
	}
	c, err := read(ctx, q, t, which, "")
	if err != nil {
		return c, err
	}
	if err := change.Record(ctx, q, t, s.noted("created", nil, c)); err != nil {
		return c, err
	}
	return c, found(ctx, q, t, Company{}, c)
}

// Update changes the version that the caller read.
func (s Store) Update(ctx context.Context, t tenant.Tenant, which id.ID, version int, p Patch) (c Company, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		c, err = s.Alter(ctx, q, t, which, version, p)
		return err
	})
	return c, err
}

// Alter changes a company as part of a transaction: the version that the
// caller read, or with 0 the one that is there.
func (s Store) Alter(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int, p Patch) (Company, error) {
	return s.change(ctx, q, t, which, "updated", func(c Company) error {
		if err := current(c, version); err != nil {
			return err
		}
		d := p.over(c.draft())
		if err := d.check(); err != nil {
			return err
		}
		custom, err := fields.Apply(ctx, q, t, "company", which, c.Custom, p.Custom)
		if err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, updateOne, d.Name, d.Domain, d.Industry, d.SizeBand, d.Address, d.OwnerID, d.Source, custom.Column(), s.now(), t.User, t.Workspace, which); err != nil || !p.Tags.Given {
			return refused(ctx, q, t, which, d.Domain, err)
		}
		return tags.Set(ctx, q, t, "company", which, d.Tags)
	})
}

// Delete puts the version that the caller read into the trash.
func (s Store) Delete(ctx context.Context, t tenant.Tenant, which id.ID, version int) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		return s.Discard(ctx, q, t, which, version)
	})
}

// Discard puts a company into the trash as part of a transaction: the version
// that the caller read, or with 0 the one that is there.
func (s Store) Discard(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, version int) error {
	_, err := s.change(ctx, q, t, which, "deleted", func(c Company) error {
		if err := current(c, version); err != nil {
			return err
		}
		return s.bin(ctx, q, t, which)
	})
	return err
}

// Restore takes a company out of the trash; one that is not in it stays.
func (s Store) Restore(ctx context.Context, t tenant.Tenant, which id.ID) (c Company, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		c, err = s.Revive(ctx, q, t, which)
		return err
	})
	return c, err
}

// Revive is Restore as part of a transaction.
func (s Store) Revive(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (Company, error) {
	return s.change(ctx, q, t, which, "restored", func(c Company) error {
		if c.DeletedAt == nil {
			return nil
		}
		return s.trash(ctx, q, t, nil, which)
	})
}

// trash puts companies into the trash, or takes them out of it.
func (s Store) trash(ctx context.Context, q database.Queryer, t tenant.Tenant, deleted *time.Time, which ...id.ID) error {
	return records.ExecAmong(ctx, q, updateExists, []any{deleted, s.now(), t.User, t.Workspace}, which)
}

// bin is trash of now.
func (s Store) bin(ctx context.Context, q database.Queryer, t tenant.Tenant, which ...id.ID) error {
	now := s.now()
	return s.trash(ctx, q, t, &now, which...)
}

func current(c Company, version int) error {
	if c.DeletedAt != nil {
		return problem.NotFound("company")
	}
	if version != 0 && c.Version != version {
		return problem.Stale(c)
	}
	return nil
}

// change holds the row while fn works on it, records what that changed, and
// returns it as it is then.
func (s Store) change(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, verb string, fn func(Company) error) (Company, error) {
	was, err := read(ctx, q, t, which, " FOR UPDATE")
	if err != nil {
		return was, err
	}
	if err := fn(was); err != nil {
		return was, refused(ctx, q, t, which, was.Domain, err)
	}
	c, err := read(ctx, q, t, which, "")
	if err != nil || c.Version == was.Version {
		return c, err
	}
	if err := change.Record(ctx, q, t, s.noted(verb, was, c)); err != nil {
		return c, err
	}
	return c, found(ctx, q, t, was, c)
}

// noted is a change as the audit log and the sockets have it.
func (s Store) noted(verb string, was any, c Company) change.Change {
	return change.Change{Kind: "company", ID: c.ID, Version: c.Version, Verb: verb, Before: was, After: c, Quiet: s.Quiet}
}

// now is cut to what MySQL keeps, so that an answer equals a later read.
func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// refused says in plain words why the database does not take a company: another
// has its domain, or its owner is nobody here.
func refused(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, domain string, err error) error {
	switch {
	case database.IsDuplicate(err):
		name, ok, fault := database.One(ctx, q, database.Scalar[string], selectHolder, t.Workspace, domain, which)
		if fault != nil {
			return fault
		}
		text := "another company has this domain"
		if ok { // else it was given up since
			text = name + " has the domain " + domain
		}
		return problem.Conflict(text, problem.Fault{Pointer: "/domain", Code: "duplicate", Message: text})
	case database.IsNoReference(err):
		return problem.Validation(problem.Fault{Pointer: "/ownerId", Code: "not-found", Message: "the owner is no member of this workspace"})
	}
	return err
}
