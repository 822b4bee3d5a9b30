package score

import (
	"context"

	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves scores to signed-in members.
type API struct{ Store Store }

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /people/{id}/score", Needs: tenant.Viewer, Operation: web.Read(a.of("person")), Summary: "Read a person's score with the reason of each point"},
		{Pattern: "GET /companies/{id}/score", Needs: tenant.Viewer, Operation: web.Read(a.of("company")), Summary: "Read a company's score with the reason of each point"},
	}
}

func (a API) of(kind string) func(context.Context, *web.Call) (Score, error) {
	return func(ctx context.Context, c *web.Call) (Score, error) {
		which, err := c.ID(kind)
		if err != nil {
			return Score{}, err
		}
		return a.Store.Explain(ctx, c.Tenant, kind, which)
	}
}
