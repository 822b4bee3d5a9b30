package activities

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// selectTarget are the records that have a timeline.
var selectTarget = map[string]string{"person": selectPerson, "company": selectCompany, "deal": selectDeal}

const (
	selectPerson  = `SELECT 1 FROM people WHERE workspace_id = ? AND id = ?`
	selectDeal    = `SELECT 1 FROM deals WHERE workspace_id = ? AND id = ?`
	selectCompany = `SELECT 1 FROM companies WHERE workspace_id = ? AND id = ?`
)

// exists says whether a record is in the workspace, or in its trash.
func exists(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, which id.ID) (bool, error) {
	_, ok, err := database.One(ctx, q, database.Scalar[int], selectTarget[kind], t.Workspace, which)
	return ok, err
}
