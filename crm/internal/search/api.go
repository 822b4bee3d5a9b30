package search

import (
	"context"
	"slices"
	"strings"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves search to signed-in members.
type API struct{ Store Store }

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{{
		Pattern: "GET /search", Needs: tenant.Viewer, Operation: web.Read(a.find), Summary: "Find records, and what was written about them, by the beginnings of words",
		Query: []web.Param{
			{Name: "q", Kind: web.Text, Doc: "What was typed; each word begins a word of the record, or of an entry and the names of its records."},
			{Name: "types", Kind: web.Text, Doc: "Kinds to search, parted by commas; all if it is not given."},
		},
	}}
}

// Results are the records that were found, at most 8 of each kind, best first.
type Results struct {
	Items []Hit `json:"items"`
}

func (a API) find(ctx context.Context, c *web.Call) (Results, error) {
	values := c.URL.Query()
	var kinds []string
	if list := values.Get("types"); list != "" {
		kinds = slices.Compact(slices.Sorted(strings.SplitSeq(list, ",")))
	}
	for _, kind := range kinds {
		if !slices.Contains(Kinds, kind) {
			return Results{}, problem.Syntax("types is not a list of " + strings.Join(Kinds, ", "))
		}
	}
	items, err := a.Store.Find(ctx, c.Tenant, values.Get("q"), kinds...)
	return Results{items}, err
}
