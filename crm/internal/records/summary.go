package records

import (
	"context"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

const maxGroups = 100

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
	// What is counted is a column, if it can be: an index has it in order. What
	// people read is made of the few that there are.
	counted, value, names := field.Column, "g.value", ""
	switch {
	case field.Many != "":
		counted = "x.value"
		join := " LEFT JOIN (" + field.Rows + ") x ON x.record_id = " + k.Alias + ".id WHERE "
		where = strings.Replace(where, "WHERE ", join, 1)
		args = append(append([]any{t.Workspace}, field.Args...), args...)
	case field.Key != "":
		counted, value, names = field.Key, "y.value", " LEFT JOIN ("+field.Rows+") y ON y.record_id = g.value"
		args = append(args, t.Workspace)
	}
	if s.Filter.Empty() && len(s.Words) == 0 && strings.HasPrefix(counted, k.Alias+".") {
		where = strings.Replace(where, k.From, k.Bare, 1)
	}
	query := "SELECT NULLIF(" + asText(field, value) + ", ''), SUM(g.n) FROM (SELECT " + counted + " AS value, COUNT(*) AS n" + where + " GROUP BY " + counted + ") g" +
		names + " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ?"
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

// Sortable says whether lists can be sorted by a field.
func Sortable(orders page.Orders, f filter.Field) bool { return f.Sortable || orders.Has(f.Name) }
