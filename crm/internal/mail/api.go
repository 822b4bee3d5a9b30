package mail

import (
	"context"

	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves e-mail and its templates to signed-in members.
type API struct{ Store Store }

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	target := []web.Param{
		{Name: "kind", Kind: web.Text, Doc: "The kind of the record that they are about.", Enum: []string{"person", "company", "deal"}},
		{Name: "id", Kind: web.ID, Doc: "The record that they are about."},
	}
	return []web.Route{
		{Pattern: "GET /emails", Needs: tenant.Viewer, Operation: web.Read(a.list), Summary: "List the newest e-mails, of a record or of all", Query: target},
		{Pattern: "POST /emails", Needs: tenant.Member, Operation: web.CreateFor(a.Store.Write), Summary: "Send an e-mail"},
		{Pattern: "POST /emails/preview", Needs: tenant.Member, Operation: web.Change(a.preview), Summary: "Fill in an e-mail's variables without sending it"},
		{Pattern: "GET /emails/health", Needs: tenant.Viewer, Operation: web.Read(a.health), Summary: "Tell how sending e-mail is going"},
		{Pattern: "GET /emails/{id}", Needs: tenant.Viewer, Operation: web.ReadOf("e-mail", a.Store.Get), Summary: "Read an e-mail"},
		{Pattern: "POST /emails/{id}/send", Needs: tenant.Member, Operation: web.ActOf("e-mail", a.Store.Again), Summary: "Send an e-mail that was not sent"},
		{Pattern: "GET /templates", Needs: tenant.Viewer, Operation: web.Read(a.templates), Summary: "List e-mail templates"},
		{Pattern: "POST /templates", Needs: tenant.Member, Operation: web.CreateFor(a.Store.CreateTemplate), Summary: "Create an e-mail template"},
		{Pattern: "GET /templates/{id}", Needs: tenant.Viewer, Operation: web.ReadOf("template", a.Store.Template), Summary: "Read an e-mail template"},
		{Pattern: "PATCH /templates/{id}", Needs: tenant.Member, Operation: web.ChangeOf("template", a.Store.UpdateTemplate), Summary: "Change an e-mail template"},
		{Pattern: "DELETE /templates/{id}", Needs: tenant.Member, Operation: web.RemoveOf("template", a.Store.DeleteTemplate), Summary: "Delete an e-mail template"},
	}
}

// A MailList is the newest e-mails.
type MailList struct {
	Items []Mail `json:"items"`
}

func (a API) list(ctx context.Context, c *web.Call) (MailList, error) {
	values := c.URL.Query()
	var target *Ref
	if kind := values.Get("kind"); kind != "" {
		which, err := id.Parse(values.Get("id"))
		if err != nil {
			return MailList{}, problem.Syntax("id is not an id")
		}
		target = &Ref{kind, which}
	}
	items, err := a.Store.List(ctx, c.Tenant, target)
	return MailList{append([]Mail{}, items...)}, err
}

func (a API) preview(ctx context.Context, c *web.Call, l Letter) (Preview, error) {
	return a.Store.Preview(ctx, c.Tenant, l)
}

func (a API) health(ctx context.Context, c *web.Call) (Health, error) {
	return a.Store.Health(ctx, c.Tenant)
}

// A TemplateList is all templates of a workspace.
type TemplateList struct {
	Items     []Template `json:"items"`
	Variables []string   `json:"variables"`
}

func (a API) templates(ctx context.Context, c *web.Call) (TemplateList, error) {
	items, err := a.Store.Templates(ctx, c.Tenant)
	return TemplateList{append([]Template{}, items...), variables}, err
}
