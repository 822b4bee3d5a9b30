package people

import (
	"context"
	"slices"

	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves people to signed-in members.
type API struct {
	Store  Store
	Signer page.Signer
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /people", Needs: tenant.Viewer, Operation: web.Read(a.list), Summary: "List people", Query: listQuery},
		{Pattern: "POST /people", Needs: tenant.Member, Operation: web.CreateFor(a.Store.Create), Summary: "Add a person"},
		{Pattern: "GET /people/{id}", Needs: tenant.Viewer, Operation: web.ReadOf("person", a.Store.Get), Summary: "Read a person, also one in the trash"},
		{Pattern: "PATCH /people/{id}", Needs: tenant.Member, Operation: web.ChangeOf("person", a.Store.Update), Summary: "Change a person by a merge patch"},
		{Pattern: "DELETE /people/{id}", Needs: tenant.Member, Operation: web.RemoveOf("person", a.Store.Delete), Summary: "Put a person into the trash"},
		{Pattern: "POST /people/{id}/restore", Needs: tenant.Member, Operation: web.ActOf("person", a.Store.Restore), Summary: "Take a person out of the trash"},
	}
}

var listQuery = append(page.Query(orders), web.Param{Name: "companyId", Kind: web.ID, Doc: "Only people of this company."})

func (a API) list(ctx context.Context, c *web.Call) (page.Page[Person], error) {
	values := c.URL.Query()
	words := page.Words(values.Get("q"))
	narrowed, err := filter.Parse([]byte(values.Get("filter")))
	if err != nil {
		return page.Page[Person]{}, err
	}
	query := Query{Words: words, Filter: narrowed}
	if v := values.Get("companyId"); v != "" {
		company, err := id.Parse(v)
		if err != nil {
			return page.Page[Person]{}, problem.Syntax("companyId is not an id")
		}
		query.Company = &company
	}
	sorts, own, err := Listing.Sorts(ctx, a.Store.DB, c.Tenant, values.Get("sort"))
	if err != nil {
		return page.Page[Person]{}, err
	}
	query.Fields = own
	request, err := a.Signer.Read(values, c.Tenant, "people", sorts, slices.Concat(words, []string{"", values.Get("companyId"), narrowed.String()})...)
	if err != nil {
		return page.Page[Person]{}, err
	}
	query.Request = request
	return a.Store.List(ctx, c.Tenant, query)
}
