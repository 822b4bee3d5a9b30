package companies

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/tags"
	"apexai/crm/internal/tenant"
)

var filterable = []filter.Field{
	{Name: "name", Label: "Name", Type: filter.Text, Column: "c.name", Sortable: true},
	{Name: "domain", Label: "Domain", Type: filter.Text, Column: "c.domain", Sortable: true},
	{Name: "industry", Label: "Industry", Type: filter.Text, Column: "c.industry", Sortable: true},
	{Name: "sizeBand", Label: "Size", Type: filter.Choice, Column: "c.size_band", Options: sizes, Sortable: true},
	{Name: "owner", Label: "Owner", Type: filter.Member, Column: "c.owner_id"},
	{Name: "source", Label: "Source", Type: filter.Text, Column: "c.source", Sortable: true},
	{Name: "score", Label: "Score", Type: filter.Number, Column: "c.score", Sortable: true},
	{Name: "lastActivityAt", Label: "Last activity", Type: filter.Time, Column: "c.last_activity_at", Sortable: true},
	tags.Filterable("c"),
	{Name: "address", Label: "Address", Type: filter.Text, Column: "c.address"},
	{Name: "createdAt", Label: "Added", Type: filter.Time, Column: "c.created_at", Sortable: true},
	{Name: "createdBy", Label: "Added by", Type: filter.Member, Column: "c.created_by"},
	{Name: "updatedAt", Label: "Changed", Type: filter.Time, Column: "c.updated_at", Sortable: true},
}

// Filterable are the fields that every workspace's lists of companies can be
// narrowed by.
func (s Store) Filterable(t tenant.Tenant) filter.Fields {
	return filter.Fields{List: filterable, User: t.User, Now: s.now(), Zone: t.Zone}
}

// Fields are those, and the workspace's own.
func (s Store) Fields(ctx context.Context, q database.Queryer, t tenant.Tenant) (filter.Fields, error) {
	own, err := fields.Read(ctx, q, t, "company")
	return s.Filterable(t).With(fields.Filterable(own, "c")...), err
}

func (s Store) own(ctx context.Context, t tenant.Tenant) (own []fields.Def, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		own, err = fields.Read(ctx, q, t, "company")
		return err
	})
	return own, err
}
