package records

import (
	"context"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API says what lists of each kind can be narrowed, sorted and grouped by.
type API struct {
	DB    *database.DB
	Kinds Kinds
}

// A Field is one of a kind's fields, as filters, sorts and groups name it.
type Field struct {
	Name      string      `json:"name"`
	Label     string      `json:"label"`
	Type      filter.Type `json:"type"`
	Operators []filter.Op `json:"operators"`
	Options   []string    `json:"options,omitempty"`
	Several   bool        `json:"several"`
	Sortable  bool        `json:"sortable"`
	Groupable bool        `json:"groupable"`
}

// A Schema is what lists of one kind offer.
type Schema struct {
	Kind   string  `json:"kind"`
	Path   string  `json:"path"`
	Fields []Field `json:"fields"`
}

// Schemas are those of all kinds.
type Schemas struct {
	Items []Schema `json:"items"`
}

var selecting = []web.Param{
	{Name: "q", Kind: web.Text, Doc: "Words, each the beginning of one of the record's."},
	{Name: "filter", Kind: web.JSON, Doc: "Conditions, as for the list."},
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	routes := []web.Route{{Pattern: "GET /schema", Needs: tenant.Viewer, Operation: web.Read(a.schema), Summary: "Read what lists can be filtered, sorted and grouped by"}}
	for _, k := range a.Kinds {
		routes = append(routes,
			web.Route{
				Pattern: "GET /" + k.Path + "/groups", Needs: tenant.Viewer, Operation: web.Read(a.groups(k)), Summary: "Count " + k.Path + " by the values of a field",
				Query: append([]web.Param{{Name: "by", Kind: web.Text, Doc: "The field."}}, selecting...),
			},
			web.Route{
				Pattern: "GET /" + k.Path + "/totals", Needs: tenant.Viewer, Operation: web.Read(a.totals(k)), Summary: "Count " + k.Path + " and add up fields of numbers and of money",
				Query: append([]web.Param{{Name: "sum", Kind: web.Text, Doc: "Fields of numbers or of money, with commas between; money is summed for each currency."}}, selecting...),
			})
	}
	return routes
}

func (a API) schema(ctx context.Context, c *web.Call) (all Schemas, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all = Schemas{Items: []Schema{}} // of a second attempt
		for _, k := range a.Kinds {
			known, err := k.Fields(ctx, q, c.Tenant)
			if err != nil {
				return err
			}
			s := Schema{Kind: k.Name, Path: k.Path, Fields: []Field{}}
			for _, f := range known.List {
				s.Fields = append(s.Fields, Field{f.Name, f.Label, f.Type, f.Operators(), f.Options, f.Several, Sortable(k.Orders, f), groupable(f)})
			}
			all.Items = append(all.Items, s)
		}
		return nil
	})
	return all, err
}

// selection reads q and filter.
func selection(c *web.Call) (s Selection, err error) {
	values := c.URL.Query()
	s.Words = page.Words(values.Get("q"))
	s.Filter, err = filter.Parse([]byte(values.Get("filter")))
	return s, err
}

func (a API) groups(k Kind) func(context.Context, *web.Call) (Groups, error) {
	return func(ctx context.Context, c *web.Call) (g Groups, err error) {
		s, err := selection(c)
		if err != nil {
			return g, err
		}
		err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
			g, err = k.groups(ctx, q, c.Tenant, s, c.URL.Query().Get("by"))
			return err
		})
		return g, err
	}
}

func (a API) totals(k Kind) func(context.Context, *web.Call) (Totals, error) {
	return func(ctx context.Context, c *web.Call) (out Totals, err error) {
		s, err := selection(c)
		if err != nil {
			return out, err
		}
		var names []string
		if v := c.URL.Query().Get("sum"); v != "" {
			names = strings.Split(v, ",")
		}
		err = a.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
			out, err = k.totals(ctx, q, c.Tenant, s, names)
			return err
		})
		return out, err
	}
}
