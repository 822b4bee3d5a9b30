package companies

import (
	"slices"

	"apexai/crm/internal/filter"
	"apexai/crm/internal/tenant"
)

var filterable = []filter.Field{
	{Name: "name", Type: filter.Text, Column: "c.name"},
	{Name: "domain", Type: filter.Text, Column: "c.domain"},
	{Name: "industry", Type: filter.Text, Column: "c.industry"},
	{Name: "sizeBand", Type: filter.Choice, Column: "c.size_band", Options: sizes},
	{Name: "address", Type: filter.Text, Column: "c.address"},
	{Name: "owner", Type: filter.Member, Column: "c.owner_id"},
	{Name: "createdBy", Type: filter.Member, Column: "c.created_by"},
	{Name: "createdAt", Type: filter.Time, Column: "c.created_at"},
	{Name: "updatedAt", Type: filter.Time, Column: "c.updated_at"},
}

// Filterable are the fields that lists of companies can be narrowed by.
func (s Store) Filterable(t tenant.Tenant) filter.Fields {
	return filter.Fields{List: slices.Clone(filterable), User: t.User, Now: s.now()}
}
