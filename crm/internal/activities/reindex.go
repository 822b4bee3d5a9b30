package activities

import (
	"context"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/search"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/timeline"
)

const nextActivities = `SELECT id, subject, body FROM activities
	WHERE workspace_id = ? AND type IN ('note', 'call', 'meeting', 'email') AND deleted_at IS NULL AND id > ? ORDER BY id LIMIT ?`

// Source gives all that people wrote to search.
var Source = search.Source{Kind: search.Entry, Read: func(ctx context.Context, q database.Queryer, t tenant.Tenant, after id.ID, limit int) ([]search.Doc, error) {
	return database.All(ctx, q, func(row database.Row, d *search.Doc) error {
		var which id.ID
		var subject, body string
		err := row.Scan(&which, &subject, &body)
		*d = timeline.Doc(which, subject, body)
		return err
	}, nextActivities, t.Workspace, after, limit)
}}
