package deals

import (
	"context"
	"strconv"
	"strings"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
)

// orders are the sorts of the list; "rank" is the order of a lane.
var orders = page.Orders{
	{Name: "-createdAt", Columns: []page.Column{page.ID("d.id")}, Desc: true},
	{Name: "createdAt", Columns: []page.Column{page.ID("d.id")}},
	{Name: "rank", Columns: []page.Column{page.Text("d.lane_rank"), page.ID("d.id")}},
	{Name: "title", Columns: byTitle},
	{Name: "-title", Columns: byTitle, Desc: true},
	{Name: "amount", Columns: byAmount},
	{Name: "-amount", Columns: byAmount, Desc: true},
	{Name: "closeDate", Columns: byClose},
	{Name: "-closeDate", Columns: byClose, Desc: true},
	{Name: "updatedAt", Columns: byUpdate},
	{Name: "-updatedAt", Columns: byUpdate, Desc: true},
}

var (
	byTitle  = []page.Column{page.Text("d.title"), page.ID("d.id")}
	byAmount = []page.Column{{Name: "d.amount_minor", Parse: func(s string) (any, error) { return strconv.ParseInt(s, 10, 64) }}, page.ID("d.id")}
	byClose  = []page.Column{page.Text("COALESCE(d.close_date, DATE '9999-12-31')"), page.ID("d.id")} // without a date: far off
	byUpdate = []page.Column{page.Time("d.updated_at"), page.ID("d.id")}
)

func sortValues(d Deal, o page.Order) []string {
	switch strings.TrimPrefix(o.Name, "-") {
	case "rank":
		return []string{d.Rank, d.ID.String()}
	case "title":
		return []string{d.Title, d.ID.String()}
	case "amount":
		return []string{strconv.FormatInt(d.AmountMinor, 10), d.ID.String()}
	case "closeDate":
		if d.CloseDate == nil {
			return []string{"9999-12-31", d.ID.String()}
		}
		return []string{*d.CloseDate, d.ID.String()}
	case "updatedAt":
		return []string{page.FormatTime(d.UpdatedAt), d.ID.String()}
	}
	return []string{d.ID.String()}
}

const (
	columns = `d.id, d.version, d.title, d.pipeline_id, d.stage_id, s.name, s.probability, s.stale_days, d.status, d.lane_rank,
		d.amount_minor, d.currency, DATE_FORMAT(d.close_date, '%Y-%m-%d'), d.owner_id, d.company_id, COALESCE(c.name, ''),
		d.primary_person_id, COALESCE(TRIM(CONCAT(p.first_name, ' ', p.last_name)), ''), d.lost_reason, d.stage_entered_at, d.closed_at,
		COALESCE(d.custom, '{}'), d.created_at, d.created_by, d.updated_at, d.updated_by, d.deleted_at`
	relations = `
		JOIN stages s ON s.workspace_id = d.workspace_id AND s.id = d.stage_id
		LEFT JOIN companies c ON c.workspace_id = d.workspace_id AND c.id = d.company_id AND c.deleted_at IS NULL
		LEFT JOIN people p ON p.workspace_id = d.workspace_id AND p.id = d.primary_person_id AND p.deleted_at IS NULL`
	fromWhere   = ` FROM deals d` + relations + ` WHERE d.workspace_id = ?`
	selectDeals = `SELECT ` + columns + fromWhere
	selectCount = `SELECT COUNT(*) FROM (SELECT 1` + fromWhere
	matchesWord = ` AND (d.title LIKE ? OR d.title LIKE ? OR c.name LIKE ?)`
	withPerson  = ` AND (d.primary_person_id = ? OR EXISTS (
		SELECT 1 FROM deal_people dp WHERE dp.workspace_id = d.workspace_id AND dp.deal_id = d.id AND dp.person_id = ?))`
	selectLinks = `SELECT dp.deal_id, dp.person_id, TRIM(CONCAT(p.first_name, ' ', p.last_name)), dp.role
		FROM deal_people dp JOIN people p ON p.workspace_id = dp.workspace_id AND p.id = dp.person_id AND p.deleted_at IS NULL
		WHERE dp.workspace_id = ? AND dp.deal_id IN (`
)

func scan(row database.Row, d *Deal) error {
	return row.Scan(&d.ID, &d.Version, &d.Title, &d.PipelineID, &d.StageID, &d.StageName, &d.Probability, &d.staleDays, &d.Status, &d.Rank,
		&d.AmountMinor, &d.Currency, &d.CloseDate, &d.OwnerID, &d.CompanyID, &d.CompanyName,
		&d.PrimaryPersonID, &d.PrimaryPersonName, &d.LostReason, &d.StageEnteredAt, &d.ClosedAt,
		(*[]byte)(&d.Custom), &d.CreatedAt, &d.CreatedBy, &d.UpdatedAt, &d.UpdatedBy, &d.DeletedAt)
}

// mark says whether a deal has been in its stage for longer than that allows.
func (d *Deal) mark(now time.Time) {
	days := now.Sub(d.StageEnteredAt).Hours() / 24
	d.Stale = d.Status == open && d.staleDays > 0 && days > float64(d.staleDays)
}

// A Filter is which deals are meant; what is empty does not matter.
type Filter struct {
	Pipeline, Stage, Owner, Company, Person *id.ID
	Status                                  string
	CloseFrom, CloseTo                      string // days
	ClosedFrom, ClosedTo                    string // days, in UTC
	Node                                    filter.Node
	Words                                   []string // each begins a word of the title, or the company's name
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
	for _, word := range f.Words {
		sql.WriteString(matchesWord)
		prefix := page.Prefix(word)
		args = append(args, prefix, "% "+prefix, prefix)
	}
	narrowed, more, err := f.Node.SQL(fields)
	if narrowed != "" {
		sql.WriteString(" AND " + narrowed)
	}
	return sql.String(), append(args, more...), err
}

// List returns one page of deals: one query for the page and one for the
// people in them.
func (s Store) List(ctx context.Context, t tenant.Tenant, f Filter, r page.Request) (p page.Page[Deal], err error) {
	where, args, err := f.where(s.Filterable(t))
	if err != nil {
		return p, err
	}
	after, afterArgs, err := r.Order.After(r.After)
	if err != nil {
		return p, err
	}
	args = append([]any{t.Workspace}, args...)
	err = s.DB.View(ctx, func(ctx context.Context, db database.Queryer) error {
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

// complete fills in what is not in a deal's row: its people, and whether it is
// stale.
func (s Store) complete(ctx context.Context, q database.Queryer, t tenant.Tenant, items []Deal) error {
	index := make(map[id.ID]*Deal, len(items))
	args := []any{t.Workspace}
	for i := range items {
		d := &items[i]
		d.mark(s.Now())
		d.People = []Link{}
		index[d.ID] = d
		args = append(args, d.ID)
	}
	if len(items) == 0 {
		return nil
	}
	_, err := database.All(ctx, q, func(row database.Row, l *Link) error {
		var deal id.ID
		if err := row.Scan(&deal, &l.PersonID, &l.Name, &l.Role); err != nil {
			return err
		}
		index[deal].People = append(index[deal].People, *l)
		return nil
	}, selectLinks+page.Marks(len(items))+") ORDER BY dp.deal_id, dp.position", args...)
	return err
}
