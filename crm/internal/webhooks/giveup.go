package webhooks

import (
	"context"
	"net/url"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/notifications"
	"apexai/crm/internal/tenant"
)

const (
	giveUpAfter   = 3 * 24 * time.Hour // of failures without a success between
	updateWell    = `UPDATE webhooks SET failing_since = NULL WHERE workspace_id = ? AND id = ? AND failing_since IS NOT NULL`
	updateFailing = `UPDATE webhooks SET failing_since = ? WHERE workspace_id = ? AND id = ? AND active = 1 AND failing_since IS NULL`
	updateGivenUp = `UPDATE webhooks SET version = version + 1, active = 0, disabled_why = 'it failed for three days' WHERE workspace_id = ? AND id = ? AND active = 1 AND failing_since < ?`
)

// fails notes that a webhook failed, and switches it off if it has done
// nothing else for days. The system does that, whoever's change was not told.
func (s Store) fails(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, now time.Time) error {
	if _, err := database.Exec(ctx, q, updateFailing, now, t.Workspace, which); err != nil {
		return err
	}
	n, err := database.Exec(ctx, q, updateGivenUp, t.Workspace, which, now.Add(-giveUpAfter))
	if err != nil || n == 0 {
		return err
	}
	w, err := read(ctx, q, t, which, "")
	if err != nil {
		return err
	}
	was := w
	was.Active, was.DisabledWhy = true, ""
	system := tenant.Tenant{Workspace: t.Workspace}
	if err := record(ctx, q, system, "disabled", was, w); err != nil {
		return err
	}
	return notifications.TellAdmins(ctx, q, system, notifications.Note{
		Kind: notifications.System, Title: "The webhook to " + w.host() + " is off: it failed for three days",
		Target: &notifications.Target{Kind: "webhook", ID: which},
	})
}

// host is what may be told of a webhook's URL: the rest may hold a token.
func (w Webhook) host() string {
	u, err := url.Parse(w.URL)
	if err != nil {
		return "an address"
	}
	return u.Host
}
