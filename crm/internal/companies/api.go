package companies

import (
	"context"
	"slices"

	"apexai/crm/internal/filter"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves companies to signed-in members.
type API struct {
	Store  Store
	Signer page.Signer
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /companies", Needs: tenant.Viewer, Operation: web.Read(a.list), Summary: "List companies", Query: page.Query(orders)},
		{Pattern: "POST /companies", Needs: tenant.Member, Operation: web.CreateFor(a.Store.Create), Summary: "Add a company"},
		{Pattern: "GET /companies/{id}", Needs: tenant.Viewer, Operation: web.ReadOf("company", a.Store.Get), Summary: "Read a company, also one in the trash"},
		{Pattern: "PATCH /companies/{id}", Needs: tenant.Member, Operation: web.ChangeOf("company", a.Store.Update), Summary: "Change a company by a merge patch"},
		{Pattern: "DELETE /companies/{id}", Needs: tenant.Member, Operation: web.RemoveOf("company", a.Store.Delete), Summary: "Put a company into the trash"},
		{Pattern: "POST /companies/{id}/restore", Needs: tenant.Member, Operation: web.ActOf("company", a.Store.Restore), Summary: "Take a company out of the trash"},
	}
}

func (a API) list(ctx context.Context, c *web.Call) (page.Page[Company], error) {
	values := c.URL.Query()
	words := page.Words(values.Get("q"))
	narrowed, err := filter.Parse([]byte(values.Get("filter")))
	if err != nil {
		return page.Page[Company]{}, err
	}
	sorts, own, err := Listing.Sorts(ctx, a.Store.DB, c.Tenant, values.Get("sort"))
	if err != nil {
		return page.Page[Company]{}, err
	}
	request, err := a.Signer.Read(values, c.Tenant, "companies", sorts, slices.Concat(words, []string{"", narrowed.String()})...)
	if err != nil {
		return page.Page[Company]{}, err
	}
	return a.Store.List(ctx, c.Tenant, Query{request, words, narrowed, own})
}
