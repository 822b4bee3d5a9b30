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
		{Pattern: "POST /emails", Needs: tenant.Member, Operation: web.Create(a.write), Summary: "Send an e-mail"},
		{Pattern: "POST /emails/preview", Needs: tenant.Member, Operation: web.Change(a.preview), Summary: "Fill in an e-mail's variables without sending it"},
		{Pattern: "GET /emails/health", Needs: tenant.Viewer, Operation: web.Read(a.health), Summary: "Tell how sending e-mail is going"},
		{Pattern: "GET /emails/{id}", Needs: tenant.Viewer, Operation: web.Read(a.get), Summary: "Read an e-mail"},
		{Pattern: "POST /emails/{id}/send", Needs: tenant.Member, Operation: web.Act(a.again), Summary: "Send an e-mail that was not sent"},
		{Pattern: "GET /templates", Needs: tenant.Viewer, Operation: web.Read(a.templates), Summary: "List e-mail templates"},
		{Pattern: "POST /templates", Needs: tenant.Member, Operation: web.Create(a.createTemplate), Summary: "Create an e-mail template"},
		{Pattern: "GET /templates/{id}", Needs: tenant.Viewer, Operation: web.Read(a.template), Summary: "Read an e-mail template"},
		{Pattern: "PATCH /templates/{id}", Needs: tenant.Member, Operation: web.Change(a.updateTemplate), Summary: "Change an e-mail template"},
		{Pattern: "DELETE /templates/{id}", Needs: tenant.Member, Operation: web.Remove(a.removeTemplate), Summary: "Delete an e-mail template"},
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

func (a API) write(ctx context.Context, c *web.Call, l Letter) (Mail, error) {
	return a.Store.Write(ctx, c.Tenant, l)
}

func (a API) preview(ctx context.Context, c *web.Call, l Letter) (Preview, error) {
	return a.Store.Preview(ctx, c.Tenant, l)
}

func (a API) health(ctx context.Context, c *web.Call) (Health, error) {
	return a.Store.Health(ctx, c.Tenant)
}

func (a API) get(ctx context.Context, c *web.Call) (Mail, error) {
	which, err := c.ID("e-mail")
	if err != nil {
		return Mail{}, err
	}
	return a.Store.Get(ctx, c.Tenant, which)
}

func (a API) again(ctx context.Context, c *web.Call) (Mail, error) {
	which, err := c.ID("e-mail")
	if err != nil {
		return Mail{}, err
	}
	return a.Store.Again(ctx, c.Tenant, which)
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

func (a API) createTemplate(ctx context.Context, c *web.Call, d TemplateDraft) (Template, error) {
	return a.Store.CreateTemplate(ctx, c.Tenant, d)
}

func (a API) template(ctx context.Context, c *web.Call) (Template, error) {
	which, err := c.ID("template")
	if err != nil {
		return Template{}, err
	}
	return a.Store.Template(ctx, c.Tenant, which)
}

func (a API) updateTemplate(ctx context.Context, c *web.Call, p TemplatePatch) (Template, error) {
	which, version, err := c.Target("template")
	if err != nil {
		return Template{}, err
	}
	return a.Store.UpdateTemplate(ctx, c.Tenant, which, version, p)
}

func (a API) removeTemplate(ctx context.Context, c *web.Call) error {
	which, version, err := c.Target("template")
	if err != nil {
		return err
	}
	return a.Store.DeleteTemplate(ctx, c.Tenant, which, version)
}
