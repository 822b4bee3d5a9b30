package activities

import (
	"context"
	"strings"

	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves activities and timelines to signed-in members.
type API struct {
	Store  Store
	Signer page.Signer
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /people/{id}/timeline", Needs: tenant.Viewer, Operation: web.Read(a.timeline("person")), Summary: "Read the timeline of a person", Query: timelineQuery},
		{Pattern: "GET /companies/{id}/timeline", Needs: tenant.Viewer, Operation: web.Read(a.timeline("company")), Summary: "Read the timeline of a company", Query: timelineQuery},
		{Pattern: "GET /deals/{id}/timeline", Needs: tenant.Viewer, Operation: web.Read(a.timeline("deal")), Summary: "Read the timeline of a deal", Query: timelineQuery},
		{Pattern: "POST /activities", Needs: tenant.Member, Operation: web.CreateFor(a.Store.Create), Summary: "Log a note, call, meeting or e-mail"},
		{Pattern: "GET /activities/{id}", Needs: tenant.Viewer, Operation: web.ReadOf("activity", a.Store.Get), Summary: "Read an activity with all of its text"},
		{Pattern: "PATCH /activities/{id}", Needs: tenant.Member, Operation: web.ChangeOf("activity", a.Store.Update), Summary: "Change or pin an activity"},
		{Pattern: "DELETE /activities/{id}", Needs: tenant.Member, Operation: web.RemoveOf("activity", a.Store.Delete), Summary: "Delete an activity"},
		{Pattern: "POST /activities/{id}/restore", Needs: tenant.Member, Operation: web.ActOf("activity", a.Store.Restore), Summary: "Restore a deleted activity"},
	}
}

var timelineQuery = []web.Param{
	{Name: "types", Kind: web.Text, Doc: "Types of activities, parted by commas; all if it is not given."},
	{Name: "limit", Kind: web.Integer, Doc: "How many entries a page has, at most 200."},
	{Name: "cursor", Kind: web.Text, Doc: "The nextCursor of the page before."},
	{Name: "from", Kind: web.Text, Doc: "The id of an entry with which the page begins, instead of the newest."},
}

func (a API) timeline(kind string) func(context.Context, *web.Call) (Timeline, error) {
	return func(ctx context.Context, c *web.Call) (Timeline, error) {
		which, err := c.ID(kind)
		if err != nil {
			return Timeline{}, err
		}
		values := c.URL.Query()
		types, err := ParseTypes(values.Get("types"))
		if err != nil {
			return Timeline{}, err
		}
		request, err := a.Signer.Read(values, c.Tenant, "timeline", orders, kind, which.String(), strings.Join(types, ","))
		if err != nil {
			return Timeline{}, err
		}
		query := Query{Request: request, Kind: kind, ID: which, Types: types}
		if text := values.Get("from"); text != "" && request.After == nil {
			from, err := id.Parse(text)
			if err != nil {
				return Timeline{}, problem.Syntax("from is not the id of an entry")
			}
			query.From = &from
		}
		return a.Store.Timeline(ctx, c.Tenant, query)
	}
}
