package people

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
)

const (
	nextPeople = selectPeople + ` AND p.deleted_at IS NULL AND p.id > ? ORDER BY p.id LIMIT ?`
	nextStaff  = selectPeople + ` AND p.deleted_at IS NULL AND p.company_id = ? AND p.id > ? ORDER BY p.id LIMIT ?`
	hasDeals   = `SELECT 1 FROM deals d WHERE d.workspace_id = ? AND d.primary_person_id = ? LIMIT 1`
)

// Source gives all people to search.
var Source = search.Source{Kind: "person", Read: func(ctx context.Context, q database.Queryer, t tenant.Tenant, after id.ID, limit int) ([]search.Doc, error) {
	return docs(ctx, q, t, nextPeople, t.Workspace, after, limit)
}}

func docs(ctx context.Context, q database.Queryer, t tenant.Tenant, query string, args ...any) ([]search.Doc, error) {
	rows, err := database.All(ctx, q, scan, query, args...)
	if err != nil {
		return nil, err
	}
	if err := readContacts(ctx, q, t, rows); err != nil {
		return nil, err
	}
	all := make([]search.Doc, len(rows))
	for i, p := range rows {
		all[i] = doc(p)
	}
	return all, nil
}

// Jobs are what can be queued for people: that a company has another name is
// found by searching for those who work there.
func (s Store) Jobs() []jobs.Handler {
	run := search.Renewed(s.DB, search.Staff, func(ctx context.Context, q database.Queryer, t tenant.Tenant, company, after id.ID, limit int) ([]search.Doc, error) {
		return docs(ctx, q, t, nextStaff, t.Workspace, company, after, limit)
	})
	return []jobs.Handler{{Kind: search.Staff, Queue: jobs.Low, Retry: 5, Timeout: time.Minute, Run: run}}
}

// renamed has the deals of which somebody is the first contact be found by
// their new name.
func renamed(ctx context.Context, q database.Queryer, t tenant.Tenant, before, p Person) error {
	same := before.FirstName == p.FirstName && before.LastName == p.LastName && (before.DeletedAt == nil) == (p.DeletedAt == nil)
	if before.ID.IsZero() || same {
		return nil
	}
	_, sells, err := database.One(ctx, q, database.Scalar[int], hasDeals, t.Workspace, p.ID)
	if err != nil || !sells {
		return err
	}
	return search.Renew(ctx, q, t, p.ID, search.Contacts)
}
