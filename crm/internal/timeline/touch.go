package timeline

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/tenant"
)

const (
	// A note is no contact, and a meeting of next week has not happened.
	updateContact = `UPDATE people SET last_contact_at = (
			SELECT MAX(l.occurred_at) FROM activity_links l JOIN activities a ON a.workspace_id = l.workspace_id AND a.id = l.activity_id
			WHERE l.workspace_id = ? AND l.kind = 'person' AND l.target_id = ? AND l.type IN ('call', 'meeting', 'email')
				AND l.occurred_at <= ? AND a.deleted_at IS NULL)
		WHERE workspace_id = ? AND id = ?`
	updateActivity = `UPDATE companies SET last_activity_at = (
			SELECT MAX(l.occurred_at) FROM activity_links l JOIN activities a ON a.workspace_id = l.workspace_id AND a.id = l.activity_id
			WHERE l.workspace_id = ? AND l.kind = 'company' AND l.target_id = ? AND l.type IN ('note', 'call', 'meeting', 'email')
				AND l.occurred_at <= ? AND a.deleted_at IS NULL)
		WHERE workspace_id = ? AND id = ?`
)

var updateLast = map[string]string{"person": updateContact, "company": updateActivity}

// Touch brings "last contact" and "last activity" of records up to date. Their
// versions stay: nobody's edit is stale because a call was logged.
func Touch(ctx context.Context, q database.Queryer, t tenant.Tenant, kind string, links []Link) error {
	if !Written(kind) {
		return nil
	}
	for _, l := range links {
		query, ok := updateLast[l.Kind]
		if !ok {
			continue
		}
		if _, err := database.Exec(ctx, q, query, t.Workspace, l.ID, Moment(time.Now()), t.Workspace, l.ID); err != nil {
			return err
		}
	}
	return nil
}
