// Package audit shows administrators who changed what, and when, with the
// values before and after.
package audit

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/jobs"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
	"apexai/crm/internal/zone"
)

// An API serves the audit log.
type API struct {
	DB     *database.DB
	Signer page.Signer
}

// An Entry is one change that was made.
type Entry struct {
	Number    int64                      `json:"number"`
	At        time.Time                  `json:"at"`
	ActorID   *id.ID                     `json:"actorId"` // null: the system itself
	Kind      string                     `json:"kind"`
	ID        id.ID                      `json:"id"`
	Version   int                        `json:"version"`
	Verb      string                     `json:"verb"`
	Before    map[string]json.RawMessage `json:"before"` // only what differs
	After     map[string]json.RawMessage `json:"after"`
	Near      []change.Ref               `json:"near"`
	RequestID string                     `json:"requestId"`
	Client    string                     `json:"client"` // the network that it came from
}

const (
	selectEntries = `SELECT a.id, a.at, a.actor_id, a.target_kind, a.target_id, a.version, a.verb, a.was, a.became, a.near, a.request_id, a.client
		FROM audit_log a WHERE a.workspace_id = ?`
	// Of all workspaces: a year is kept.
	deleteOld = `DELETE FROM audit_log WHERE workspace_id > 0 AND at < ? LIMIT 2000`
	keepFor   = 366 * 24 * time.Hour
)

var orders = page.Orders{{Name: "-at", Desc: true, Columns: []page.Column{{Name: "a.id", Parse: func(s string) (any, error) { return strconv.ParseInt(s, 10, 64) }}}}}

var filters = []web.Param{
	{Name: "kind", Kind: web.Text, Doc: `Only changes of this kind of record, such as "person".`},
	{Name: "verb", Kind: web.Text, Doc: `Only changes of this sort, such as "deleted".`},
	{Name: "id", Kind: web.ID, Doc: "Only changes of this record."},
	{Name: "actorId", Kind: web.ID, Doc: "Only changes by this user."},
	{Name: "from", Kind: web.Date, Doc: "Only changes on this day or later."},
	{Name: "to", Kind: web.Date, Doc: "Only changes on this day or earlier."},
	{Name: "zone", Kind: web.Text, Doc: "The time zone whose days these are, such as Europe/Berlin; UTC if not given."},
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /audit", Needs: tenant.Admin, Operation: web.Read(a.list), Summary: "List who changed what", Query: append([]web.Param{
			{Name: "limit", Kind: web.Integer, Doc: "How many, 50 unless told."},
			{Name: "cursor", Kind: web.Text, Doc: "The nextCursor of the page before."},
		}, filters...)},
		{Pattern: "GET /audit/file", Needs: tenant.Admin, Operation: web.Download("text/csv", a.file), Summary: "Download who changed what, as CSV", Query: filters},
	}
}

// condition is what a query's filters ask for, and their values as they are.
func condition(q url.Values) (where string, args []any, scope []string, err error) {
	for _, f := range []struct{ name, column string }{{"kind", " AND a.target_kind = ?"}, {"verb", " AND a.verb = ?"}} {
		v := q.Get(f.name)
		scope = append(scope, v)
		if v != "" {
			where, args = where+f.column, append(args, v)
		}
	}
	for _, f := range []struct{ name, column string }{{"id", " AND a.target_id = ?"}, {"actorId", " AND a.actor_id = ?"}} {
		v := q.Get(f.name)
		scope = append(scope, v)
		if v == "" {
			continue
		}
		which, err := id.Parse(v)
		if err != nil {
			return "", nil, nil, problem.Syntax(f.name + " is not an id")
		}
		where, args = where+f.column, append(args, which)
	}
	days, moments, err := within(q)
	return where + days, append(args, moments...), append(scope, q.Get("from"), q.Get("to"), q.Get("zone")), err
}

// within is the condition that days make, which begin and end by the clocks of
// the asker's zone.
func within(q url.Values) (where string, args []any, err error) {
	in, err := zone.Load(q.Get("zone"))
	if err != nil {
		return "", nil, problem.Syntax("zone is not one such as Europe/Berlin")
	}
	for _, f := range []struct {
		name, column string
		days         int
	}{{"from", " AND a.at >= ?", 0}, {"to", " AND a.at < ?", 1}} {
		v := q.Get(f.name)
		if v == "" {
			continue
		}
		day, err := time.Parse(time.DateOnly, v)
		if err != nil || day.Year() < 1000 || day.Year() > 9000 { // MySQL's years are those of four digits
			return "", nil, problem.Syntax(f.name + " is not a day such as 2026-07-31")
		}
		where, args = where+f.column, append(args, zone.Begins(day.AddDate(0, 0, f.days), in))
	}
	return where, args, nil
}

func (a API) list(ctx context.Context, c *web.Call) (p page.Page[Entry], err error) {
	where, args, scope, err := condition(c.URL.Query())
	if err != nil {
		return p, err
	}
	r, err := a.Signer.Read(c.URL.Query(), c.Tenant, "audit", orders, scope...)
	if err != nil {
		return p, err
	}
	entries, err := a.read(ctx, c.Tenant, where, args, r)
	return page.Cut(r, entries, func(e Entry, _ page.Order) []string { return []string{strconv.FormatInt(e.Number, 10)} }), err
}

func (a API) read(ctx context.Context, t tenant.Tenant, where string, args []any, r page.Request) (entries []Entry, err error) {
	after, more, err := r.Order.After(r.After)
	if err != nil {
		return nil, problem.Syntax("cursor is not one of this list")
	}
	all := append(append(append([]any{t.Workspace}, args...), more...), r.Limit+1)
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		entries, err = database.All(ctx, q, scan, selectEntries+where+after+" ORDER BY "+r.Order.By()+" LIMIT ?", all...)
		return err
	})
	return entries, err
}

func scan(row database.Row, e *Entry) error {
	var was, became, near []byte
	if err := row.Scan(&e.Number, &e.At, &e.ActorID, &e.Kind, &e.ID, &e.Version, &e.Verb, &was, &became, &near, &e.RequestID, &e.Client); err != nil {
		return err
	}
	e.Before, e.After, e.Near = map[string]json.RawMessage{}, map[string]json.RawMessage{}, []change.Ref{}
	for _, part := range []struct {
		text []byte
		into any
	}{{was, &e.Before}, {became, &e.After}, {near, &e.Near}} {
		if len(part.text) == 0 || string(part.text) == "null" {
			continue
		}
		if err := json.Unmarshal(part.text, part.into); err != nil {
			return fmt.Errorf("audit: entry %d: %w", e.Number, err)
		}
	}
	return nil
}

const fileAtMost = 50000 // rows, the newest

func (a API) file(_ context.Context, c *web.Call) (web.File, error) {
	where, args, _, err := condition(c.URL.Query())
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: "audit.csv", ContentType: "text/csv; charset=utf-8", Write: func(ctx context.Context, w io.Writer) error {
		out := csv.NewWriter(w)
		out.Write([]string{"number", "at", "actor", "kind", "id", "verb", "version", "before", "after", "request", "client"}) // Flush tells of faults
		r := page.Request{Limit: 500, Order: orders[0]}
		for n := 0; n < fileAtMost; n += r.Limit {
			entries, err := a.read(ctx, c.Tenant, where, args, r)
			if err != nil {
				return err
			}
			for _, e := range entries[:min(len(entries), r.Limit)] {
				out.Write(e.row())
			}
			out.Flush()
			if err := out.Error(); err != nil || len(entries) <= r.Limit {
				return err
			}
			r.After = []string{strconv.FormatInt(entries[r.Limit-1].Number, 10)}
		}
		return nil
	}}, nil
}

// row is an entry for a spreadsheet. Values are JSON objects, so none begins
// as a formula does.
func (e Entry) row() []string {
	actor := "system"
	if e.ActorID != nil {
		actor = e.ActorID.String()
	}
	before, _ := json.Marshal(e.Before) // made of JSON
	after, _ := json.Marshal(e.After)
	return []string{
		strconv.FormatInt(e.Number, 10), e.At.UTC().Format(time.RFC3339Nano), actor, e.Kind, e.ID.String(), e.Verb,
		strconv.Itoa(e.Version), string(before), string(after), strings.TrimLeft(e.RequestID, "=+-@"), e.Client,
	}
}

// Periodic is the pruning of the log.
func (a API) Periodic() []jobs.Periodic {
	return []jobs.Periodic{{Name: "audit.prune", Every: time.Hour, Run: func(ctx context.Context) error {
		return a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
			_, err := database.Exec(ctx, q, deleteOld, time.Now().UTC().Add(-keepFor))
			return err
		})
	}}}
}
