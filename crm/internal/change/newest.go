package change

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/tenant"
)

const selectNewest = `SELECT COALESCE(MAX(id), 0) FROM audit_log WHERE workspace_id = ?`

// Newest is the number of the workspace's latest change that is committed, 0
// before the first. What was read when it was the same has not changed, but for
// transactions that end in another order than they wrote.
func Newest(ctx context.Context, q database.Queryer, t tenant.Tenant) (int64, error) {
	newest, _, err := database.One(ctx, q, database.Scalar[int64], selectNewest, t.Workspace)
	return newest, err
}
