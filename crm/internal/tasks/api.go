package tasks

import (
	"context"
	"slices"
	"strings"

	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
	"apexai/crm/internal/zone"
)

// An API serves tasks to signed-in members.
type API struct {
	Store  Store
	Signer page.Signer
}

var (
	zoneParam = web.Param{Name: "zone", Kind: web.Text, Doc: "The caller's time zone, such as Europe/Lisbon, by which tasks are grouped; UTC if it is not given."}
	listQuery = []web.Param{
		{Name: "due", Kind: web.Text, Doc: "One group of tasks.", Enum: Groups},
		{Name: "status", Kind: web.Text, Doc: "Open or done tasks; both if it is not given.", Enum: []string{"open", "done"}},
		{Name: "assignee", Kind: web.Text, Doc: "The assignee's id, or me."},
		{Name: "target", Kind: web.Text, Doc: "The record that tasks are about, as in person:ID."},
		{Name: "sort", Kind: web.Text, Doc: "The order.", Enum: []string{"due", "-completedAt"}},
		zoneParam,
		{Name: "limit", Kind: web.Integer, Doc: "How many entries a page has, at most 200."},
		{Name: "cursor", Kind: web.Text, Doc: "The nextCursor of the page before."},
	}
)

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	zoned := []web.Param{zoneParam}
	return []web.Route{
		{Pattern: "GET /tasks", Needs: tenant.Viewer, Operation: web.Read(a.list), Summary: "List tasks", Query: listQuery},
		{Pattern: "GET /tasks/counts", Needs: tenant.Viewer, Operation: web.Read(a.counts), Summary: "Count the caller's open tasks", Query: zoned},
		{Pattern: "POST /tasks", Needs: tenant.Member, Operation: web.Create(a.create), Summary: "Add a task"},
		{Pattern: "GET /tasks/{id}", Needs: tenant.Viewer, Operation: web.Read(a.get), Summary: "Read a task", Query: zoned},
		{Pattern: "PATCH /tasks/{id}", Needs: tenant.Member, Operation: web.Change(a.update).NeedsVersion(), Summary: "Change or reschedule a task"},
		{Pattern: "DELETE /tasks/{id}", Needs: tenant.Member, Operation: web.RemoveOf("task", a.Store.Delete), Summary: "Delete a task"},
		{Pattern: "POST /tasks/{id}/restore", Needs: tenant.Member, Operation: web.Act(a.act(a.Store.Restore)), Summary: "Restore a deleted task"},
		{Pattern: "POST /tasks/{id}/complete", Needs: tenant.Member, Operation: web.Act(a.act(a.Store.Complete)), Summary: "Mark a task as done", Query: zoned},
		{Pattern: "POST /tasks/{id}/reopen", Needs: tenant.Member, Operation: web.Act(a.act(a.Store.Reopen)), Summary: "Open a task that was done", Query: zoned},
	}
}

// day is the caller's.
func (a API) day(c *web.Call) (Day, error) {
	in, err := zone.Load(c.URL.Query().Get("zone"))
	if err != nil {
		return Day{}, problem.Syntax("zone is no time zone such as Europe/Lisbon")
	}
	return Day{a.Store.Now(), in}, nil
}

func (a API) list(ctx context.Context, c *web.Call) (page.Page[Task], error) {
	query, err := a.query(c)
	if err != nil {
		return page.Page[Task]{}, err
	}
	return a.Store.List(ctx, c.Tenant, query)
}

func (a API) query(c *web.Call) (q Query, err error) {
	values := c.URL.Query()
	if q.Day, err = a.day(c); err != nil {
		return q, err
	}
	if q.Group = values.Get("due"); q.Group != "" && !slices.Contains(Groups, q.Group) {
		return q, problem.Syntax("due is not one of " + strings.Join(Groups, ", "))
	}
	if q.Status = values.Get("status"); q.Status != "" && q.Status != "open" && q.Status != "done" {
		return q, problem.Syntax("status is not open or done")
	}
	if q.Group == Done {
		q.Status = "done"
	} else if q.Group != "" {
		q.Status = "open"
	}
	if q.Assignee, err = assignee(values.Get("assignee"), c.Tenant); err != nil {
		return q, err
	}
	if q.Target, err = target(values.Get("target")); err != nil {
		return q, err
	}
	if values.Get("sort") == "-completedAt" {
		q.Status = "done"
	}
	q.Request, err = a.Signer.Read(values, c.Tenant, "tasks", orders, q.Group, q.Status, values.Get("assignee"), values.Get("target"))
	return q, err
}

func assignee(text string, t tenant.Tenant) (*id.ID, error) {
	switch text {
	case "":
		return nil, nil
	case "me":
		return &t.User, nil
	}
	who, err := id.Parse(text)
	if err != nil {
		return nil, problem.Syntax("assignee is neither me nor an id")
	}
	return &who, nil
}

func target(text string) (*Target, error) {
	if text == "" {
		return nil, nil
	}
	kind, which, _ := strings.Cut(text, ":")
	parsed, err := id.Parse(which)
	if err != nil || selectTarget[kind] == "" {
		return nil, problem.Syntax("target is not written person:ID")
	}
	return &Target{Kind: kind, ID: parsed}, nil
}

func (a API) counts(ctx context.Context, c *web.Call) (Counts, error) {
	day, err := a.day(c)
	if err != nil {
		return Counts{}, err
	}
	return a.Store.Counts(ctx, c.Tenant, day)
}

func (a API) create(ctx context.Context, c *web.Call, d Draft) (Task, error) {
	task, err := a.Store.Create(ctx, c.Tenant, d)
	return a.seen(task), err
}

func (a API) get(ctx context.Context, c *web.Call) (Task, error) {
	which, err := c.ID("task")
	if err != nil {
		return Task{}, err
	}
	day, err := a.day(c)
	if err != nil {
		return Task{}, err
	}
	return a.Store.Get(ctx, c.Tenant, which, day)
}

func (a API) update(ctx context.Context, c *web.Call, p Patch) (Task, error) {
	which, version, err := c.Target("task")
	if err != nil {
		return Task{}, err
	}
	task, err := a.Store.Update(ctx, c.Tenant, which, version, p)
	return a.seen(task), err
}

// act serves what is done to a task as a whole.
func (a API) act(do func(context.Context, tenant.Tenant, id.ID) (Task, error)) func(context.Context, *web.Call) (Task, error) {
	return func(ctx context.Context, c *web.Call) (Task, error) {
		which, err := c.ID("task")
		if err != nil {
			return Task{}, err
		}
		task, err := do(ctx, c.Tenant, which)
		return a.seen(task), err
	}
}

// seen puts a task into its group by the clocks of its own zone.
func (a API) seen(task Task) Task {
	if in, err := zone.Load(task.Zone); err == nil {
		task.Group = Day{a.Store.Now(), in}.group(task)
	}
	return task
}
