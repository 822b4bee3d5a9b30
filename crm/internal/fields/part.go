package fields

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/tenant"
)

// Check judges a new record's own fields as Apply does, without writing them.
func Check(ctx context.Context, q database.Queryer, t tenant.Tenant, defs []Def, values Values) error {
	_, _, err := judge(ctx, q, t, defs, nil, values)
	return err
}
