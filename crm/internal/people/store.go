package people

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

// A Store keeps people in MySQL.
type Store struct {
	DB    *database.DB
	Now   func() time.Time
	Quiet bool // its changes are part of a mass change, such as an import
}

const (
	insertOne = `INSERT INTO people (workspace_id, id, first_name, last_name, title, company_id, owner_id, source, address, mail_domain, custom, created_at, created_by, updated_at, updated_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	updateOne = `UPDATE people SET version = version + 1, first_name = ?, last_name = ?, title = ?, company_id = ?, owner_id = ?, source = ?, address = ?, mail_domain = ?, custom = ?, updated_at = ?, updated_by = ?
		WHERE workspace_id = ? AND id = ?`
	updateTrash = `UPDATE people SET version = version + 1, deleted_at = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id IN (`
	// Locks the person alone: the query that reads it would lock the company too.
	lockSome = `SELECT 1 FROM people WHERE workspace_id = ? AND id IN (`
	// The foreign key would take a company that is in the trash.
	selectCompany = `SELECT 1 FROM companies WHERE workspace_id = ? AND id = ? AND deleted_at IS NULL`
	selectOwner   = `SELECT 1 FROM members WHERE workspace_id = ? AND user_id = ? AND role <> 'nobody'`
)

// Get returns a person, also one in the trash.
func (s Store) Get(ctx context.Context, t tenant.Tenant, who id.ID) (p Person, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		p, err = read(ctx, q, t, who)
		return err
	})
	return p, err
}

func read(ctx context.Context, q database.Queryer, t tenant.Tenant, who id.ID) (Person, error) {
	p, ok, err := database.One(ctx, q, scan, selectPeople+" AND p.id = ?", t.Workspace, who)
	if err != nil {
		return p, err
	}
	if !ok {
		return p, problem.NotFound("person")
	}
	one := []Person{p}
	err = complete(ctx, q, t, one)
	return one[0], err
}

// Create adds a person.
func (s Store) Create(ctx context.Context, t tenant.Tenant, d Draft) (p Person, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		p, err = s.Add(ctx, q, t, d)
		return err
	})
	return p, err
}

// Add adds a person as part of a transaction.
func (s Store) Add(ctx context.Context, q database.Queryer, t tenant.Tenant, d Draft) (p Person, err error) {
	if err := d.check(); err != nil {
		return p, err
	}
	if err := related(ctx, q, t, d, Draft{}); err != nil {
		return p, err
	}
	if err := employ(ctx, q, t, &d); err != nil {
		return p, err
	}
	who, now := id.New(), s.now()
	custom, err := fields.Apply(ctx, q, t, "person", who, nil, d.Custom)
	if err != nil {
		return p, err
	}
	if _, err := database.Exec(ctx, q, insertOne, t.Workspace, who, d.FirstName, d.LastName, d.Title, d.CompanyID, d.OwnerID, d.Source, d.Address, d.mailDomain(), custom.Column(), now, t.User, now, t.User); err != nil {
		return p, err
	}
	if err := writeContacts(ctx, q, t, who, d, false); err != nil {
		return p, err
	}
	if len(d.Tags) > 0 {
		if err := tags.Set(ctx, q, t, "person", who, d.Tags); err != nil {
			return p, err
		}
	}
	if p, err = read(ctx, q, t, who); err != nil {
		return p, err
	}
	if err := change.Record(ctx, q, t, s.noted("created", nil, p)); err != nil {
		return p, err
	}
	return p, found(ctx, q, t, Person{}, p)
}

// Update changes the version that the caller read.
func (s Store) Update(ctx context.Context, t tenant.Tenant, who id.ID, version int, patch Patch) (p Person, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		p, err = s.Alter(ctx, q, t, who, version, patch)
		return err
	})
	return p, err
}

// Alter changes a person as part of a transaction: the version that the
// caller read, or with 0 the one that is there.
func (s Store) Alter(ctx context.Context, q database.Queryer, t tenant.Tenant, who id.ID, version int, patch Patch) (Person, error) {
	return s.change(ctx, q, t, who, "updated", func(p Person) error {
		if err := current(p, version); err != nil {
			return err
		}
		was := p.draft()
		d := patch.over(p.draft())
		if err := d.check(); err != nil {
			return err
		}
		if err := related(ctx, q, t, d, was); err != nil {
			return err
		}
		custom, err := fields.Apply(ctx, q, t, "person", who, p.Custom, patch.Custom)
		if err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, updateOne, d.FirstName, d.LastName, d.Title, d.CompanyID, d.OwnerID, d.Source, d.Address, d.mailDomain(), custom.Column(), s.now(), t.User, t.Workspace, who); err != nil {
			return err
		}
		if patch.Tags.Given {
			if err := tags.Set(ctx, q, t, "person", who, d.Tags); err != nil {
				return err
			}
		}
		if !patch.Emails.Given && !patch.Phones.Given {
			return nil
		}
		return writeContacts(ctx, q, t, who, d, true)
	})
}

// Delete puts the version that the caller read into the trash.
func (s Store) Delete(ctx context.Context, t tenant.Tenant, who id.ID, version int) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		return s.Discard(ctx, q, t, who, version)
	})
}

// Discard puts a person into the trash as part of a transaction: the version
// that the caller read, or with 0 the one that is there.
func (s Store) Discard(ctx context.Context, q database.Queryer, t tenant.Tenant, who id.ID, version int) error {
	_, err := s.change(ctx, q, t, who, "deleted", func(p Person) error {
		if err := current(p, version); err != nil {
			return err
		}
		return s.bin(ctx, q, t, who)
	})
	return err
}

// Restore takes a person out of the trash; one that is not in it stays.
func (s Store) Restore(ctx context.Context, t tenant.Tenant, who id.ID) (p Person, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		p, err = s.Revive(ctx, q, t, who)
		return err
	})
	return p, err
}

// Revive is Restore as part of a transaction.
func (s Store) Revive(ctx context.Context, q database.Queryer, t tenant.Tenant, who id.ID) (Person, error) {
	return s.change(ctx, q, t, who, "restored", func(p Person) error {
		if p.DeletedAt == nil {
			return nil
		}
		err := s.trash(ctx, q, t, nil, who)
		if !database.IsDuplicate(err) {
			return err
		}
		own, fault := database.All(ctx, q, database.Scalar[string], selectNorms, t.Workspace, who)
		if fault != nil {
			return fault
		}
		return taken(ctx, q, t, who, own, err)
	})
}

// trash puts people into the trash, or takes them out of it.
func (s Store) trash(ctx context.Context, q database.Queryer, t tenant.Tenant, deleted *time.Time, who ...id.ID) error {
	active := any(1)
	if deleted != nil {
		active = nil
	}
	if err := records.ExecAmong(ctx, q, updateTrash, []any{deleted, s.now(), t.User, t.Workspace}, who); err != nil {
		return err
	}
	return records.ExecAmong(ctx, q, updateEmails, []any{active, t.Workspace}, who)
}

// bin is trash of now.
func (s Store) bin(ctx context.Context, q database.Queryer, t tenant.Tenant, who ...id.ID) error {
	now := s.now()
	return s.trash(ctx, q, t, &now, who...)
}

func current(p Person, version int) error {
	if p.DeletedAt != nil {
		return problem.NotFound("person")
	}
	if version != 0 && p.Version != version {
		return problem.Stale(p)
	}
	return nil
}

// change holds the row while fn works on it, records what that changed, and
// returns it as it is then.
func (s Store) change(ctx context.Context, q database.Queryer, t tenant.Tenant, who id.ID, verb string, fn func(Person) error) (Person, error) {
	if err := records.Hold(ctx, q, t, lockSome, who); err != nil {
		return Person{}, err
	}
	was, err := read(ctx, q, t, who)
	if err != nil {
		return was, err
	}
	if err := fn(was); err != nil {
		return was, err
	}
	p, err := read(ctx, q, t, who)
	if err != nil || p.Version == was.Version {
		return p, err
	}
	if err := change.Record(ctx, q, t, s.noted(verb, was, p)); err != nil {
		return p, err
	}
	return p, found(ctx, q, t, was, p)
}

// noted is a change as the audit log and the sockets have it.
func (s Store) noted(verb string, was any, p Person) change.Change {
	c := change.Change{Kind: "person", ID: p.ID, Version: p.Version, Verb: verb, Before: was, After: p, Quiet: s.Quiet}
	if p.CompanyID != nil {
		c.Near = []change.Ref{{Kind: "company", ID: *p.CompanyID}}
	}
	return c
}

// related refuses links, new since was, to what is not in the workspace.
func related(ctx context.Context, q database.Queryer, t tenant.Tenant, d, was Draft) error {
	for _, link := range []struct {
		pointer, query string
		id, was        *id.ID
	}{{"/companyId", selectCompany, d.CompanyID, was.CompanyID}, {"/ownerId", selectOwner, d.OwnerID, was.OwnerID}} {
		if link.id == nil || link.was != nil && *link.id == *link.was {
			continue
		}
		_, ok, err := database.One(ctx, q, database.Scalar[int], link.query, t.Workspace, *link.id)
		if err != nil {
			return err
		}
		if !ok {
			return problem.Validation(problem.Fault{Pointer: link.pointer, Code: "not-found", Message: "this is not in the workspace"})
		}
	}
	return nil
}

// now is cut to what MySQL keeps, so that an answer equals a later read.
func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
