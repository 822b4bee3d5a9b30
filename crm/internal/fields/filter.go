package fields

import (
	"strings"

	"apexai/crm/internal/filter"
	"apexai/crm/internal/page"
)

// Prefix is what a field's key has before it in filters, sorts and columns.
const Prefix = "cf."

const (
	ofRecord    = `SELECT 1 FROM field_values fv WHERE fv.field_id = ? AND fv.workspace_id = `
	rowsText    = `SELECT record_id, str AS value FROM field_values WHERE workspace_id = ? AND field_id = ?`
	rowsNumber  = `SELECT record_id, num AS value FROM field_values WHERE workspace_id = ? AND field_id = ?`
	rowsRef     = `SELECT record_id, ref AS value FROM field_values WHERE workspace_id = ? AND field_id = ?`
	valueNumber = `(SELECT sv.num FROM field_values sv WHERE sv.position = 0 AND sv.workspace_id = `
	valueText   = `(SELECT COALESCE(sv.str, sv.day) FROM field_values sv WHERE sv.position = 0 AND sv.workspace_id = `
)

var filterTypes = map[string]filter.Field{
	"text": {Type: filter.Text, Column: "fv.str"}, "url": {Type: filter.Text, Column: "fv.str"},
	"number": {Type: filter.Number, Column: "fv.num"}, "money": {Type: filter.Money, Column: "fv.num"},
	"date": {Type: filter.Date, Column: "fv.day"}, "bool": {Type: filter.Bool, Column: "fv.num", Rows: rowsNumber},
	"select": {Type: filter.Choice, Column: "fv.str", Rows: rowsText}, "multi": {Type: filter.Choice, Column: "fv.str", Rows: rowsText},
	"user": {Type: filter.Member, Column: "fv.ref", Rows: rowsRef},
}

// Filterable are the fields as filters know them, of records that the SQL
// calls alias.
func Filterable(defs []Def, alias string) []filter.Field {
	var all []filter.Field
	for _, d := range defs {
		f := filterTypes[d.Type]
		f.Name, f.Label, f.Options, f.Several = Prefix+d.Key, d.Label, d.Options, d.Type == "multi"
		f.Many, f.Args = ofRecord+alias+".workspace_id AND fv.record_id = "+alias+".id", []any{d.ID}
		f.Sortable = d.Type != "multi" && d.Type != "user"
		if f.Type == filter.Money {
			f.Currency = "JSON_UNQUOTE(JSON_EXTRACT(" + alias + ".custom, '$." + d.Key + ".currency'))" // a key is of a-z, 0-9 and _
		}
		all = append(all, f)
	}
	return all
}

// Named says whether any of the names is of such a field.
func Named(names ...string) bool {
	for _, name := range names {
		if strings.Contains(name, Prefix) {
			return true
		}
	}
	return false
}

// Orders are the sorts by the fields of one value, of records that the SQL
// calls alias; last is what tells two of one value apart.
func Orders(defs []Def, alias string, last page.Column) page.Orders {
	var all page.Orders
	for _, d := range defs {
		column := page.Column{}
		of := alias + ".workspace_id AND sv.record_id = " + alias + ".id AND sv.field_id = x'" + strings.ReplaceAll(d.ID.String(), "-", "") + "')"
		switch d.Type {
		case "multi", "user":
			continue
		case "number", "money", "bool":
			column = page.Text(valueNumber + of)
		default:
			column = page.Text(valueText + of)
		}
		column.Null = true
		for _, desc := range []bool{false, true} {
			name := Prefix + d.Key
			if desc {
				name = "-" + name
			}
			all = append(all, page.Order{Name: name, Columns: []page.Column{column, last}, Desc: desc})
		}
	}
	return all
}

// SortValue is a record's value of a field as the cursor has it, "" for none.
func SortValue(v Values, key string) string { return bare(v[key]) }
