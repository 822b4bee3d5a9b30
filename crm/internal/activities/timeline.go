package activities

import (
	"context"
	"strings"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/timeline"
)

// orders: a timeline begins with the newest.
var orders = page.Orders{
	{Name: "-occurredAt", Columns: []page.Column{page.Time("l.occurred_at"), page.ID("l.activity_id")}, Desc: true},
}

// A Timeline is one page of what happened to a record.
type Timeline struct {
	page.Page[Activity]
	Pinned []Activity `json:"pinned,omitempty"` // on the first page, unless it begins with a given entry
}

// A Query is which part of whose timeline to read.
type Query struct {
	page.Request
	Kind  string
	ID    id.ID
	Types []string // none: all
	From  *id.ID   // the entry with which the page begins; nil: the newest
}

const (
	columns = `a.id, a.version, a.type, a.subject, LEFT(a.body, 4000), a.body_length, a.occurred_at, a.author_id, COALESCE(u.name, ''),
		a.meta, a.pinned, a.created_at, a.updated_at, a.deleted_at`
	author         = ` LEFT JOIN users u ON u.id = a.author_id`
	selectTimeline = `SELECT ` + columns + ` FROM activity_links l
		JOIN activities a ON a.workspace_id = l.workspace_id AND a.id = l.activity_id` + author + `
		WHERE l.workspace_id = ? AND l.kind = ? AND l.target_id = ? AND a.deleted_at IS NULL`
	selectMoment = `SELECT l.occurred_at FROM activity_links l WHERE l.workspace_id = ? AND l.activity_id = ? AND l.kind = ? AND l.target_id = ?`
	fromMoment   = ` AND l.occurred_at <= ? AND (l.occurred_at < ? OR l.activity_id <= ?)`
	selectLinks  = `SELECT l.activity_id, l.kind, l.target_id, COALESCE(d.title, '') FROM activity_links l
		LEFT JOIN search_docs d ON d.workspace_id = l.workspace_id AND d.kind = l.kind AND d.target_id = l.target_id
		WHERE l.workspace_id = ? AND l.activity_id IN (`
)

func scan(row database.Row, a *Activity) error {
	var meta []byte
	err := row.Scan(&a.ID, &a.Version, &a.Type, &a.Subject, &a.Body, &a.BodyLength, &a.OccurredAt, &a.AuthorID, &a.AuthorName,
		&meta, &a.Pinned, &a.CreatedAt, &a.UpdatedAt, &a.DeletedAt)
	a.Meta, a.Links = meta, []Link{}
	return err
}

// Timeline returns one page of a record's timeline: one query for the page,
// one for the records its entries also belong to, and on the first page one
// for what is pinned.
func (s Store) Timeline(ctx context.Context, t tenant.Tenant, query Query) (line Timeline, err error) {
	after, afterArgs, err := query.Order.After(query.After)
	if err != nil {
		return line, err
	}
	filter, args := "", []any{t.Workspace, query.Kind, query.ID}
	if len(query.Types) > 0 {
		filter = " AND l.type IN (" + page.Marks(len(query.Types)) + ")"
		for _, kind := range query.Types {
			args = append(args, kind)
		}
	}
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		if query.From != nil {
			if after, afterArgs, err = from(ctx, q, t, query); err != nil {
				return err
			}
		}
		rows, err := database.All(ctx, q, scan, selectTimeline+filter+after+" ORDER BY "+query.Order.By()+" LIMIT ?",
			append(append(args[:len(args):len(args)], afterArgs...), query.Limit+1)...)
		if err != nil {
			return err
		}
		line.Page = page.Cut(query.Request, rows, func(a Activity, _ page.Order) []string {
			return []string{page.FormatTime(a.OccurredAt), a.ID.String()}
		})
		if query.After == nil && query.From == nil {
			if line.Pinned, err = pinned(ctx, q, t, query, len(rows) == 0); err != nil {
				return err
			}
		}
		return readLinks(ctx, q, t, line.Items, line.Pinned)
	})
	return line, err
}

// from is the condition that a page begins with a given entry.
func from(ctx context.Context, q database.Queryer, t tenant.Tenant, query Query) (string, []any, error) {
	moment, ok, err := database.One(ctx, q, database.Scalar[time.Time], selectMoment, t.Workspace, *query.From, query.Kind, query.ID)
	if err == nil && !ok {
		err = problem.NotFound("entry")
	}
	return fromMoment, []any{moment, moment, *query.From}, err
}

// pinned are the pinned activities of a record; of one whose timeline is
// empty it asks whether it is there at all.
func pinned(ctx context.Context, q database.Queryer, t tenant.Tenant, query Query, empty bool) ([]Activity, error) {
	if !empty {
		return database.All(ctx, q, scan, selectTimeline+" AND l.pinned = 1 ORDER BY "+query.Order.By()+" LIMIT 20", t.Workspace, query.Kind, query.ID)
	}
	ok, err := exists(ctx, q, t, query.Kind, query.ID)
	if err == nil && !ok {
		err = problem.NotFound(query.Kind)
	}
	return nil, err
}

// readLinks fills in which records the activities belong to.
func readLinks(ctx context.Context, q database.Queryer, t tenant.Tenant, lists ...[]Activity) error {
	index := map[id.ID][]*Activity{}
	args := []any{t.Workspace}
	for _, list := range lists {
		for i := range list {
			a := &list[i]
			if index[a.ID] == nil {
				args = append(args, a.ID)
			}
			index[a.ID] = append(index[a.ID], a)
		}
	}
	if len(index) == 0 {
		return nil
	}
	type row struct {
		activity id.ID
		Link
	}
	links, err := database.All(ctx, q, func(from database.Row, r *row) error { return from.Scan(&r.activity, &r.Kind, &r.ID, &r.Title) },
		selectLinks+page.Marks(len(args)-1)+") ORDER BY l.activity_id, l.kind DESC, l.target_id", args...)
	for _, l := range links {
		for _, a := range index[l.activity] {
			a.Links = append(a.Links, l.Link)
		}
	}
	return err
}

// ParseTypes reads "call,meeting".
func ParseTypes(list string) ([]string, error) {
	if list == "" {
		return nil, nil
	}
	types := strings.Split(list, ",")
	for _, kind := range types {
		if !known(kind) {
			return nil, problem.Syntax("types is not a list of " + strings.Join(timeline.Types, ", "))
		}
	}
	return types, nil
}
