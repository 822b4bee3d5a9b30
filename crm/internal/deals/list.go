package deals

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
	"apexai/crm/internal/tenant"
)

// orders are the sorts of the list; "rank" is the order of a lane.
var orders = slices.Concat(
	page.Orders{{Name: "-createdAt", Columns: []page.Column{last}, Desc: true}, {Name: "createdAt", Columns: []page.Column{last}}},
	page.Orders{{Name: "rank", Columns: []page.Column{page.Text("d.lane_rank"), last}}},
	page.Both("title", page.Text("d.title"), last),
	page.Both("amount", page.Column{Name: "d.amount_minor", Parse: func(s string) (any, error) { return strconv.ParseInt(s, 10, 64) }}, last),
	page.Both("closeDate", page.Text("COALESCE(d.close_date, DATE '9999-12-31')"), last), // without a date: far off
	page.Both("companyName", page.Text("COALESCE(c.name, '')"), last),
	page.Both("stageEnteredAt", page.Time("d.stage_entered_at"), last),
	page.Both("closedAt", page.NullTime("d.closed_at"), last),
	page.Both("updatedAt", page.Time("d.updated_at"), last),
)

var last = page.ID("d.id")

func sortValues(d Deal, o page.Order) []string {
	return o.Values(func(name string) []string {
		switch name {
		case "rank":
			return []string{d.Rank}
		case "title":
			return []string{d.Title}
		case "amount":
			return []string{strconv.FormatInt(d.AmountMinor, 10)}
		case "closeDate":
			if d.CloseDate == nil {
				return []string{"9999-12-31"}
			}
			return []string{*d.CloseDate}
		case "companyName":
			return []string{d.CompanyName}
		case "stageEnteredAt":
			return []string{page.FormatTime(d.StageEnteredAt)}
		case "closedAt":
			return []string{page.FormatNullTime(d.ClosedAt)}
		case "updatedAt":
			return []string{page.FormatTime(d.UpdatedAt)}
		}
		if key, ok := strings.CutPrefix(name, fields.Prefix); ok {
			return []string{fields.SortValue(d.Custom, key)}
		}
		return nil
	}, d.ID.String())
}

const (
	columns = `d.id, d.version, d.title, d.pipeline_id, d.stage_id, s.name, s.probability, s.stale_days, d.status, d.lane_rank,
		d.amount_minor, d.currency, DATE_FORMAT(d.close_date, '%Y-%m-%d'), d.owner_id, d.company_id, COALESCE(c.name, ''),
		d.primary_person_id, COALESCE(TRIM(CONCAT(p.first_name, ' ', p.last_name)), ''), d.lost_reason, d.stage_entered_at, d.closed_at,
		d.custom, d.created_at, d.created_by, d.updated_at, d.updated_by, d.deleted_at`
	relations = `
		JOIN stages s ON s.workspace_id = d.workspace_id AND s.id = d.stage_id
		LEFT JOIN companies c ON c.workspace_id = d.workspace_id AND c.id = d.company_id AND c.deleted_at IS NULL
		LEFT JOIN people p ON p.workspace_id = d.workspace_id AND p.id = d.primary_person_id AND p.deleted_at IS NULL`
	fromWhere   = ` FROM deals d` + relations + ` WHERE d.workspace_id = ?`
	bare        = ` FROM deals d WHERE d.workspace_id = ?`
	selectDeals = `SELECT ` + columns + fromWhere
	selectCount = `SELECT COUNT(*) FROM (SELECT 1` + fromWhere
	matchesWord = ` AND (d.title LIKE ? OR d.title LIKE ? OR c.name LIKE ?)`
	withPerson  = ` AND (d.primary_person_id = ? OR EXISTS (
		SELECT 1 FROM deal_people dp WHERE dp.workspace_id = d.workspace_id AND dp.deal_id = d.id AND dp.person_id = ?))`
)

func scan(row database.Row, d *Deal) error {
	return row.Scan(&d.ID, &d.Version, &d.Title, &d.PipelineID, &d.StageID, &d.StageName, &d.Probability, &d.staleDays, &d.Status, &d.Rank,
		&d.AmountMinor, &d.Currency, &d.CloseDate, &d.OwnerID, &d.CompanyID, &d.CompanyName,
		&d.PrimaryPersonID, &d.PrimaryPersonName, &d.LostReason, &d.StageEnteredAt, &d.ClosedAt,
		&d.Custom, &d.CreatedAt, &d.CreatedBy, &d.UpdatedAt, &d.UpdatedBy, &d.DeletedAt)
}

// A Filter is which deals are meant; what is empty does not matter.
type Filter struct {
	Pipeline, Stage, Owner, Company, Person *id.ID
	Status                                  string
	CloseFrom, CloseTo                      string // days
	ClosedFrom, ClosedTo                    string // days, in UTC
	Node                                    filter.Node
	own                                     []fields.Def // the workspace's own fields, if it is known that they matter
	Words                                   []string     // each begins a word of the title, or the company's name
}

// where is the part of a condition on deals d, companies c and stages s.
func (f Filter) where(fields filter.Fields) (string, []any, error) {
	var sql strings.Builder
	sql.WriteString(" AND d.deleted_at IS NULL")
	var args []any
	for _, by := range []struct {
		column string
		id     *id.ID
	}{{"d.pipeline_id", f.Pipeline}, {"d.stage_id", f.Stage}, {"d.owner_id", f.Owner}, {"d.company_id", f.Company}} {
		if by.id != nil {
			sql.WriteString(" AND " + by.column + " = ?")
			args = append(args, *by.id)
		}
	}
	for _, by := range []struct{ condition, value string }{
		{"d.status = ?", f.Status},
		{"d.close_date >= ?", f.CloseFrom},
		{"d.close_date <= ?", f.CloseTo},
		{"d.closed_at >= ?", f.ClosedFrom},
		{"d.closed_at < DATE_ADD(?, INTERVAL 1 DAY)", f.ClosedTo},
	} {
		if by.value != "" {
			sql.WriteString(" AND " + by.condition)
			args = append(args, by.value)
		}
	}
	if f.Person != nil {
		sql.WriteString(withPerson)
		args = append(args, *f.Person, *f.Person)
	}
	words, given := matching(f.Words)
	sql.WriteString(words)
	args = append(args, given...)
	narrowed, more, err := f.Node.SQL(fields)
	if narrowed != "" {
		sql.WriteString(" AND " + narrowed)
	}
	return sql.String(), append(args, more...), err
}

// condition is what narrows lists and boards, with its arguments.
func (s Store) condition(ctx context.Context, q database.Queryer, t tenant.Tenant, f Filter) (string, []any, error) {
	known, err := Listing.Narrowed(ctx, q, t, s.now(), f.Node, f.own)
	if err != nil {
		return "", nil, err
	}
	return f.where(known)
}

// List returns one page of deals: one query for the page and one for each of
// the people in them, their tags and their next tasks.
func (s Store) List(ctx context.Context, t tenant.Tenant, f Filter, r page.Request) (p page.Page[Deal], err error) {
	after, afterArgs, err := r.Order.After(r.After)
	if err != nil {
		return p, err
	}
	err = s.DB.View(ctx, func(ctx context.Context, db database.Queryer) error {
		where, args, err := s.condition(ctx, db, t, f)
		if err != nil {
			return err
		}
		args = append([]any{t.Workspace}, args...)
		rows, err := database.All(ctx, db, scan, selectDeals+where+after+" ORDER BY "+r.Order.By()+" LIMIT ?",
			append(append(args[:len(args):len(args)], afterArgs...), r.Limit+1)...)
		if err != nil {
			return err
		}
		p = page.Cut(r, rows, sortValues)
		if r.Count {
			if p.Total, err = page.Count(ctx, db, selectCount+where, args); err != nil {
				return err
			}
		}
		return s.complete(ctx, db, t, p.Items)
	})
	return p, err
}
