package notifications

import (
	"context"

	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves each member's own notifications.
type API struct {
	Store  Store
	Signer page.Signer
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /notifications", Needs: tenant.Viewer, Operation: web.Read(a.list), Summary: "List what the caller was told", Query: []web.Param{
			{Name: "unread", Kind: web.Boolean, Doc: "Only what is not read yet."},
			{Name: "limit", Kind: web.Integer, Doc: "How many entries a page has, at most 200."},
			{Name: "cursor", Kind: web.Text, Doc: "The nextCursor of the page before."},
		}},
		{Pattern: "POST /notifications/{id}/read", Needs: tenant.Viewer, Operation: web.Remove(a.read), Summary: "Mark a notification as read"},
		{Pattern: "POST /notifications/read", Needs: tenant.Viewer, Operation: web.Remove(a.readAll), Summary: "Mark all notifications as read"},
	}
}

func (a API) list(ctx context.Context, c *web.Call) (List, error) {
	values := c.URL.Query()
	unread := values.Get("unread")
	request, err := a.Signer.Read(values, c.Tenant, "notifications", orders, c.Tenant.User.String(), unread)
	if err != nil {
		return List{}, err
	}
	return a.Store.List(ctx, c.Tenant, request, unread == "true")
}

func (a API) read(ctx context.Context, c *web.Call) error {
	which, err := c.ID("notification")
	if err != nil {
		return err
	}
	return a.Store.Read(ctx, c.Tenant, which)
}

func (a API) readAll(ctx context.Context, c *web.Call) error {
	return a.Store.ReadAll(ctx, c.Tenant)
}
