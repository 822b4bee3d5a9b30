package companies

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
)

const nextCompanies = selectList + ` AND c.id > ? ORDER BY c.id LIMIT ?`

// Source gives all companies to search.
var Source = search.Source{Kind: "company", Read: func(ctx context.Context, q database.Queryer, t tenant.Tenant, after id.ID, limit int) ([]search.Doc, error) {
	rows, err := database.All(ctx, q, scan, nextCompanies, t.Workspace, after, limit)
	all := make([]search.Doc, len(rows))
	for i, c := range rows {
		all[i] = doc(c)
	}
	return all, err
}}

// renamed has those who work at a company, and its deals, be found by its new
// name.
func renamed(ctx context.Context, q database.Queryer, t tenant.Tenant, before, c Company) error {
	if before.Name == "" || before.Name == c.Name && (before.DeletedAt == nil) == (c.DeletedAt == nil) {
		return nil
	}
	return search.Renew(ctx, q, t, c.ID, search.Staff, search.Sales)
}
