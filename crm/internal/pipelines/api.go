package pipelines

import (
	"context"

	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves pipelines to signed-in members; admins change them.
type API struct{ Store Store }

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /pipelines", Needs: tenant.Viewer, Operation: web.Read(a.list), Summary: "List pipelines with their stages"},
		{Pattern: "GET /pipelines/presets", Needs: tenant.Viewer, Operation: web.Read(a.presets), Summary: "List ready pipelines to begin with"},
		{Pattern: "POST /pipelines", Needs: tenant.Admin, Operation: web.CreateFor(a.Store.Create), Summary: "Add a pipeline"},
		{Pattern: "POST /pipelines/order", Needs: tenant.Admin, Operation: web.Change(a.order), Summary: "Order the pipelines"},
		{Pattern: "GET /pipelines/{id}", Needs: tenant.Viewer, Operation: web.ReadOf("pipeline", a.Store.Get), Summary: "Read a pipeline"},
		{Pattern: "PATCH /pipelines/{id}", Needs: tenant.Admin, Operation: web.ChangeOf("pipeline", a.Store.Update), Summary: "Change a pipeline and its stages"},
		{Pattern: "DELETE /pipelines/{id}", Needs: tenant.Admin, Operation: web.RemoveOf("pipeline", a.Store.Delete), Summary: "Take away a pipeline without deals"},
	}
}

// A List is all of something.
type List[T any] struct {
	Items []T `json:"items"`
}

// An Order is ids in the order that things shall have.
type Order struct {
	IDs []id.ID `json:"ids"`
}

func (a API) list(ctx context.Context, c *web.Call) (List[Pipeline], error) {
	all, err := a.Store.List(ctx, c.Tenant)
	return List[Pipeline]{all}, err
}

func (a API) presets(context.Context, *web.Call) (List[Preset], error) {
	return List[Preset]{Presets()}, nil
}

func (a API) order(ctx context.Context, c *web.Call, o Order) (List[Pipeline], error) {
	all, err := a.Store.Order(ctx, c.Tenant, o.IDs)
	return List[Pipeline]{all}, err
}
