package companies

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// Read returns a company as part of a transaction, also one in the trash.
func (s Store) Read(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID) (Company, error) {
	return read(ctx, q, t, which, "")
}
