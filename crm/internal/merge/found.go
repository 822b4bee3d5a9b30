package merge

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
)

// found has what a record got from another be found by its new owner's name.
func found(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, winner id.ID, got moved) error {
	switch {
	case kind == "company" && len(got["people"])+len(got["companyDeals"]) > 0:
		return search.Renew(ctx, q, t, winner, search.Staff, search.Sales)
	case kind == "person" && len(got["deals"]) > 0:
		return search.Renew(ctx, q, t, winner, search.Contacts)
	}
	return nil
}
