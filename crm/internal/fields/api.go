package fields

import (
	"context"
	"slices"
	"strings"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves the fields that a workspace adds.
type API struct{ Store Store }

// A List is all fields asked for.
type List struct {
	Items []Def `json:"items"`
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /fields", Needs: tenant.Viewer, Operation: web.Read(a.list), Summary: "List the fields that the workspace adds to records", Query: []web.Param{
			{Name: "kind", Kind: web.Text, Doc: "Only those of this kind of record.", Enum: Kinds},
			{Name: "trash", Kind: web.Boolean, Doc: "Also those that were taken away."},
		}},
		{Pattern: "POST /fields", Needs: tenant.Admin, Operation: web.CreateFor(a.Store.Create), Summary: "Add a field"},
		{Pattern: "GET /fields/{id}", Needs: tenant.Viewer, Operation: web.ReadOf("field", a.Store.Get), Summary: "Read a field"},
		{Pattern: "PATCH /fields/{id}", Needs: tenant.Admin, Operation: web.ChangeOf("field", a.Store.Update), Summary: "Change a field's name, place or options"},
		{Pattern: "DELETE /fields/{id}", Needs: tenant.Admin, Operation: web.RemoveOf("field", a.Store.Delete), Summary: "Take a field away; values stay until it is purged"},
		{Pattern: "POST /fields/{id}/restore", Needs: tenant.Admin, Operation: web.ActOf("field", a.Store.Restore), Summary: "Bring a field back with its values"},
	}
}

func (a API) list(ctx context.Context, c *web.Call) (List, error) {
	kind := c.URL.Query().Get("kind")
	if kind != "" && !slices.Contains(Kinds, kind) {
		return List{}, problem.Syntax("kind is not one of " + strings.Join(Kinds, ", "))
	}
	all, err := a.Store.List(ctx, c.Tenant, kind, c.URL.Query().Get("trash") == "true")
	if all == nil {
		all = []Def{}
	}
	return List{all}, err
}
