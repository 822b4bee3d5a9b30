package deals

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// Check judges a draft as Add does, without adding anything.
func (d *Draft) Check() error { return d.check() }

// Read returns a deal, also one in the trash, as part of a transaction.
func (s Store) Read(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (Deal, error) {
	return s.read(ctx, q, t, which)
}
