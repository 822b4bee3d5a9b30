package companies

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
)

// found brings the search index up to date with a company that was before.
func found(ctx context.Context, q database.Queryer, t tenant.Tenant, before, c Company) error {
	if err := renamed(ctx, q, t, before, c); err != nil {
		return err
	}
	if c.DeletedAt != nil {
		return search.Drop(ctx, q, t, "company", c.ID)
	}
	if before.DeletedAt == nil && doc(before) == doc(c) {
		return nil
	}
	if before.ID.IsZero() {
		return search.Add(ctx, q, t, doc(c))
	}
	return search.Put(ctx, q, t, doc(c))
}

// doc is a company as search knows it.
func doc(c Company) search.Doc {
	d := search.Doc{Kind: "company", ID: c.ID, Title: c.Name, Sub: c.Domain, Words: c.Industry}
	if d.Sub == "" {
		d.Sub, d.Words = c.Industry, ""
	}
	return d
}
