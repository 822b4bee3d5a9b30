package deals

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"apexai/crm/internal/coalesce"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/pipelines"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves deals to signed-in members.
type API struct {
	Store  Store
	Signer page.Signer

	boards *coalesce.Group[Board]
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	a.boards = new(coalesce.Group[Board])
	return []web.Route{
		{Pattern: "GET /deals", Needs: tenant.Viewer, Operation: web.Read(a.list), Summary: "List deals", Query: append(slices.Clone(listQuery), filterQuery...)},
		{Pattern: "GET /deals/board", Needs: tenant.Viewer, Operation: web.Read(a.board), Summary: "Read a pipeline's board: lanes with sums and first deals", Query: filterQuery},
		{Pattern: "POST /deals", Needs: tenant.Member, Operation: web.CreateFor(a.Store.Create), Summary: "Add a deal at the top of its lane"},
		{Pattern: "GET /deals/{id}", Needs: tenant.Viewer, Operation: web.ReadOf("deal", a.Store.Get), Summary: "Read a deal"},
		{Pattern: "PATCH /deals/{id}", Needs: tenant.Member, Operation: web.ChangeOf("deal", a.Store.Update), Summary: "Change a deal"},
		{Pattern: "DELETE /deals/{id}", Needs: tenant.Member, Operation: web.RemoveOf("deal", a.Store.Delete), Summary: "Put a deal into the trash"},
		{Pattern: "POST /deals/{id}/restore", Needs: tenant.Member, Operation: web.ActOf("deal", a.Store.Restore), Summary: "Take a deal out of the trash"},
		{Pattern: "POST /deals/{id}/move", Needs: tenant.Member, Operation: web.ChangeOf("deal", a.Store.Move), Summary: "Move a deal to a place in a stage"},
		{Pattern: "POST /deals/{id}/won", Needs: tenant.Member, Operation: web.ActOn("deal", a.Store.Win), Summary: "Mark a deal as won"},
		{Pattern: "POST /deals/{id}/lost", Needs: tenant.Member, Operation: web.ChangeOf("deal", a.lose), Summary: "Mark a deal as lost, with the reason"},
		{Pattern: "POST /deals/{id}/reopen", Needs: tenant.Member, Operation: web.ActOn("deal", a.Store.Reopen), Summary: "Take a won or lost deal back to its last open stage"},
		{Pattern: "GET /deals/{id}/history", Needs: tenant.Viewer, Operation: web.Read(a.history), Summary: "List a deal's way through the stages"},
	}
}

var listQuery = []web.Param{
	{Name: "limit", Kind: web.Integer, Doc: "How many deals a page has, from 1 to 200; 50 if not given."},
	{Name: "cursor", Kind: web.Text, Doc: "The nextCursor of the page before."},
	{Name: "sort", Kind: web.Text, Doc: "The order, or up to three with commas between; rank is that of a lane. There are " + strings.Join(sorts(), " ") + "."},
	{Name: "count", Kind: web.Text, Doc: "Also count all, up to 10,000.", Enum: []string{"exact"}},
}

var filterQuery = []web.Param{
	{Name: "pipelineId", Kind: web.ID, Doc: "Only deals of this pipeline. A board needs it."},
	{Name: "stageId", Kind: web.ID, Doc: "Only deals in this stage."},
	{Name: "ownerId", Kind: web.ID, Doc: "Only deals of this owner."},
	{Name: "companyId", Kind: web.ID, Doc: "Only deals with this company."},
	{Name: "personId", Kind: web.ID, Doc: "Only deals that this person has a part in."},
	{Name: "status", Kind: web.Text, Doc: "Only deals of this status.", Enum: []string{pipelines.Open, pipelines.Won, pipelines.Lost}},
	{Name: "closeFrom", Kind: web.Date, Doc: "Only deals expected to close on this day or later."},
	{Name: "closeTo", Kind: web.Date, Doc: "Only deals expected to close on this day or earlier."},
	{Name: "closedFrom", Kind: web.Date, Doc: "Only deals won or lost on this day (UTC) or later."},
	{Name: "closedTo", Kind: web.Date, Doc: "Only deals won or lost on this day (UTC) or earlier."},
	{Name: "q", Kind: web.Text, Doc: "Beginnings of words of the title or of the company's name."},
	{Name: "filter", Kind: web.JSON, Doc: "A filter: {\"f\":\"amount\",\"op\":\">\",\"v\":100000}, or and, or, not of such."},
}

func sorts() []string {
	var names []string
	for _, o := range orders {
		names = append(names, o.Name)
	}
	return names
}

// filterNames are the query's members that choose deals.
var filterNames = []string{"pipelineId", "stageId", "ownerId", "companyId", "personId", "status", "closeFrom", "closeTo", "closedFrom", "closedTo", "q"}

// ReadFilter takes the filter out of a URL's query, and its values, for which
// alone a cursor holds.
func ReadFilter(values url.Values) (f Filter, key []string, err error) {
	for name, into := range map[string]**id.ID{
		"pipelineId": &f.Pipeline, "stageId": &f.Stage, "ownerId": &f.Owner, "companyId": &f.Company, "personId": &f.Person,
	} {
		if v := values.Get(name); v != "" {
			parsed, err := id.Parse(v)
			if err != nil {
				return f, nil, problem.Syntax(name + " is not an id")
			}
			*into = &parsed
		}
	}
	for name, into := range map[string]*string{"closeFrom": &f.CloseFrom, "closeTo": &f.CloseTo, "closedFrom": &f.ClosedFrom, "closedTo": &f.ClosedTo} {
		if *into = values.Get(name); *into == "" {
			continue
		}
		if _, err := time.Parse(time.DateOnly, *into); err != nil {
			return f, nil, problem.Syntax(name + " is not a date such as 2027-01-31")
		}
	}
	f.Status = values.Get("status")
	switch f.Status {
	case "", pipelines.Open, pipelines.Won, pipelines.Lost:
	default:
		return f, nil, problem.Syntax("status is not one of open, won, lost")
	}
	f.Words = page.Words(values.Get("q"))
	if f.Node, err = filter.Parse([]byte(values.Get("filter"))); err != nil {
		return f, nil, err
	}
	for _, name := range filterNames {
		key = append(key, values.Get(name))
	}
	return f, append(key, f.Node.String()), nil
}

func (a API) list(ctx context.Context, c *web.Call) (page.Page[Deal], error) {
	filter, key, err := ReadFilter(c.URL.Query())
	if err != nil {
		return page.Page[Deal]{}, err
	}
	sorts, own, err := Listing.Sorts(ctx, a.Store.DB, c.Tenant, c.URL.Query().Get("sort"))
	if err != nil {
		return page.Page[Deal]{}, err
	}
	filter.own = own
	request, err := a.Signer.Read(c.URL.Query(), c.Tenant, "deals", sorts, key...)
	if err != nil {
		return page.Page[Deal]{}, err
	}
	return a.Store.List(ctx, c.Tenant, filter, request)
}

func (a API) board(ctx context.Context, c *web.Call) (Board, error) {
	values := c.URL.Query()
	filter, _, err := ReadFilter(values)
	if err != nil {
		return Board{}, err
	}
	if filter.Pipeline == nil {
		return Board{}, problem.Syntax("pipelineId is missing: a board shows one pipeline")
	}
	filter.Stage = nil
	// What follows a lane is a page of the list, whose cursor this must be.
	further := func(stage id.ID) (page.Request, error) {
		values.Set("stageId", stage.String())
		values.Set("sort", "rank")
		values.Del("limit")
		values.Del("cursor")
		_, key, err := ReadFilter(values)
		if err != nil {
			return page.Request{}, err
		}
		return a.Signer.Read(values, c.Tenant, "deals", orders, key...)
	}
	return a.boards.Do(ctx, boardKey(c), boardWithin, func(ctx context.Context) (Board, error) {
		b, err := a.Store.Board(ctx, c.Tenant, filter, further)
		if err != nil {
			return b, err
		}
		return b.encode()
	})
}

// boardWithin is how long a board may take, whoever waits for it.
const boardWithin = 10 * time.Second

// boardKey tells boards apart: a filter may mean the caller, and the day where
// they are.
func boardKey(c *web.Call) string {
	key := fmt.Sprint(c.Tenant.Workspace, "?", c.URL.RawQuery)
	if c.URL.Query().Has("filter") {
		key += fmt.Sprint(" ", c.Tenant.User, c.Tenant.Zone)
	}
	return key
}

// A Loss says why a deal was lost.
type Loss struct {
	Reason string `json:"reason"`
}

func (a API) lose(ctx context.Context, t tenant.Tenant, which id.ID, version int, l Loss) (Deal, error) {
	return a.Store.Lose(ctx, t, which, version, l.Reason)
}

func (a API) history(ctx context.Context, c *web.Call) (pipelines.List[Entry], error) {
	which, err := c.ID("deal")
	if err != nil {
		return pipelines.List[Entry]{}, err
	}
	all, err := a.Store.History(ctx, c.Tenant, which)
	return pipelines.List[Entry]{Items: all}, err
}
