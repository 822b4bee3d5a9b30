package demo

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API fills workspaces on their admins' demand.
type API struct{ DB *database.DB }

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "POST /demo", Needs: tenant.Admin, Operation: web.Act(a.fill), Summary: "Fill the workspace with demo records"},
	}
}

// A Result says what was made.
type Result struct {
	Filled bool `json:"filled"` // false: the records were there already
	Size   Size `json:"size"`
}

func (a API) fill(ctx context.Context, c *web.Call) (Result, error) {
	filled, err := Filler{DB: a.DB, Tenant: c.Tenant}.Fill(ctx, Tour)
	return Result{filled, Tour}, err
}
