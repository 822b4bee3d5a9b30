package deals

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// Read returns a deal as part of a transaction, also one in the trash.
func (s Store) Read(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (Deal, error) {
	return s.read(ctx, q, t, which)
}
