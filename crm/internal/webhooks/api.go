package webhooks

import (
	"context"

	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves webhooks to administrators.
type API struct {
	Store  Store
	Signer page.Signer
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /webhooks", Needs: tenant.Admin, Operation: web.Read(a.list), Summary: "List webhooks"},
		{Pattern: "POST /webhooks", Needs: tenant.Admin, Operation: web.CreateFor(a.Store.Create), Summary: "Add a webhook"},
		{Pattern: "GET /webhooks/{id}", Needs: tenant.Admin, Operation: web.ReadOf("webhook", a.Store.Get), Summary: "Read a webhook"},
		{Pattern: "PATCH /webhooks/{id}", Needs: tenant.Admin, Operation: web.ChangeOf("webhook", a.Store.Update), Summary: "Change a webhook, or switch it on or off"},
		{Pattern: "DELETE /webhooks/{id}", Needs: tenant.Admin, Operation: web.RemoveOf("webhook", a.Store.Delete), Summary: "Delete a webhook and its log"},
		{Pattern: "POST /webhooks/{id}/test", Needs: tenant.Admin, Operation: web.ActOf("webhook", a.Store.Test), Summary: "Send a webhook a test event"},
		{Pattern: "POST /webhooks/{id}/secret", Needs: tenant.Admin, Operation: web.ActOf("webhook", a.Store.Renew), Summary: "Give a webhook another secret"},
		{Pattern: "GET /webhooks/{id}/deliveries", Needs: tenant.Admin, Operation: web.Read(a.log), Summary: "List what was sent to a webhook", Query: []web.Param{
			{Name: "limit", Kind: web.Integer, Doc: "How many, 50 unless told."},
			{Name: "cursor", Kind: web.Text, Doc: "The nextCursor of the page before."},
		}},
		{Pattern: "GET /deliveries/{id}", Needs: tenant.Admin, Operation: web.ReadOf("delivery", a.Store.Detail), Summary: "Read a delivery and its body"},
		{Pattern: "POST /deliveries/{id}/replay", Needs: tenant.Admin, Operation: web.ActOf("delivery", a.Store.Replay), Summary: "Send a delivery anew"},
	}
}

// A List is all webhooks of a workspace.
type List struct {
	Items []Webhook `json:"items"`
}

func (a API) list(ctx context.Context, c *web.Call) (List, error) {
	all, err := a.Store.List(ctx, c.Tenant)
	if all == nil {
		all = []Webhook{}
	}
	return List{all}, err
}

func (a API) log(ctx context.Context, c *web.Call) (page.Page[Delivery], error) {
	which, err := c.ID("webhook")
	if err != nil {
		return page.Page[Delivery]{}, err
	}
	request, err := a.Signer.Read(c.URL.Query(), c.Tenant, "deliveries", logOrders, which.String())
	if err != nil {
		return page.Page[Delivery]{}, err
	}
	return a.Store.Log(ctx, c.Tenant, which, request)
}
