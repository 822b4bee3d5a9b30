package deals

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
	nextDeals   = selectDeals + ` AND d.deleted_at IS NULL AND d.id > ? ORDER BY d.id LIMIT ?`
	nextSales   = selectDeals + ` AND d.deleted_at IS NULL AND d.company_id = ? AND d.id > ? ORDER BY d.id LIMIT ?`
	nextInStage = selectDeals + ` AND d.deleted_at IS NULL AND d.stage_id = ? AND d.id > ? ORDER BY d.id LIMIT ?`
	nextContact = selectDeals + ` AND d.deleted_at IS NULL AND d.primary_person_id = ? AND d.id > ? ORDER BY d.id LIMIT ?`
)

// Source gives all deals to search.
var Source = search.Source{Kind: "deal", Read: func(ctx context.Context, q database.Queryer, t tenant.Tenant, after id.ID, limit int) ([]search.Doc, error) {
	return docs(ctx, q, nextDeals, t.Workspace, after, limit)
}}

func docs(ctx context.Context, q database.Queryer, query string, args ...any) ([]search.Doc, error) {
	rows, err := database.All(ctx, q, scan, query, args...)
	all := make([]search.Doc, len(rows))
	for i, d := range rows {
		all[i] = doc(d)
	}
	return all, err
}

// Jobs are what can be queued for deals: that their company, their stage or
// their first contact has another name is found by searching for them.
func (s Store) Jobs() []jobs.Handler {
	var all []jobs.Handler
	for _, of := range []struct{ kind, query string }{{search.Sales, nextSales}, {search.InStage, nextInStage}, {search.Contacts, nextContact}} {
		run := search.Renewed(s.DB, of.kind, func(ctx context.Context, q database.Queryer, t tenant.Tenant, which, after id.ID, limit int) ([]search.Doc, error) {
			return docs(ctx, q, of.query, t.Workspace, which, after, limit)
		})
		all = append(all, jobs.Handler{Kind: of.kind, Queue: jobs.Low, Retry: 5, Timeout: time.Minute, Run: run})
	}
	return all
}
