package calendar

import (
	"context"
	"io"
	"strings"
	"time"

	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves feeds, and lets each member make and revoke their own.
type API struct {
	Store  Store
	Studio string // the studio's address, for links in entries; may be empty
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /calendar", Needs: tenant.Viewer, Operation: web.Read(a.get), Summary: "See whether the caller has a calendar link"},
		{Pattern: "POST /calendar", Needs: tenant.Viewer, Operation: web.Act(a.create), Summary: "Make a new calendar link"},
		{Pattern: "DELETE /calendar", Needs: tenant.Viewer, Operation: web.Remove(a.revoke), Summary: "Revoke the calendar link"},
		{Pattern: "GET /calendar/{file}", Needs: tenant.Nobody, Operation: web.Download("text/calendar", a.feed), Summary: "Read tasks as a calendar"},
	}
}

// A Feed is a member's calendar link. Its path is told once, when it is made.
type Feed struct {
	CreatedAt *time.Time `json:"createdAt"`
	Path      string     `json:"path,omitempty"` // below the server's address; whoever has it sees the tasks
}

func (a API) get(ctx context.Context, c *web.Call) (Feed, error) {
	at, err := a.Store.Made(ctx, c.Tenant)
	return Feed{CreatedAt: at}, err
}

func (a API) create(ctx context.Context, c *web.Call) (Feed, error) {
	secret, err := a.Store.Make(ctx, c.Tenant)
	if err != nil {
		return Feed{}, err
	}
	now := a.Store.Now().UTC().Truncate(time.Millisecond)
	return Feed{&now, "/api/v1/calendar/" + secret + ".ics"}, nil
}

func (a API) revoke(ctx context.Context, c *web.Call) error {
	return a.Store.Revoke(ctx, c.Tenant)
}

func (a API) feed(ctx context.Context, c *web.Call) (web.File, error) {
	secret, ok := strings.CutSuffix(c.PathValue("file"), ".ics")
	if !ok || len(secret) > 64 {
		return web.File{}, problem.NotFound("calendar")
	}
	name, events, err := a.Store.Events(ctx, secret, a.Studio)
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: "tasks.ics", ContentType: "text/calendar; charset=utf-8", Inline: true, Write: func(_ context.Context, w io.Writer) error {
		return Write(w, name, events)
	}}, nil
}
