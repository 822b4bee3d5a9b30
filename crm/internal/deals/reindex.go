package deals

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
	nextDeals   = selectDeals + ` AND d.deleted_at IS NULL AND d.id > ? ORDER BY d.id LIMIT ?`
	nextSales   = selectDeals + ` AND d.deleted_at IS NULL AND d.company_id = ? AND d.id > ? ORDER BY d.id LIMIT ?`
	salesJob    = "search.deals"
	indexAtOnce = 100
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

// Jobs are what can be queued for deals: that their company has another name
// is found by searching for them.
func (s Store) Jobs() []jobs.Handler {
	return []jobs.Handler{{Kind: salesJob, Queue: jobs.Low, Retry: 5, Timeout: time.Minute, Run: s.reindexSales}}
}

func (s Store) reindexSales(ctx context.Context, t tenant.Tenant, payload json.RawMessage) error {
	var of struct {
		Company id.ID `json:"company"`
	}
	if err := json.Unmarshal(payload, &of); err != nil {
		return jobs.Skip(fmt.Errorf("read job %s: %w", salesJob, err))
	}
	var after id.ID
	for {
		var some []search.Doc
		err := s.DB.Batch(ctx, func(ctx context.Context, q database.Queryer) (err error) {
			if some, err = docs(ctx, q, nextSales, t.Workspace, of.Company, after, indexAtOnce); err != nil {
				return err
			}
			return search.Put(ctx, q, t, some...)
		})
		if err != nil || len(some) < indexAtOnce {
			return err
		}
		after = some[len(some)-1].ID
	}
}
