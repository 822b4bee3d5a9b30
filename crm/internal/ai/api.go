package ai

import (
	"context"

	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves the assistant to signed-in members.
type API struct{ Assistant Assistant }

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /ai/settings", Needs: tenant.Viewer, Operation: web.Read(a.settings), Summary: "Read what the assistant may do"},
		{Pattern: "PATCH /ai/settings", Needs: tenant.Admin, Operation: web.Change(a.change), Summary: "Change what the assistant may do and spend"},
		{Pattern: "GET /ai/usage", Needs: tenant.Viewer, Operation: web.Read(a.usage), Summary: "Read what the assistant has cost"},
		{Pattern: "GET /ai/summary", Needs: tenant.Viewer, Operation: web.Read(a.last), Summary: "Read the newest summary of a record, asking no model", Query: []web.Param{
			{Name: "kind", Kind: web.Text, Doc: "What kind of record.", Enum: []string{"person", "company", "deal"}},
			{Name: "id", Kind: web.ID, Doc: "Which record."},
		}},
		{Pattern: "POST /ai/summary", Needs: tenant.Member, Operation: web.Change(a.summary), Summary: "Sum up a record"},
		{Pattern: "POST /ai/extract", Needs: tenant.Member, Operation: web.Change(a.extract), Summary: "Propose the tasks and fields that a note or a pasted text holds"},
		{Pattern: "POST /ai/query", Needs: tenant.Viewer, Operation: web.Change(a.query), Summary: "Turn a question in words into a filter"},
		{Pattern: "POST /ai/draft-email", Needs: tenant.Member, Operation: web.Stream(a.draft), Summary: "Draft an e-mail about a record, streamed"},
	}
}

func (a API) settings(ctx context.Context, c *web.Call) (Settings, error) {
	return a.Assistant.Settings(ctx, c.Tenant)
}

func (a API) change(ctx context.Context, c *web.Call, p SettingsPatch) (Settings, error) {
	return a.Assistant.Change(ctx, c.Tenant, p)
}

func (a API) usage(ctx context.Context, c *web.Call) (Usage, error) {
	return a.Assistant.Usage(ctx, c.Tenant)
}

func (a API) last(ctx context.Context, c *web.Call) (Summary, error) {
	query := c.URL.Query()
	which, err := id.Parse(query.Get("id"))
	if err != nil {
		return Summary{}, problem.Syntax("id is not an id")
	}
	return a.Assistant.LastSummary(ctx, c.Tenant, Target{query.Get("kind"), which})
}

// About is which record to sum up.
type About struct {
	Target
	Fresh bool `json:"fresh"` // ask again, though nothing has changed
}

func (a API) summary(ctx context.Context, c *web.Call, in About) (Summary, error) {
	return a.Assistant.Summarise(ctx, c.Tenant, in.Target, in.Fresh)
}

func (a API) extract(ctx context.Context, c *web.Call, in Text) (Found, error) {
	return a.Assistant.Extract(ctx, c.Tenant, in)
}

func (a API) query(ctx context.Context, c *web.Call, in Question) (Reading, error) {
	return a.Assistant.Read(ctx, c.Tenant, in)
}

func (a API) draft(ctx context.Context, c *web.Call, in Letter, events *web.Events) error {
	sender, err := a.Assistant.name(ctx, c.Tenant)
	if err != nil {
		return err
	}
	return a.Assistant.Draft(ctx, c.Tenant, sender, in, events)
}
