// Package reports counts and sums: what is in a pipeline, what was won and
// lost, what is to come, who does how much, and how far deals get.
//
// Each report is one or two grouped queries. Sums are per currency. Figures
// that count deals come with the filter of the list that they count.
package reports

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"apexai/crm/internal/cache"
	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves reports to signed-in members.
type API struct {
	DB    *database.DB
	Redis *redis.Client
	Now   func() time.Time
}

const keptFor = time.Minute

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		route(a, "pipeline", "Report what is in each stage of a pipeline, and for how long", readPipeline),
		route(a, "won-lost", "Report what was won and lost in each month, and why", readWonLost),
		route(a, "forecast", "Report what open deals may bring in the months to come", readForecast),
		route(a, "activity", "Report who wrote, called and met how often", readActivity),
		route(a, "funnel", "Report how far the deals of a time got", readFunnel),
	}
}

var askQuery = []web.Param{
	{Name: "from", Kind: web.Date, Doc: "The first day; without it, the first of the month eleven months ago."},
	{Name: "to", Kind: web.Date, Doc: "The last day; without it, today."},
	{Name: "zone", Kind: web.Text, Doc: "The time zone in which days and months begin, such as Europe/Berlin; UTC if not given."},
	{Name: "pipelineId", Kind: web.ID, Doc: "Only deals of this pipeline. The reports on stages need it."},
	{Name: "ownerId", Kind: web.ID, Doc: "Only what this member owns, or did."},
}

type reader[Out any] func(context.Context, database.Queryer, tenant.Tenant, Ask) (Out, error)

// route reads a report through Redis, where it stays until something changes in
// the workspace: who wins a deal and looks at the reports looks for it there.
// Many who ask for the same at once share one reading.
func route[Out any](a API, name, summary string, load reader[Out]) web.Route {
	kept := cache.New[Out](a.Redis, "report-"+name, "1", keptFor)
	operation := web.Read(func(ctx context.Context, c *web.Call) (Out, error) {
		ask, err := read(c.URL.Query(), a.Now())
		if err != nil {
			var none Out
			return none, err
		}
		key, err := a.key(ctx, c.Tenant, ask)
		if err != nil {
			var none Out
			return none, err
		}
		out, _, err := kept.Get(ctx, key, func(ctx context.Context) (out Out, ok bool, err error) {
			err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
				out, err = load(ctx, q, c.Tenant, ask)
				return err
			})
			return out, true, err
		})
		return out, err
	})
	return web.Route{Pattern: "GET /reports/" + name, Needs: tenant.Viewer, Operation: operation, Summary: summary, Query: askQuery}
}

// key tells one asking from every other, and from the same before a change.
func (a API) key(ctx context.Context, t tenant.Tenant, ask Ask) (key string, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		newest, err := change.Newest(ctx, q, t)
		key = ask.key(t) + " " + strconv.FormatInt(newest, 10)
		return err
	})
	return key, err
}
