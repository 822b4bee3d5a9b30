package people

import (
	"context"
	"strings"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

const selectByDomain = `SELECT id FROM companies WHERE workspace_id = ? AND domain = ? AND active = 1`

// employ gives a new person without a company the one that the domain of
// their first address belongs to, if the workspace has it.
func employ(ctx context.Context, q database.Queryer, t tenant.Tenant, d *Draft) error {
	if d.CompanyID != nil || len(d.Emails) == 0 {
		return nil
	}
	company, ok, err := database.One(ctx, q, database.Scalar[id.ID], selectByDomain, t.Workspace, *d.mailDomain())
	if ok {
		d.CompanyID = &company
	}
	return err
}

// mailDomain is the domain of the first address, if there is one.
func (d Draft) mailDomain() *string {
	if len(d.Emails) == 0 {
		return nil
	}
	address := d.Emails[0].norm
	domain := address[strings.LastIndexByte(address, '@')+1:]
	return &domain
}
