package imports

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/money"
	"apexai/crm/internal/tenant"
)

// Map sets what the columns of an import mean.
func (s Store) Map(ctx context.Context, t tenant.Tenant, which id.ID, m Mapping) (Import, error) {
	return s.change(ctx, t, which, func(ctx context.Context, q database.Queryer, i *Import) error {
		if err := i.in(Ready); err != nil {
			return err
		}
		all, _, err := available(ctx, q, t, m.Kind)
		if err != nil {
			return err
		}
		if err := m.check(i.Shape, all); err != nil {
			return err
		}
		i.Mapping, i.Report = m, nil
		return nil
	})
}

func (m *Mapping) check(shape Shape, all []Field) error {
	var f check.Faults
	if m.Kind == "" {
		f.Add("/kind", "required", "one of "+strings.Join(kinds, ", "))
	}
	f.OneOf("/kind", m.Kind, kinds...)
	if m.Existing == "" {
		m.Existing = onUpdate
	}
	f.OneOf("/existing", m.Existing, onUpdate, onSkip, onCreate)
	f.OneOf("/dateOrder", m.DateOrder, "ymd", "dmy", "mdy")
	if m.Decimal == "" {
		m.Decimal = "."
	}
	f.OneOf("/decimal", m.Decimal, ".", ",")
	if m.Currency = strings.ToUpper(m.Currency); m.Currency != "" && !money.Known(m.Currency) {
		f.Add("/currency", "choice", "this is not a currency such as EUR")
	}
	if len(m.Tags) > 20 {
		f.Add("/tags", "too-many", "at most 20")
	}
	for i := range m.Tags {
		f.Line(fmt.Sprintf("/tags/%d", i), &m.Tags[i], 40)
	}
	m.checkColumns(&f, shape, all)
	return f.Problem()
}

func (m *Mapping) checkColumns(f *check.Faults, shape Shape, all []Field) {
	if len(m.Columns) != len(shape.Columns) {
		f.Add("/columns", "length", fmt.Sprintf("the table has %d columns, so there are as many fields; \"\" for a column that is not imported", len(shape.Columns)))
		return
	}
	taken, dates := map[string]bool{}, false
	for i, key := range m.Columns {
		if key == "" {
			continue
		}
		at := "/columns/" + strconv.Itoa(i)
		field, ok := find(all, key)
		switch {
		case !ok:
			f.Add(at, "unknown", "there is no field "+key+" of "+m.Kind)
		case taken[key] && !field.many:
			f.Add(at, "duplicate", "another column goes to "+field.Label+" already")
		}
		taken[key] = true
		dates = dates || field.Form == formDate
	}
	if dates && m.DateOrder == "" {
		f.Add("/dateOrder", "required", "say how dates are written: ymd, dmy or mdy")
	}
	for _, any := range needed[m.Kind] {
		if taken[any] {
			return
		}
	}
	f.Add("/columns", "required", "at least one column goes to "+strings.Join(needed[m.Kind], ", "))
}

// needed are the fields of which a record has at least one.
var needed = map[string][]string{
	People: {"firstName", "lastName", "fullName", "email"}, Companies: {"name", "domain"}, Deals: {"title"},
}
