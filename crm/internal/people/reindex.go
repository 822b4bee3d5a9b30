package people

import (
	"context"
	"encoding/json"
	"fmt"
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
	staffJob   = "search.staff"
	atOnce     = 100
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
	return []jobs.Handler{{Kind: staffJob, Queue: jobs.Low, Retry: 5, Timeout: time.Minute, Run: s.reindexStaff}}
}

// staff is the payload: whose people to index anew.
type staff struct {
	Company id.ID `json:"company"`
}

func (s Store) reindexStaff(ctx context.Context, t tenant.Tenant, payload json.RawMessage) error {
	var of staff
	if err := json.Unmarshal(payload, &of); err != nil {
		return jobs.Skip(fmt.Errorf("read job %s: %w", staffJob, err))
	}
	var after id.ID
	for {
		var some []search.Doc
		err := s.DB.Batch(ctx, func(ctx context.Context, q database.Queryer) (err error) {
			if some, err = docs(ctx, q, t, nextStaff, t.Workspace, of.Company, after, atOnce); err != nil {
				return err
			}
			return search.Put(ctx, q, t, some...)
		})
		if err != nil || len(some) < atOnce {
			return err
		}
		after = some[len(some)-1].ID
	}
}
