package home

import (
	"context"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/tasks"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
	"apexai/crm/internal/zone"
)

// An API serves each member's home page.
type API struct{ Store Store }

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	zoned := []web.Param{{Name: "zone", Kind: web.Text, Doc: "The caller's time zone, such as Europe/Lisbon; UTC if it is not given."}}
	return []web.Route{
		{Pattern: "GET /home/attention", Needs: tenant.Viewer, Operation: web.Read(a.attention), Summary: "List the caller's deals that need attention", Query: zoned},
		{Pattern: "GET /home/changes", Needs: tenant.Viewer, Operation: web.Read(a.changes), Summary: "List what colleagues did lately"},
		{Pattern: "GET /home/numbers", Needs: tenant.Viewer, Operation: web.Read(a.numbers), Summary: "Sum up the day", Query: zoned},
	}
}

// Deals are those that need attention.
type Deals struct {
	Items []Deal `json:"items"`
}

// Changes are what colleagues did lately.
type Changes struct {
	Items []Change `json:"items"`
}

func (a API) day(c *web.Call) (tasks.Day, error) {
	in, err := zone.Load(c.URL.Query().Get("zone"))
	if err != nil {
		return tasks.Day{}, problem.Syntax("zone is no time zone such as Europe/Lisbon")
	}
	return tasks.Day{Now: a.Store.Now(), In: in}, nil
}

func (a API) attention(ctx context.Context, c *web.Call) (Deals, error) {
	day, err := a.day(c)
	if err != nil {
		return Deals{}, err
	}
	items, err := a.Store.Attention(ctx, c.Tenant, day)
	return Deals{items}, err
}

func (a API) changes(ctx context.Context, c *web.Call) (Changes, error) {
	items, err := a.Store.Changes(ctx, c.Tenant)
	return Changes{items}, err
}

func (a API) numbers(ctx context.Context, c *web.Call) (Numbers, error) {
	day, err := a.day(c)
	if err != nil {
		return Numbers{}, err
	}
	return a.Store.Numbers(ctx, c.Tenant, day)
}
