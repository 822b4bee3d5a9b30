package merge

import (
	"context"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/records"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API finds duplicates and merges them.
type API struct{ Store Store }

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	routes := []web.Route{
		{Pattern: "GET /duplicates", Needs: tenant.Viewer, Operation: web.Read(a.pairs), Summary: "List pairs of records that may be the same", Query: []web.Param{
			{Name: "kind", Kind: web.Text, Doc: "The kind of record.", Enum: []string{"person", "company", "deal"}},
		}},
		{Pattern: "POST /duplicates/apart", Needs: tenant.Member, Operation: web.Change(a.tell), Summary: "Say that two records are not the same, or take that back"},
		{Pattern: "POST /merges/{id}/undo", Needs: tenant.Member, Operation: web.ActOf("merge", a.Store.Undo), Summary: "Make two records of a merged one again"},
	}
	for _, kind := range a.Store.Kinds {
		if relations[kind.Name] == nil {
			continue
		}
		routes = append(routes,
			web.Route{Pattern: "GET /" + kind.Path + "/{id}/duplicates", Needs: tenant.Viewer, Operation: web.Read(a.find(kind)), Summary: "List records that may be the same as a " + kind.Name},
			web.Route{Pattern: "POST /" + kind.Path + "/{id}/merge", Needs: tenant.Member, Operation: web.Change(a.merge(kind)).NeedsVersion(), Summary: "Make one of a " + kind.Name + " and another"})
	}
	return routes
}

func (a API) find(kind records.Kind) func(context.Context, *web.Call) (Duplicates, error) {
	return func(ctx context.Context, c *web.Call) (Duplicates, error) {
		which, err := c.ID(kind.Name)
		if err != nil {
			return Duplicates{}, err
		}
		return a.Store.Find(ctx, c.Tenant, kind, which)
	}
}

func (a API) pairs(ctx context.Context, c *web.Call) (Pairs, error) {
	kind, ok := a.Store.Kinds.Find(c.URL.Query().Get("kind"))
	if !ok || relations[kind.Name] == nil {
		return Pairs{}, problem.Syntax("kind is not one of person, company, deal")
	}
	return a.Store.Pairs(ctx, c.Tenant, kind)
}

func (a API) tell(ctx context.Context, c *web.Call, said Apart) (Apart, error) {
	return a.Store.Tell(ctx, c.Tenant, said)
}

func (a API) merge(kind records.Kind) func(context.Context, *web.Call, Order) (Merge, error) {
	return func(ctx context.Context, c *web.Call, o Order) (Merge, error) {
		which, version, err := c.Target(kind.Name)
		if err != nil {
			return Merge{}, err
		}
		return a.Store.Merge(ctx, c.Tenant, kind, which, version, o)
	}
}
