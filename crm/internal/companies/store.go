package companies

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Store keeps companies in MySQL.
type Store struct {
	DB  *database.DB
	Now func() time.Time
}

const (
	selectOne    = `SELECT ` + columns + ` FROM companies c WHERE c.workspace_id = ? AND c.id = ?`
	insertOne    = `INSERT INTO companies (workspace_id, id, name, domain, industry, size_band, address, owner_id, created_at, created_by, updated_at, updated_by) VALUES (?, ?, ?, NULLIF(?, ''), ?, ?, ?, ?, ?, ?, ?, ?)`
	updateOne    = `UPDATE companies SET version = version + 1, name = ?, domain = NULLIF(?, ''), industry = ?, size_band = ?, address = ?, owner_id = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	updateExists = `UPDATE companies SET version = version + 1, deleted_at = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
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
	err = countPeople(ctx, q, t, one)
	return one[0], err
}

// Create adds a company.
func (s Store) Create(ctx context.Context, t tenant.Tenant, d Draft) (Company, error) {
	if err := d.check(); err != nil {
		return Company{}, err
	}
	now := s.now()
	c := Company{
		ID: id.New(), Version: 1, CreatedAt: now, CreatedBy: t.User, UpdatedAt: now, UpdatedBy: t.User,
		Name: d.Name, Domain: d.Domain, Industry: d.Industry, SizeBand: d.SizeBand, Address: d.Address, OwnerID: d.OwnerID,
	}
	err := s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, insertOne, t.Workspace, c.ID, d.Name, d.Domain, d.Industry, d.SizeBand, d.Address, d.OwnerID, now, t.User, now, t.User)
		return refused(err)
	})
	return c, err
}

// Update changes the version that the caller read.
func (s Store) Update(ctx context.Context, t tenant.Tenant, which id.ID, version int, p Patch) (Company, error) {
	return s.change(ctx, t, which, func(ctx context.Context, q database.Queryer, c Company) error {
		if c.DeletedAt != nil {
			return problem.NotFound("company")
		}
		if c.Version != version {
			return problem.Stale(c)
		}
		d := p.over(c.draft())
		if err := d.check(); err != nil {
			return err
		}
		_, err := database.Exec(ctx, q, updateOne, d.Name, d.Domain, d.Industry, d.SizeBand, d.Address, d.OwnerID, s.now(), t.User, t.Workspace, which)
		return err
	})
}

// Delete puts the version that the caller read into the trash.
func (s Store) Delete(ctx context.Context, t tenant.Tenant, which id.ID, version int) error {
	_, err := s.change(ctx, t, which, func(ctx context.Context, q database.Queryer, c Company) error {
		if c.DeletedAt != nil {
			return problem.NotFound("company")
		}
		if c.Version != version {
			return problem.Stale(c)
		}
		now := s.now()
		_, err := database.Exec(ctx, q, updateExists, now, now, t.User, t.Workspace, which)
		return err
	})
	return err
}

// Restore takes a company out of the trash; one that is not in it stays.
func (s Store) Restore(ctx context.Context, t tenant.Tenant, which id.ID) (Company, error) {
	return s.change(ctx, t, which, func(ctx context.Context, q database.Queryer, c Company) error {
		if c.DeletedAt == nil {
			return nil
		}
		_, err := database.Exec(ctx, q, updateExists, nil, s.now(), t.User, t.Workspace, which)
		return err
	})
}

// change holds the row while fn works on it and returns it as it is then.
func (s Store) change(ctx context.Context, t tenant.Tenant, which id.ID, fn func(context.Context, database.Queryer, Company) error) (c Company, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		c, err = read(ctx, q, t, which, " FOR UPDATE")
		if err != nil {
			return err
		}
		if err := fn(ctx, q, c); err != nil {
			return refused(err)
		}
		c, err = read(ctx, q, t, which, "")
		return err
	})
	return c, err
}

// now is cut to what MySQL keeps, so that an answer equals a later read.
func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

func refused(err error) error {
	switch {
	case database.IsDuplicate(err):
		return problem.Conflict("another company has this domain", problem.Fault{Pointer: "/domain", Code: "duplicate", Message: "another company has this domain"})
	case database.IsNoReference(err):
		return problem.Validation(problem.Fault{Pointer: "/ownerId", Code: "not-found", Message: "the owner is no member of this workspace"})
	}
	return err
}
