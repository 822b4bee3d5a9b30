package webhooks

import (
	"context"
	"strings"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Store keeps webhooks and their deliveries in MySQL.
type Store struct {
	DB    *database.DB
	Guard Guard
	Now   func() time.Time
}

const (
	selectAll = `SELECT ` + columns + ` FROM webhooks w WHERE w.workspace_id = ? ORDER BY w.id LIMIT 100`
	selectOne = `SELECT ` + columns + ` FROM webhooks w WHERE w.workspace_id = ? AND w.id = ?`
	insertOne = `INSERT INTO webhooks (workspace_id, id, url, events, secret, active, created_at, created_by, updated_at, updated_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	// One that is switched on again begins with a clean slate.
	updateOne    = `UPDATE webhooks SET version = version + 1, url = ?, events = ?, active = ?, failing_since = NULL, disabled_why = '', updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	updateSecret = `UPDATE webhooks SET version = version + 1, secret = ?, updated_at = ?, updated_by = ? WHERE workspace_id = ? AND id = ?`
	deleteOne    = `DELETE FROM webhooks WHERE workspace_id = ? AND id = ?`
	selectCount  = `SELECT COUNT(*) FROM webhooks WHERE workspace_id = ?`
	maxWebhooks  = 20
)

// List returns a workspace's webhooks.
func (s Store) List(ctx context.Context, t tenant.Tenant) (all []Webhook, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = database.All(ctx, q, scan, selectAll, t.Workspace)
		return err
	})
	return all, err
}

// Get returns a webhook.
func (s Store) Get(ctx context.Context, t tenant.Tenant, which id.ID) (w Webhook, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		w, err = read(ctx, q, t, which, "")
		return err
	})
	return w, err
}

func read(ctx context.Context, q database.Queryer, t tenant.Tenant, which id.ID, lock string) (Webhook, error) {
	w, ok, err := database.One(ctx, q, scan, selectOne+lock, t.Workspace, which)
	if err == nil && !ok {
		err = problem.NotFound("webhook")
	}
	return w, err
}

// Create adds a webhook, with a secret that is shown this once.
func (s Store) Create(ctx context.Context, t tenant.Tenant, d Draft) (f Fresh, err error) {
	if err := d.check(s.Guard); err != nil {
		return f, err
	}
	which, secret, now := id.New(), newSecret(), s.now()
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		there, _, err := database.One(ctx, q, database.Scalar[int], selectCount, t.Workspace)
		if err != nil {
			return err
		}
		if there >= maxWebhooks {
			return problem.Conflict("a workspace has 20 webhooks at most")
		}
		if _, err := database.Exec(ctx, q, insertOne, t.Workspace, which, d.URL, strings.Join(d.Events, ","), secret, d.Active == nil || *d.Active, now, t.User, now, t.User); err != nil {
			return err
		}
		if f.Webhook, err = read(ctx, q, t, which, ""); err != nil {
			return err
		}
		return record(ctx, q, t, "created", nil, f.Webhook)
	})
	f.Secret = shown(secret)
	return f, err
}

func record(ctx context.Context, q database.Queryer, t tenant.Tenant, verb string, was any, w Webhook) error {
	return change.Record(ctx, q, t, change.Change{Kind: "webhook", ID: w.ID, Version: w.Version, Verb: verb, Before: was, After: w})
}

// Update changes the version that the caller read.
func (s Store) Update(ctx context.Context, t tenant.Tenant, which id.ID, version int, p Patch) (Webhook, error) {
	return s.change(ctx, t, which, version, "updated", func(ctx context.Context, q database.Queryer, w Webhook) error {
		d := Draft{URL: p.URL.Over(w.URL), Events: p.Events.Over(w.Events)}
		if err := d.check(s.Guard); err != nil {
			return err
		}
		_, err := database.Exec(ctx, q, updateOne, d.URL, strings.Join(d.Events, ","), p.Active.Over(w.Active), s.now(), t.User, t.Workspace, which)
		return err
	})
}

// Renew gives a webhook another secret.
func (s Store) Renew(ctx context.Context, t tenant.Tenant, which id.ID) (f Fresh, err error) {
	secret := newSecret()
	f.Webhook, err = s.change(ctx, t, which, 0, "renewed", func(ctx context.Context, q database.Queryer, _ Webhook) error {
		_, err := database.Exec(ctx, q, updateSecret, secret, s.now(), t.User, t.Workspace, which)
		return err
	})
	f.Secret = shown(secret)
	return f, err
}

// Delete takes a webhook and its log away, for good.
func (s Store) Delete(ctx context.Context, t tenant.Tenant, which id.ID, version int) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		w, err := read(ctx, q, t, which, " FOR UPDATE")
		if err != nil {
			return err
		}
		if w.Version != version {
			return problem.Stale(w)
		}
		if _, err := database.Exec(ctx, q, deleteOne, t.Workspace, which); err != nil {
			return err
		}
		return change.Record(ctx, q, t, change.Change{Kind: "webhook", ID: which, Version: version + 1, Verb: "deleted", Before: w})
	})
}

func (s Store) change(ctx context.Context, t tenant.Tenant, which id.ID, version int, verb string, fn func(context.Context, database.Queryer, Webhook) error) (w Webhook, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		was, err := read(ctx, q, t, which, " FOR UPDATE")
		if err != nil {
			return err
		}
		if version != 0 && was.Version != version {
			return problem.Stale(was)
		}
		if err := fn(ctx, q, was); err != nil {
			return err
		}
		if w, err = read(ctx, q, t, which, ""); err != nil {
			return err
		}
		return record(ctx, q, t, verb, was, w)
	})
	return w, err
}

// now is cut to what MySQL keeps, so that an answer equals a later read.
func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
