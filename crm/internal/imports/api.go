package imports

import (
	"context"
	"slices"

	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves imports to signed-in members.
type API struct{ Store Store }

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /imports", Needs: tenant.Viewer, Operation: web.Read(a.list), Summary: "List the newest imports"},
		{Pattern: "POST /imports", Needs: tenant.Member, Operation: web.Upload(MaxFile, a.upload), Summary: "Upload a table to import"},
		{Pattern: "GET /imports/fields", Needs: tenant.Viewer, Operation: web.Read(a.fields), Summary: "List the fields that columns may go to", Query: []web.Param{
			{Name: "kind", Kind: web.Text, Doc: "The kind of records.", Enum: kinds},
		}},
		{Pattern: "GET /imports/{id}", Needs: tenant.Viewer, Operation: web.ReadOf("import", a.Store.Get), Summary: "Read an import"},
		{Pattern: "PUT /imports/{id}/reading", Needs: tenant.Member, Operation: web.Change(a.reread), Summary: "Read an import's table in another way"},
		{Pattern: "PUT /imports/{id}/mapping", Needs: tenant.Member, Operation: web.Change(a.mapColumns), Summary: "Say what an import's columns mean"},
		{Pattern: "POST /imports/{id}/dry-run", Needs: tenant.Member, Operation: web.ActOf("import", a.Store.Check), Summary: "Try an import without writing anything"},
		{Pattern: "POST /imports/{id}/run", Needs: tenant.Member, Operation: web.ActOf("import", a.Store.Run), Summary: "Import"},
		{Pattern: "POST /imports/{id}/cancel", Needs: tenant.Member, Operation: web.ActOf("import", a.Store.Cancel), Summary: "Stop an import"},
		{Pattern: "POST /imports/{id}/resume", Needs: tenant.Member, Operation: web.ActOf("import", a.Store.Resume), Summary: "Go on with an import that was stopped"},
		{Pattern: "POST /imports/{id}/undo", Needs: tenant.Member, Operation: web.ActOf("import", a.Store.Undo), Summary: "Take an import back"},
		{Pattern: "GET /imports/{id}/rows", Needs: tenant.Viewer, Operation: web.Read(a.rows), Summary: "List the rows of an import that failed or were skipped"},
		{Pattern: "GET /imports/{id}/errors.csv", Needs: tenant.Viewer, Operation: web.Download("text/csv", a.errors), Summary: "Download the rows that failed, to mend them"},
	}
}

// A List is the newest imports.
type List struct {
	Items []Import `json:"items"`
}

func (a API) list(ctx context.Context, c *web.Call) (List, error) {
	items, err := a.Store.List(ctx, c.Tenant)
	return List{append([]Import{}, items...)}, err
}

func (a API) upload(ctx context.Context, c *web.Call, p web.Part) (Import, error) {
	return a.Store.Upload(ctx, c.Tenant, p.FileName, p.Values.Get("kind"), p)
}

// FieldList is where columns may go.
type FieldList struct {
	Items []Field `json:"items"`
}

func (a API) fields(ctx context.Context, c *web.Call) (FieldList, error) {
	kind := c.URL.Query().Get("kind")
	var faults check.Faults
	if !slices.Contains(kinds, kind) {
		faults.Add("/kind", "choice", "one of people, companies, deals")
		return FieldList{}, faults.Problem()
	}
	var list FieldList
	err := a.Store.DB.View(ctx, func(ctx context.Context, q database.Queryer) (err error) {
		list.Items, _, err = available(ctx, q, c.Tenant, kind)
		return err
	})
	return list, err
}

func (a API) reread(ctx context.Context, c *web.Call, how Reading) (Import, error) {
	which, err := c.ID("import")
	if err != nil {
		return Import{}, err
	}
	return a.Store.Reread(ctx, c.Tenant, which, how)
}

func (a API) mapColumns(ctx context.Context, c *web.Call, m Mapping) (Import, error) {
	which, err := c.ID("import")
	if err != nil {
		return Import{}, err
	}
	return a.Store.Map(ctx, c.Tenant, which, m)
}

func (a API) rows(ctx context.Context, c *web.Call) (Told, error) {
	which, err := c.ID("import")
	if err != nil {
		return Told{}, err
	}
	return a.Store.Told(ctx, c.Tenant, which)
}

func (a API) errors(ctx context.Context, c *web.Call) (web.File, error) {
	which, err := c.ID("import")
	if err != nil {
		return web.File{}, err
	}
	return a.Store.Errors(ctx, c.Tenant, which)
}
