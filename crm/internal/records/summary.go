package records

import (
	"context"
	"database/sql"
	"strconv"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const (
	maxGroups = 100
	maxSums   = 10
)

// A Group is how many of the listed records have one value of a field; a
// record that has several is in several.
type Group struct {
	Value *string `json:"value"` // as filters take it; null is none
	Count int     `json:"count"`
}

// Groups are all groups of a list, the largest first.
type Groups struct {
	Items []Group `json:"items"`
	More  bool    `json:"more"` // there are more than fit
}

// Totals are what stands at the foot of a list.
type Totals struct {
	Count int                 `json:"count"`
	Sums  map[string]*float64 `json:"sums"` // by field; amounts in minor units, of all currencies
}

// groups counts a selection by the values of one field.
func (k Kind) groups(ctx context.Context, q database.Queryer, t tenant.Tenant, s Selection, by string) (Groups, error) {
	where, args, known, err := k.Where(ctx, q, t, s)
	if err != nil {
		return Groups{}, err
	}
	field, ok := known.Find(by)
	if !ok || !groupable(field) {
		return Groups{}, problem.Syntax("by is not a field to group by: one of " + strings.Join(Names(known, groupable), ", "))
	}
	// One value for each record makes no join necessary; several make rows.
	value, from := field.Column, where
	if field.Many != "" {
		value = "x.value"
		join := " LEFT JOIN (" + field.Rows + ") x ON x.record_id = " + k.Alias + ".id WHERE "
		from = strings.Replace(where, "WHERE ", join, 1)
		args = append(append([]any{t.Workspace}, field.Args...), args...)
	}
	query := "SELECT NULLIF(" + asText(field, value) + ", ''), COUNT(*)" + from + " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?"
	all, err := database.All(ctx, q, func(row database.Row, g *Group) error { return row.Scan(&g.Value, &g.Count) }, query, append(args, maxGroups+1)...)
	g := Groups{Items: all[:min(len(all), maxGroups)], More: len(all) > maxGroups}
	if g.Items == nil {
		g.Items = []Group{}
	}
	return g, err
}

func groupable(f filter.Field) bool {
	switch f.Type {
	case filter.Choice, filter.Member, filter.Ref, filter.Bool:
	case filter.Text:
		if f.Several {
			return false
		}
	default:
		return false
	}
	return f.Many == "" || f.Rows != ""
}

// Names are the fields for which is holds.
func Names(known filter.Fields, is func(filter.Field) bool) []string {
	var names []string
	for _, f := range known.List {
		if is(f) {
			names = append(names, f.Name)
		}
	}
	return names
}

// asText writes ids as API and filters do.
func asText(f filter.Field, value string) string {
	switch f.Type {
	case filter.Ref, filter.Member:
		return "LOWER(CONCAT_WS('-', SUBSTR(HEX(" + value + "), 1, 8), SUBSTR(HEX(" + value + "), 9, 4), SUBSTR(HEX(" + value + "), 13, 4), SUBSTR(HEX(" + value + "), 17, 4), SUBSTR(HEX(" + value + "), 21)))"
	case filter.Bool:
		return "CASE WHEN " + value + " IS NULL THEN NULL WHEN " + value + " THEN 'true' ELSE 'false' END"
	}
	return value
}

// totals counts a selection and adds up fields of numbers.
func (k Kind) totals(ctx context.Context, q database.Queryer, t tenant.Tenant, s Selection, names []string) (Totals, error) {
	out := Totals{Sums: map[string]*float64{}}
	where, args, known, err := k.Where(ctx, q, t, s)
	if err != nil {
		return out, err
	}
	if len(names) > maxSums {
		return out, problem.Syntax("at most " + strconv.Itoa(maxSums) + " sums")
	}
	columns, into := []string{"COUNT(*)"}, make([]sql.NullFloat64, len(names))
	var first []any
	for _, name := range names {
		field, ok := known.Find(name)
		if !ok || field.Type != filter.Number && field.Type != filter.Money {
			return out, problem.Syntax(strconv.Quote(name) + " is not a field of numbers")
		}
		if field.Many == "" {
			columns = append(columns, "SUM("+field.Column+")")
			continue
		}
		columns = append(columns, "SUM(("+strings.Replace(field.Many, "SELECT 1", "SELECT "+field.Column, 1)+"))")
		first = append(first, field.Args...)
	}
	_, _, err = database.One(ctx, q, func(row database.Row, n *int) error {
		targets := []any{n}
		for i := range into {
			targets = append(targets, &into[i])
		}
		err := row.Scan(targets...)
		out.Count = *n
		return err
	}, "SELECT "+strings.Join(columns, ", ")+where, append(first, args...)...)
	for i, name := range names {
		if into[i].Valid {
			out.Sums[name] = &into[i].Float64
		} else {
			out.Sums[name] = nil
		}
	}
	return out, err
}

// Sortable says whether lists can be sorted by a field.
func Sortable(orders page.Orders, f filter.Field) bool { return f.Sortable || orders.Has(f.Name) }
