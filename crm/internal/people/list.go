package people

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
	"apexai/crm/internal/tenant"
)

// orders are the sorts of the list.
var orders = slices.Concat(
	page.Orders{{Name: "-createdAt", Columns: []page.Column{last}, Desc: true}, {Name: "createdAt", Columns: []page.Column{last}}},
	page.Both("name", page.Text("p.last_name"), page.Text("p.first_name"), last),
	page.Both("updatedAt", page.Time("p.updated_at"), last),
	page.Both("title", page.Text("p.title"), last),
	page.Both("companyName", page.Text("COALESCE(c.name, '')"), last),
	page.Both("source", page.Text("p.source"), last),
	page.Both("score", page.Text("p.score"), last),
	page.Both("lastContactAt", page.NullTime("p.last_contact_at"), last),
)

var last = page.ID("p.id")

func sortValues(p Person, o page.Order) []string {
	return o.Values(func(name string) []string {
		switch name {
		case "name":
			return []string{p.LastName, p.FirstName}
		case "updatedAt":
			return []string{page.FormatTime(p.UpdatedAt)}
		case "title":
			return []string{p.Title}
		case "companyName":
			return []string{p.CompanyName}
		case "source":
			return []string{p.Source}
		case "score":
			return []string{strconv.Itoa(p.Score)}
		case "lastContactAt":
			return []string{page.FormatNullTime(p.LastContactAt)}
		}
		if key, ok := strings.CutPrefix(name, fields.Prefix); ok {
			return []string{fields.SortValue(p.Custom, key)}
		}
		return nil
	}, p.ID.String())
}

// A Query is which people to list.
type Query struct {
	page.Request
	Words   []string // each begins a word by which the person is found
	Company *id.ID
	Filter  filter.Node
	Fields  []fields.Def // the workspace's own, if it is known that they matter
}

const (
	columns = `p.id, p.version, p.first_name, p.last_name, p.title, p.company_id, COALESCE(c.name, ''), p.owner_id, p.source, p.address, p.score, p.last_contact_at, p.custom,
		p.created_at, p.created_by, p.updated_at, p.updated_by, p.deleted_at`
	fromWhere = ` FROM people p
		LEFT JOIN companies c ON c.workspace_id = p.workspace_id AND c.id = p.company_id AND c.deleted_at IS NULL
		WHERE p.workspace_id = ?`
	bare         = ` FROM people p WHERE p.workspace_id = ?`
	selectPeople = `SELECT ` + columns + fromWhere
	selectCount  = `SELECT COUNT(*) FROM (SELECT 1` + fromWhere
	hasWord      = `EXISTS (SELECT 1 FROM search_words x WHERE x.workspace_id = p.workspace_id AND x.kind = 'person' AND x.target_id = p.id AND x.word LIKE ?)`
)

func scan(row database.Row, p *Person) error {
	return row.Scan(&p.ID, &p.Version, &p.FirstName, &p.LastName, &p.Title, &p.CompanyID, &p.CompanyName, &p.OwnerID, &p.Source, &p.Address, &p.Score, &p.LastContactAt, &p.Custom,
		&p.CreatedAt, &p.CreatedBy, &p.UpdatedAt, &p.UpdatedBy, &p.DeletedAt)
}

// matching is the condition that words make.
func matching(words []string) (string, []any) { return search.Narrow(hasWord, words) }

// where is the part of a list's condition that its filters make.
func (q Query) where(fields filter.Fields) (string, []any, error) {
	sql, args := " AND p.deleted_at IS NULL", []any(nil)
	if q.Company != nil {
		sql += " AND p.company_id = ?"
		args = append(args, *q.Company)
	}
	words, given := matching(q.Words)
	sql, args = sql+words, append(args, given...)
	narrowed, more, err := q.Filter.SQL(fields)
	if narrowed != "" {
		sql += " AND " + narrowed
	}
	return sql, append(args, more...), err
}

// List returns one page of people: one query for the page and one for each of
// their addresses, numbers and tags.
func (s Store) List(ctx context.Context, t tenant.Tenant, q Query) (p page.Page[Person], err error) {
	after, afterArgs, err := q.Order.After(q.After)
	if err != nil {
		return p, err
	}
	err = s.DB.View(ctx, func(ctx context.Context, db database.Queryer) error {
		where, args, err := s.condition(ctx, db, t, q)
		if err != nil {
			return err
		}
		rows, err := database.All(ctx, db, scan, selectPeople+where+after+" ORDER BY "+q.Order.By()+" LIMIT ?",
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

// condition is what follows selectPeople's own, with all its arguments.
func (s Store) condition(ctx context.Context, db database.Queryer, t tenant.Tenant, q Query) (string, []any, error) {
	known, err := Listing.Narrowed(ctx, db, t, s.now(), q.Filter, q.Fields)
	if err != nil {
		return "", nil, err
	}
	where, args, err := q.where(known)
	return where, append([]any{t.Workspace}, args...), err
}
