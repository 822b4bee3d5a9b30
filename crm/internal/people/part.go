package people

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// Check judges a draft as Add does, without adding anything.
func (d *Draft) Check() error { return d.check() }

// Read returns a person, also one in the trash, as part of a transaction.
func Read(ctx context.Context, q database.Queryer, t tenant.Tenant, who id.ID) (Person, error) {
	return read(ctx, q, t, who)
}
