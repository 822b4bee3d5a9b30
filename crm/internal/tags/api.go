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
		{Pattern: "POST /tags", Needs: tenant.Member, Operation: web.Create(a.create), Summary: "Add a tag"},
		{Pattern: "GET /tags/{id}", Needs: tenant.Viewer, Operation: web.Read(a.get), Summary: "Read a tag"},
		{Pattern: "PATCH /tags/{id}", Needs: tenant.Member, Operation: web.Change(a.update), Summary: "Rename or recolour a tag"},
		{Pattern: "DELETE /tags/{id}", Needs: tenant.Admin, Operation: web.Remove(a.remove), Summary: "Take a tag from all records, for good"},
	}
}

func (a API) list(ctx context.Context, c *web.Call) (List, error) {
	all, err := a.Store.List(ctx, c.Tenant, c.URL.Query().Get("kind"))
	if all == nil {
		all = []Entry{}
	}
	return List{all}, err
}

func (a API) create(ctx context.Context, c *web.Call, d Draft) (Entry, error) {
	return a.Store.Create(ctx, c.Tenant, d)
}

func (a API) get(ctx context.Context, c *web.Call) (Entry, error) {
	which, err := c.ID("tag")
	if err != nil {
		return Entry{}, err
	}
	return a.Store.Get(ctx, c.Tenant, which)
}

func (a API) update(ctx context.Context, c *web.Call, p Patch) (Entry, error) {
	which, version, err := c.Target("tag")
	if err != nil {
		return Entry{}, err
	}
	return a.Store.Update(ctx, c.Tenant, which, version, p)
}

func (a API) remove(ctx context.Context, c *web.Call) error {
	which, version, err := c.Target("tag")
	if err != nil {
		return err
	}
	return a.Store.Delete(ctx, c.Tenant, which, version)
}
