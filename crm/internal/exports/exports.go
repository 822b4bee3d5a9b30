// Package exports writes records as files: what a list shows, with its
// filters, sorts and columns, and whole workspaces for those who leave or keep
// copies.
//
// It asks the API's own lists, page by page, so that an export has just what
// the list has. Few records are written as they are read; many by a job, into
// a file that is kept for a day.
package exports

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/files"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

const (
	keepFor  = 24 * time.Hour
	atOnce   = 5000 // records of an export without a job
	pageSize = 200
	// Workspace is the kind of an export of everything.
	Workspace = "workspace"
)

// The formats.
const (
	csvFormat  = "csv"
	jsonFormat = "json"
	vcfFormat  = "vcf"
	zipFormat  = "zip"
)

// A Store writes exports.
type Store struct {
	DB    *database.DB
	Files files.Store
	Now   func() time.Time
	// Lists are the API's lists by kind of record: "people", "deals", ….
	Lists map[string]web.Operation
	// Tell sends an event to a member of the workspace.
	Tell func(ctx context.Context, t tenant.Tenant, event string, payload any)
}

// An Order says what to write: a list as it is shown. Query is that of the
// list's address; columns are all if there are none.
type Order struct {
	Kind    string            `json:"kind"`
	Format  string            `json:"format"`
	Query   map[string]string `json:"query"`
	Columns []string          `json:"columns"`
}

var kinds = []string{"people", "companies", "deals", "activities", "tasks"}

const maxOrder = 32 << 10 // a filter has at most 8 KiB

func (o *Order) check(t tenant.Tenant) error {
	var f check.Faults
	if o.Format == "" {
		o.Format = csvFormat
	}
	switch {
	case o.Kind == Workspace && t.Role < tenant.Owner:
		return problem.Forbidden("only an owner takes the whole workspace away")
	case o.Kind == Workspace:
		o.Format = zipFormat
	case !slices.Contains(kinds, o.Kind):
		f.Add("/kind", "choice", "one of "+strings.Join(kinds, ", ")+", workspace")
	case o.Format == vcfFormat && o.Kind != "people":
		f.Add("/format", "choice", "cards are of people")
	case o.Format != csvFormat && o.Format != jsonFormat && o.Format != vcfFormat:
		f.Add("/format", "choice", "one of csv, json, vcf")
	}
	if len(o.Columns) > 100 {
		f.Add("/columns", "too-many", "at most 100")
	}
	if encoded, err := json.Marshal(o); err != nil || len(encoded) > maxOrder {
		f.Add("/query", "too-long", fmt.Sprintf("an order has at most %d bytes", maxOrder))
	}
	for name := range o.Query {
		if name == "cursor" || name == "limit" || name == "count" {
			delete(o.Query, name)
		}
	}
	return f.Problem()
}

// A record is one record as its list has it.
type record = map[string]any

// pages gives every page of a list to fn.
func (s Store) pages(ctx context.Context, t tenant.Tenant, o Order, fn func([]record) error) error {
	for cursor, first := "", true; first || cursor != ""; first = false {
		p, err := s.page(ctx, t, o, cursor)
		if err != nil {
			return err
		}
		if err := fn(p.Items); err != nil {
			return err
		}
		cursor = p.NextCursor
	}
	return nil
}

type page struct {
	Items      []record `json:"items"`
	NextCursor string   `json:"nextCursor"`
	Total      string   `json:"total"`
}

// page asks the API's list for one page, on the tenant's behalf.
func (s Store) page(ctx context.Context, t tenant.Tenant, o Order, cursor string) (p page, err error) {
	if o.Kind == "activities" {
		return s.activities(ctx, t, cursor)
	}
	list, ok := s.Lists[o.Kind]
	if !ok {
		return p, problem.NotImplemented(o.Kind + " have no list to export")
	}
	query := url.Values{"limit": {fmt.Sprint(pageSize)}}
	for name, value := range o.Query {
		query.Set(name, value)
	}
	if cursor != "" {
		query.Set("cursor", cursor)
	} else {
		query.Set("count", "exact")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "/"+o.Kind+"?"+query.Encode(), nil)
	if err != nil {
		return p, err
	}
	a := answer{header: http.Header{}}
	list.Serve(&a, request, t)
	return p, a.read(&p)
}

// answer takes what an operation answers.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is part of http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader is part of http.ResponseWriter.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write is part of http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

func (a *answer) read(p *page) error {
	if a.status == http.StatusOK {
		d := json.NewDecoder(&a.body)
		d.UseNumber()
		return d.Decode(p)
	}
	var refused problem.Problem
	if err := json.Unmarshal(a.body.Bytes(), &refused); err != nil {
		return fmt.Errorf("list answered %d: %w", a.status, err)
	}
	return &refused
}

const (
	selectMembers    = `SELECT u.id, u.name, u.email FROM members m JOIN users u ON u.id = m.user_id WHERE m.workspace_id = ? LIMIT 5000`
	selectActivities = `SELECT a.id, a.type, a.subject, a.body, a.occurred_at, a.author_id, a.created_at FROM activities a
		WHERE a.workspace_id = ? AND a.deleted_at IS NULL AND a.id > ? ORDER BY a.id LIMIT ?`
)

// activities is a page of all activities, which have no list of their own.
func (s Store) activities(ctx context.Context, t tenant.Tenant, cursor string) (p page, err error) {
	var after id.ID
	if cursor != "" {
		if after, err = id.Parse(cursor); err != nil {
			return p, err
		}
	}
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		p.Items, err = database.All(ctx, q, scanActivity, selectActivities, t.Workspace, after, pageSize)
		return err
	})
	if len(p.Items) == pageSize {
		p.NextCursor, _ = p.Items[pageSize-1]["id"].(string)
	}
	return p, err
}

func scanActivity(row database.Row, r *record) error {
	var which id.ID
	var author *id.ID
	var kind, subject, body string
	var occurred, created time.Time
	err := row.Scan(&which, &kind, &subject, &body, &occurred, &author, &created)
	*r = record{"id": which.String(), "type": kind, "subject": subject, "body": body, "occurredAt": occurred.Format(time.RFC3339), "createdAt": created.Format(time.RFC3339)}
	if author != nil {
		(*r)["authorId"] = author.String()
	}
	return err
}

// members are the workspace's members by id, as e-mail address or name.
func (s Store) members(ctx context.Context, t tenant.Tenant) (map[string]string, error) {
	all := map[string]string{}
	err := s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.All(ctx, q, func(row database.Row, _ *struct{}) error {
			var which id.ID
			var name, email string
			err := row.Scan(&which, &name, &email)
			all[which.String()] = email
			return err
		}, selectMembers, t.Workspace)
		return err
	})
	return all, err
}
