package views

import (
	"context"

	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves saved views.
type API struct{ Store Store }

// A List is all views asked for.
type List struct {
	Items []View `json:"items"`
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /views", Needs: tenant.Viewer, Operation: web.Read(a.list), Summary: "List the views that you see", Query: []web.Param{
			{Name: "kind", Kind: web.Text, Doc: "Only those of this kind of record.", Enum: a.Store.Kinds.Names()},
		}},
		{Pattern: "POST /views", Needs: tenant.Member, Operation: web.CreateFor(a.Store.Create), Summary: "Save a view"},
		{Pattern: "GET /views/{id}", Needs: tenant.Viewer, Operation: web.ReadOf("view", a.Store.Get), Summary: "Read a view"},
		{Pattern: "PATCH /views/{id}", Needs: tenant.Member, Operation: web.ChangeOf("view", a.Store.Update), Summary: "Change a view"},
		{Pattern: "DELETE /views/{id}", Needs: tenant.Member, Operation: web.RemoveOf("view", a.Store.Delete), Summary: "Forget a view"},
		{Pattern: "POST /views/{id}/mark", Needs: tenant.Viewer, Operation: web.Change(a.mark), Summary: "Make a view a favourite of yours, or your default"},
	}
}

func (a API) list(ctx context.Context, c *web.Call) (List, error) {
	all, err := a.Store.List(ctx, c.Tenant, c.URL.Query().Get("kind"))
	if all == nil {
		all = []View{}
	}
	return List{all}, err
}

func (a API) mark(ctx context.Context, c *web.Call, m Marks) (View, error) {
	which, err := c.ID("view")
	if err != nil {
		return View{}, err
	}
	return a.Store.Mark(ctx, c.Tenant, which, m)
}
