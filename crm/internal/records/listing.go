package records

import (
	"context"
	"slices"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/fields"
	"apexai/crm/internal/filter"
	"apexai/crm/internal/page"
	"apexai/crm/internal/tenant"
)

// A Listing is how the lists of one kind of record are narrowed and sorted:
// by what every workspace has, and by its own fields.
type Listing struct {
	Name   string // person
	Alias  string // what the SQL calls the record
	Common []filter.Field
	Orders page.Orders
	Last   page.Column // tells apart what a sort finds equal
}

// Known are the fields that every workspace's lists can be narrowed by.
func (l Listing) Known(t tenant.Tenant, now time.Time) filter.Fields {
	return filter.Fields{List: l.Common, User: t.User, Now: now, Zone: t.Zone}
}

// Fields are those, and the workspace's own.
func (l Listing) Fields(ctx context.Context, q database.Queryer, t tenant.Tenant, now time.Time) (filter.Fields, error) {
	own, err := fields.Read(ctx, q, t, l.Name)
	return l.with(l.Known(t, now), own), err
}

// Narrowed are the fields that a filter needs: the workspace's own, which are
// read if own does not hold them, only if it names one.
func (l Listing) Narrowed(ctx context.Context, q database.Queryer, t tenant.Tenant, now time.Time, by filter.Node, own []fields.Def) (known filter.Fields, err error) {
	if own == nil && fields.Named(by.Names()...) {
		own, err = fields.Read(ctx, q, t, l.Name)
	}
	return l.with(l.Known(t, now), own), err
}

func (l Listing) with(known filter.Fields, own []fields.Def) filter.Fields {
	return known.With(fields.Filterable(own, l.Alias)...)
}

// Sorts are what ?sort= may name: the workspace's own fields, which are then
// returned too, only if it names one.
func (l Listing) Sorts(ctx context.Context, db *database.DB, t tenant.Tenant, sort string) (all page.Orders, own []fields.Def, err error) {
	if !fields.Named(sort) {
		return l.Orders, nil, nil
	}
	err = db.View(ctx, func(ctx context.Context, q database.Queryer) error {
		own, err = fields.Read(ctx, q, t, l.Name)
		return err
	})
	return slices.Concat(l.Orders, fields.Orders(own, l.Alias, l.Last)), own, err
}
