package deals

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
)

const nextDeals = selectDeals + ` AND d.deleted_at IS NULL AND d.id > ? ORDER BY d.id LIMIT ?`

// Source gives all deals to search.
var Source = search.Source{Kind: "deal", Read: func(ctx context.Context, q database.Queryer, t tenant.Tenant, after id.ID, limit int) ([]search.Doc, error) {
	rows, err := database.All(ctx, q, scan, nextDeals, t.Workspace, after, limit)
	all := make([]search.Doc, len(rows))
	for i, d := range rows {
		all[i] = doc(d)
	}
	return all, err
}}
