package bulk

import (
	"context"

	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API changes many records at once.
type API struct{ Store Store }

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	routes := []web.Route{
		{Pattern: "GET /bulk/{id}", Needs: tenant.Member, Operation: web.ReadOf("run", a.Store.Get), Summary: "Read what became of a change of many records"},
		{Pattern: "POST /bulk/{id}/undo", Needs: tenant.Member, Operation: web.ActOf("run", a.Store.Undo), Summary: "Undo a change of many records"},
	}
	for _, k := range a.Store.Kinds {
		routes = append(routes, web.Route{
			Pattern: "POST /" + k.Path + "/bulk", Needs: tenant.Member, Operation: web.Create(a.start(k)),
			Summary: "Change many " + k.Path + ", by ids or by a filter; more than 200 in the background",
		})
	}
	return routes
}

func (a API) start(kind records.Kind) func(context.Context, *web.Call, Order) (Run, error) {
	return func(ctx context.Context, c *web.Call, o Order) (Run, error) {
		return a.Store.Start(ctx, c.Tenant, kind, o)
	}
}
