package companies

import (
	"context"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
)

// orders are the sorts of the list.
var orders = page.Orders{
	{Name: "-createdAt", Columns: []page.Column{page.ID("c.id")}, Desc: true},
	{Name: "createdAt", Columns: []page.Column{page.ID("c.id")}},
	{Name: "name", Columns: []page.Column{page.Text("c.name"), page.ID("c.id")}},
	{Name: "-name", Columns: []page.Column{page.Text("c.name"), page.ID("c.id")}, Desc: true},
	{Name: "updatedAt", Columns: []page.Column{page.Time("c.updated_at"), page.ID("c.id")}},
	{Name: "-updatedAt", Columns: []page.Column{page.Time("c.updated_at"), page.ID("c.id")}, Desc: true},
}

func sortValues(c Company, o page.Order) []string {
	switch strings.TrimPrefix(o.Name, "-") {
	case "name":
		return []string{c.Name, c.ID.String()}
	case "updatedAt":
		return []string{page.FormatTime(c.UpdatedAt), c.ID.String()}
	}
	return []string{c.ID.String()}
}

// A Query is which companies to list.
type Query struct {
	page.Request
	Words  []string // each begins the name or the domain
	Filter filter.Node
}

const (
	columns = `c.id, c.version, c.name, COALESCE(c.domain, ''), c.industry, c.size_band, c.address, c.owner_id, c.last_activity_at,
		c.created_at, c.created_by, c.updated_at, c.updated_by, c.deleted_at`
	selectList   = `SELECT ` + columns + ` FROM companies c WHERE c.workspace_id = ? AND c.deleted_at IS NULL`
	selectCount  = `SELECT COUNT(*) FROM (SELECT 1 FROM companies c WHERE c.workspace_id = ? AND c.deleted_at IS NULL`
	selectPeople = `SELECT p.company_id, COUNT(*) FROM people p
		WHERE p.workspace_id = ? AND p.deleted_at IS NULL AND p.company_id IN (`
)

func scan(row database.Row, c *Company) error {
	return row.Scan(&c.ID, &c.Version, &c.Name, &c.Domain, &c.Industry, &c.SizeBand, &c.Address, &c.OwnerID, &c.LastActivityAt,
		&c.CreatedAt, &c.CreatedBy, &c.UpdatedAt, &c.UpdatedBy, &c.DeletedAt)
}

// where is the part of a list's condition that its filters make.
func (q Query) where(fields filter.Fields) (string, []any, error) {
	var sql strings.Builder
	var args []any
	for _, word := range q.Words {
		sql.WriteString(" AND (c.name LIKE ? OR c.name LIKE ? OR c.domain LIKE ?)")
		prefix := page.Prefix(word)
		args = append(args, prefix, "% "+prefix, page.Prefix(strings.ToLower(word)))
	}
	narrowed, more, err := q.Filter.SQL(fields)
	if narrowed != "" {
		sql.WriteString(" AND " + narrowed)
	}
	return sql.String(), append(args, more...), err
}

// List returns one page of companies with how many people each has: one
// query for the page and one for the counts.
func (s Store) List(ctx context.Context, t tenant.Tenant, q Query) (p page.Page[Company], err error) {
	where, args, err := q.where(s.Filterable(t))
	if err != nil {
		return p, err
	}
	after, afterArgs, err := q.Order.After(q.After)
	if err != nil {
		return p, err
	}
	args = append([]any{t.Workspace}, args...)
	err = s.DB.View(ctx, func(ctx context.Context, db database.Queryer) error {
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
		return countPeople(ctx, db, t, p.Items)
	})
	return p, err
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
