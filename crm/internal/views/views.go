// Package views keeps lists as people want to see them again: filter, sort,
// columns and layout under a name, for oneself or for everybody.
package views

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"apexai/crm/internal/check"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/records"
	"apexai/crm/internal/web"
)

const (
	maxName    = 60
	maxColumns = 40
	maxPerUser = 100
)

// A View is a list as somebody wants to see it again.
type View struct {
	ID      id.ID       `json:"id"`
	Version int         `json:"version"`
	Kind    string      `json:"kind"`
	Name    string      `json:"name"`
	OwnerID id.ID       `json:"ownerId"`
	Shared  bool        `json:"shared"` // everybody sees it; its owner and admins change it
	Filter  filter.Node `json:"filter"`
	Sort    string      `json:"sort"`    // as lists take it
	Columns []Column    `json:"columns"` // none are the list's own
	Layout  string      `json:"layout"`  // table or board
	GroupBy string      `json:"groupBy"`
	// The caller's own.
	Favourite bool      `json:"favourite"`
	Default   bool      `json:"default"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

// A Column is one shown, by the name that the schema gives it.
type Column struct {
	Name  string `json:"name"`
	Width int    `json:"width,omitempty"` // pixels; 0 is as it comes
}

// RecordVersion goes into the ETag.
func (v View) RecordVersion() int { return v.Version }

// Location is where the view is read.
func (v View) Location() string { return "/api/v1/views/" + v.ID.String() }

// A Draft is what somebody writes about a view.
type Draft struct {
	Kind    string      `json:"kind"`
	Name    string      `json:"name"`
	Shared  bool        `json:"shared"`
	Filter  filter.Node `json:"filter"`
	Sort    string      `json:"sort"`
	Columns []Column    `json:"columns"`
	Layout  string      `json:"layout"`
	GroupBy string      `json:"groupBy"`
}

// A Patch is a JSON merge patch of a Draft, but for its kind.
type Patch struct {
	Name    web.Field[string]      `json:"name"`
	Shared  web.Field[bool]        `json:"shared"`
	Filter  web.Field[filter.Node] `json:"filter"`
	Sort    web.Field[string]      `json:"sort"`
	Columns web.Field[[]Column]    `json:"columns"`
	Layout  web.Field[string]      `json:"layout"`
	GroupBy web.Field[string]      `json:"groupBy"`
}

// Marks are what one user makes of a view.
type Marks struct {
	Favourite web.Field[bool] `json:"favourite"`
	Default   web.Field[bool] `json:"default"`
}

func (p Patch) over(v View) Draft {
	return Draft{
		Kind: v.Kind, Name: p.Name.Over(v.Name), Shared: p.Shared.Over(v.Shared), Filter: p.Filter.Over(v.Filter), Sort: p.Sort.Over(v.Sort),
		Columns: p.Columns.Over(v.Columns), Layout: p.Layout.Over(v.Layout), GroupBy: p.GroupBy.Over(v.GroupBy),
	}
}

// check judges a draft by what its kind of record has.
func (d *Draft) check(kind records.Kind, known filter.Fields) error {
	var f check.Faults
	f.Line("/name", &d.Name, maxName)
	if d.Name == "" {
		f.Add("/name", "required", "a view needs a name")
	}
	if d.Layout == "" {
		d.Layout = "table"
	}
	f.OneOf("/layout", d.Layout, "table", "board")
	if d.Layout == "board" && d.Kind != "deal" {
		f.Add("/layout", "choice", "only deals have a board")
	}
	if len(d.Columns) > maxColumns {
		f.Add("/columns", "too-many", "at most "+strconv.Itoa(maxColumns))
	}
	for i, c := range d.Columns {
		if len(c.Name) == 0 || len(c.Name) > 50 || c.Width < 0 || c.Width > 2000 || slices.ContainsFunc(d.Columns[:i], func(x Column) bool { return x.Name == c.Name }) {
			f.Add("/columns/"+strconv.Itoa(i), "column", "each column has a name, once, and at most 2000 pixels")
		}
	}
	if d.Sort != "" && !sortable(kind, known, d.Sort) {
		f.Add("/sort", "choice", "this is no sort of the list")
	}
	if _, ok := known.Find(d.GroupBy); d.GroupBy != "" && !ok {
		f.Add("/groupBy", "choice", "there is no such field")
	}
	if len(f) > 0 {
		return f.Problem()
	}
	_, _, err := d.Filter.SQL(known)
	return problem.Within("/filter", err)
}

func sortable(kind records.Kind, known filter.Fields, sort string) bool {
	parts := strings.Split(sort, ",")
	for _, part := range parts {
		name := strings.TrimPrefix(part, "-")
		field, ok := known.Find(name)
		own := ok && strings.HasPrefix(name, fields.Prefix) && field.Sortable
		if !own && !kind.Orders.Has(part) {
			return false
		}
	}
	return len(parts) <= 3
}
