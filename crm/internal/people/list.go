package people

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
	{Name: "-createdAt", Columns: []page.Column{page.ID("p.id")}, Desc: true},
	{Name: "createdAt", Columns: []page.Column{page.ID("p.id")}},
	{Name: "name", Columns: byName},
	{Name: "-name", Columns: byName, Desc: true},
	{Name: "updatedAt", Columns: byUpdate},
	{Name: "-updatedAt", Columns: byUpdate, Desc: true},
}

var (
	byName   = []page.Column{page.Text("p.last_name"), page.Text("p.first_name"), page.ID("p.id")}
	byUpdate = []page.Column{page.Time("p.updated_at"), page.ID("p.id")}
)

func sortValues(p Person, o page.Order) []string {
	switch strings.TrimPrefix(o.Name, "-") {
	case "name":
		return []string{p.LastName, p.FirstName, p.ID.String()}
	case "updatedAt":
		return []string{page.FormatTime(p.UpdatedAt), p.ID.String()}
	}
	return []string{p.ID.String()}
}

// A Query is which people to list.
type Query struct {
	page.Request
	Words   []string // each begins a name, an address or the company's name
	Company *id.ID
	Filter  filter.Node
}

const (
	columns = `p.id, p.version, p.first_name, p.last_name, p.title, p.company_id, COALESCE(c.name, ''), p.owner_id, p.last_contact_at,
		p.created_at, p.created_by, p.updated_at, p.updated_by, p.deleted_at`
	fromWhere = ` FROM people p
		LEFT JOIN companies c ON c.workspace_id = p.workspace_id AND c.id = p.company_id AND c.deleted_at IS NULL
		WHERE p.workspace_id = ?`
	selectPeople = `SELECT ` + columns + fromWhere
	selectCount  = `SELECT COUNT(*) FROM (SELECT 1` + fromWhere
	matchesWord  = ` AND (p.first_name LIKE ? OR p.last_name LIKE ? OR c.name LIKE ? OR EXISTS (
		SELECT 1 FROM person_emails e WHERE e.workspace_id = p.workspace_id AND e.person_id = p.id AND e.value_norm LIKE ?))`
)

func scan(row database.Row, p *Person) error {
	return row.Scan(&p.ID, &p.Version, &p.FirstName, &p.LastName, &p.Title, &p.CompanyID, &p.CompanyName, &p.OwnerID, &p.LastContactAt,
		&p.CreatedAt, &p.CreatedBy, &p.UpdatedAt, &p.UpdatedBy, &p.DeletedAt)
}

// where is the part of a list's condition that its filters make.
func (q Query) where(fields filter.Fields) (string, []any, error) {
	sql, args := " AND p.deleted_at IS NULL", []any(nil)
	if q.Company != nil {
		sql += " AND p.company_id = ?"
		args = append(args, *q.Company)
	}
	for _, word := range q.Words {
		prefix := page.Prefix(word)
		sql += matchesWord
		args = append(args, prefix, prefix, prefix, page.Prefix(strings.ToLower(word)))
	}
	narrowed, more, err := q.Filter.SQL(fields)
	if narrowed != "" {
		sql += " AND " + narrowed
	}
	return sql, append(args, more...), err
}

// List returns one page of people: one query for the page, one for their
// addresses and one for their numbers.
func (s Store) List(ctx context.Context, t tenant.Tenant, q Query) (p page.Page[Person], err error) {
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
		return readContacts(ctx, db, t, p.Items)
	})
	return p, err
}
