package proposals

import (
	"context"

	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves proposals to signed-in members.
type API struct {
	Store  Store
	Signer page.Signer
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /proposals", Needs: tenant.Viewer, Operation: web.Read(a.list), Summary: "List what is proposed", Query: []web.Param{
			{Name: "status", Kind: web.Text, Doc: "What became of it; pending if it is not given.", Enum: []string{Pending, Accepted, Dismissed}},
			{Name: "kind", Kind: web.Text, Doc: "What kind of proposal.", Enum: []string{Task, Field, Action}},
			{Name: "targetKind", Kind: web.Text, Doc: "What kind of record it is about; with targetId.", Enum: []string{"person", "company", "deal"}},
			{Name: "targetId", Kind: web.ID, Doc: "Which record it is about; with targetKind."},
			{Name: "limit", Kind: web.Integer, Doc: "How many a page has, at most 200."},
			{Name: "cursor", Kind: web.Text, Doc: "The nextCursor of the page before."},
		}},
		{Pattern: "POST /proposals/{id}/accept", Needs: tenant.Member, Operation: web.Change(a.accept), Summary: "Accept a proposal, as it is or edited; it is applied once"},
		{Pattern: "POST /proposals/{id}/dismiss", Needs: tenant.Member, Operation: web.ActOf("proposal", a.Store.Dismiss), Summary: "Dismiss a proposal"},
	}
}

func (a API) list(ctx context.Context, c *web.Call) (p page.Page[Proposal], err error) {
	values := c.URL.Query()
	query := Query{Status: Pending, Kind: values.Get("kind")}
	switch v := values.Get("status"); v {
	case "":
	case Pending, Accepted, Dismissed:
		query.Status = v
	default:
		return p, problem.Syntax("status is not one of pending, accepted, dismissed")
	}
	if kind := values.Get("targetKind"); kind != "" {
		which, err := id.Parse(values.Get("targetId"))
		if err != nil {
			return p, problem.Syntax("targetId is not an id")
		}
		query.Target = &Ref{Kind: kind, ID: which}
	}
	query.Request, err = a.Signer.Read(values, c.Tenant, "proposals", orders, query.Status, query.Kind, values.Get("targetKind"), values.Get("targetId"))
	if err != nil {
		return p, err
	}
	return a.Store.List(ctx, c.Tenant, query)
}

func (a API) accept(ctx context.Context, c *web.Call, e Edit) (Proposal, error) {
	which, err := c.ID("proposal")
	if err != nil {
		return Proposal{}, err
	}
	return a.Store.Accept(ctx, c.Tenant, which, e)
}
