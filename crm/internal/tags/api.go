package tags

import (
	"context"

	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves a workspace's tags.
type API struct{ Store Store }

// A List is all tags asked for.
type List struct {
	Items []Entry `json:"items"`
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /tags", Needs: tenant.Viewer, Operation: web.Read(a.list), Summary: "List tags", Query: []web.Param{
			{Name: "kind", Kind: web.Text, Doc: "Only those of this kind of record.", Enum: []string{"person", "company", "deal"}},
		}},
		{Pattern: "POST /tags", Needs: tenant.Member, Operation: web.CreateFor(a.Store.Create), Summary: "Add a tag"},
		{Pattern: "GET /tags/{id}", Needs: tenant.Viewer, Operation: web.ReadOf("tag", a.Store.Get), Summary: "Read a tag"},
		{Pattern: "PATCH /tags/{id}", Needs: tenant.Member, Operation: web.ChangeOf("tag", a.Store.Update), Summary: "Rename or recolour a tag"},
		{Pattern: "DELETE /tags/{id}", Needs: tenant.Admin, Operation: web.RemoveOf("tag", a.Store.Delete), Summary: "Take a tag from all records, for good"},
	}
}

func (a API) list(ctx context.Context, c *web.Call) (List, error) {
	all, err := a.Store.List(ctx, c.Tenant, c.URL.Query().Get("kind"))
	if all == nil {
		all = []Entry{}
	}
	return List{all}, err
}
