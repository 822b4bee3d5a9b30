package notifications

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

const selectAdmins = `SELECT user_id FROM members WHERE workspace_id = ? AND role IN ('admin', 'owner') LIMIT 100`

// TellAdmins notes what a workspace's administrators are to be told, in the
// transaction q.
func TellAdmins(ctx context.Context, q database.Queryer, t tenant.Tenant, n Note) error {
	admins, err := database.All(ctx, q, database.Scalar[id.ID], selectAdmins, t.Workspace)
	if err != nil {
		return err
	}
	for _, n.User = range admins {
		if err := Tell(ctx, q, t, n); err != nil {
			return err
		}
	}
	return nil
}
