package exports

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves exports to signed-in members.
type API struct{ Store Store }

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /exports/{kind}/now", Needs: tenant.Viewer, Operation: web.Download("text/csv", a.stream), Summary: "Download a list as a file, if it is short", Query: []web.Param{
			{Name: "format", Kind: web.Text, Doc: "The form of the file.", Enum: []string{csvFormat, jsonFormat, vcfFormat}},
			{Name: "columns", Kind: web.Text, Doc: "The columns, parted by commas; all if it is not given."},
			{Name: "query", Kind: web.JSON, Doc: "The query of the list, as an object of strings: filter, sort, q and what else the list takes."},
		}},
		{Pattern: "POST /exports", Needs: tenant.Viewer, Operation: web.Accept(a.begin), Summary: "Have a list, or the whole workspace, written into a file"},
		{Pattern: "GET /exports/{id}", Needs: tenant.Viewer, Operation: web.ReadOf("export", a.Store.Get), Summary: "Read how far an export is"},
		{Pattern: "GET /exports/{id}/file", Needs: tenant.Viewer, Operation: web.Download("application/octet-stream", a.file), Summary: "Download the file of an export"},
	}
}

func (a API) stream(ctx context.Context, c *web.Call) (web.File, error) {
	values := c.URL.Query()
	o := Order{Kind: c.PathValue("kind"), Format: values.Get("format"), Query: map[string]string{}}
	if !slices.Contains(kinds, o.Kind) {
		return web.File{}, problem.NotFound("list")
	}
	if v := values.Get("columns"); v != "" {
		o.Columns = strings.Split(v, ",")
	}
	if v := values.Get("query"); v != "" {
		if err := json.Unmarshal([]byte(v), &o.Query); err != nil {
			return web.File{}, problem.Syntax("query is not an object of strings")
		}
	}
	return a.Store.Stream(ctx, c.Tenant, o)
}

func (a API) begin(ctx context.Context, c *web.Call, o Order) (Export, error) {
	return a.Store.Begin(ctx, c.Tenant, o)
}

func (a API) file(ctx context.Context, c *web.Call) (web.File, error) {
	which, err := c.ID("export")
	if err != nil {
		return web.File{}, err
	}
	return a.Store.File(ctx, c.Tenant, which)
}
