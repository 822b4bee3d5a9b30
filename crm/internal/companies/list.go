package companies

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tags"
	"apexai/crm/internal/tenant"
)

// orders are the sorts of the list.
var orders = slices.Concat(
	page.Orders{{Name: "-createdAt", Columns: []page.Column{last}, Desc: true}, {Name: "createdAt", Columns: []page.Column{last}}},
	page.Both("name", page.Text("c.name"), last),
	page.Both("updatedAt", page.Time("c.updated_at"), last),
	page.Both("industry", page.Text("c.industry"), last),
	page.Both("domain", page.Text("COALESCE(c.domain, '')"), last),
	page.Both("sizeBand", page.Text("c.size_band"), last),
	page.Both("source", page.Text("c.source"), last),
	page.Both("score", page.Text("c.score"), last),
	page.Both("lastActivityAt", page.NullTime("c.last_activity_at"), last),
)

var last = page.ID("c.id")

func sortValues(c Company, o page.Order) []string {
	return o.Values(func(name string) []string {
		switch name {
		case "name":
			return []string{c.Name}
		case "updatedAt":
			return []string{page.FormatTime(c.UpdatedAt)}
		case "industry":
			return []string{c.Industry}
		case "domain":
			return []string{c.Domain}
		case "sizeBand":
			return []string{c.SizeBand}
		case "source":
			return []string{c.Source}
		case "score":
			return []string{strconv.Itoa(c.Score)}
		case "lastActivityAt":
			return []string{page.FormatNullTime(c.LastActivityAt)}
		}
		if key, ok := strings.CutPrefix(name, fields.Prefix); ok {
			return []string{fields.SortValue(c.Custom, key)}
		}
		return nil
	}, c.ID.String())
}

// A Query is which companies to list.
type Query struct {
	page.Request
	Words  []string // each begins a word by which the company is found
	Filter filter.Node
	Fields []fields.Def // the workspace's own, if it is known that they matter
}

const (
	columns = `c.id, c.version, c.name, COALESCE(c.domain, ''), c.industry, c.size_band, c.address, c.owner_id, c.source, c.score, c.last_activity_at, c.custom,
		c.created_at, c.created_by, c.updated_at, c.updated_by, c.deleted_at`
	fromWhere    = ` FROM companies c WHERE c.workspace_id = ?`
	selectAny    = `SELECT ` + columns + fromWhere
	selectList   = selectAny + ` AND c.deleted_at IS NULL`
	selectCount  = `SELECT COUNT(*) FROM (SELECT 1` + fromWhere + ` AND c.deleted_at IS NULL`
	hasWord      = `EXISTS (SELECT 1 FROM search_words x WHERE x.workspace_id = c.workspace_id AND x.kind = 'company' AND x.target_id = c.id AND x.word LIKE ?)`
	selectPeople = `SELECT p.company_id, COUNT(*) FROM people p
		WHERE p.workspace_id = ? AND p.deleted_at IS NULL AND p.company_id IN (`
)

func scan(row database.Row, c *Company) error {
	return row.Scan(&c.ID, &c.Version, &c.Name, &c.Domain, &c.Industry, &c.SizeBand, &c.Address, &c.OwnerID, &c.Source, &c.Score, &c.LastActivityAt, &c.Custom,
		&c.CreatedAt, &c.CreatedBy, &c.UpdatedAt, &c.UpdatedBy, &c.DeletedAt)
}

// matching is the condition that words make.
func matching(words []string) (string, []any) { return search.Narrow(hasWord, words) }

// where is the part of a list's condition that its filters make.
func (q Query) where(fields filter.Fields) (string, []any, error) {
	sql, args := matching(q.Words)
	narrowed, more, err := q.Filter.SQL(fields)
	if narrowed != "" {
		sql += " AND " + narrowed
	}
	return sql, append(args, more...), err
}

// List returns one page of companies: one query for the page and one for each
// of their tags and how many people they have.
func (s Store) List(ctx context.Context, t tenant.Tenant, q Query) (p page.Page[Company], err error) {
	after, afterArgs, err := q.Order.After(q.After)
	if err != nil {
		return p, err
	}
	err = s.DB.View(ctx, func(ctx context.Context, db database.Queryer) error {
		where, args, err := s.condition(ctx, db, t, q)
		if err != nil {
			return err
		}
		rows, err := database.All(ctx, db, scan, selectList+where+after+" ORDER BY "+q.Order.By()+" LIMIT ?",
			append(append(args[:len(args):len(args)], afterArgs...), q.Limit+1)...)
		if err != nil {
			return err
		}
		p = page.Cut(q.Request, rows, sortValues)
		if q.Count {
			if p.Total, err = page.Count(ctx, db, selectCount+where, args); err != nil {
				return err
			}
		}
		return complete(ctx, db, t, p.Items)
	})
	return p, err
}

// condition is what follows selectList's own, with all its arguments.
func (s Store) condition(ctx context.Context, db database.Queryer, t tenant.Tenant, q Query) (string, []any, error) {
	known, err := Listing.Narrowed(ctx, db, t, s.now(), q.Filter, q.Fields)
	if err != nil {
		return "", nil, err
	}
	where, args, err := q.where(known)
	return where, append([]any{t.Workspace}, args...), err
}

// complete fills in what other tables have of all items.
func complete(ctx context.Context, q database.Queryer, t tenant.Tenant, items []Company) error {
	if err := countPeople(ctx, q, t, items); err != nil {
		return err
	}
	index, all := make(map[id.ID]*Company, len(items)), make([]id.ID, len(items))
	for i := range items {
		items[i].Tags = []tags.Tag{}
		index[items[i].ID], all[i] = &items[i], items[i].ID
	}
	return tags.Of(ctx, q, t, all, func(which id.ID, tag tags.Tag) { index[which].Tags = append(index[which].Tags, tag) })
}

func countPeople(ctx context.Context, db database.Queryer, t tenant.Tenant, items []Company) error {
	if len(items) == 0 {
		return nil
	}
	args := []any{t.Workspace}
	index := map[id.ID]*Company{}
	for i := range items {
		args = append(args, items[i].ID)
		index[items[i].ID] = &items[i]
	}
	type count struct {
		company id.ID
		people  int
	}
	counts, err := database.All(ctx, db, func(row database.Row, c *count) error { return row.Scan(&c.company, &c.people) },
		selectPeople+page.Marks(len(items))+") GROUP BY p.company_id", args...)
	for _, c := range counts {
		index[c.company].PeopleCount = c.people
	}
	return err
}
