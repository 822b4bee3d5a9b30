package calendar

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Store keeps the links of feeds in MySQL.
type Store struct {
	DB  *database.DB
	Now func() time.Time
}

const (
	insertFeed = `INSERT INTO calendar_feeds (workspace_id, user_id, secret_hash, created_at) VALUES (?, ?, ?, ?)
		ON DUPLICATE KEY UPDATE secret_hash = VALUES(secret_hash), created_at = VALUES(created_at)`
	deleteFeed = `DELETE FROM calendar_feeds WHERE workspace_id = ? AND user_id = ?`
	selectFeed = `SELECT created_at FROM calendar_feeds WHERE workspace_id = ? AND user_id = ?`
	// The secret is what tells the workspace; a member who left has no feed.
	selectOwner = `SELECT f.workspace_id, f.user_id, w.name FROM calendar_feeds f JOIN workspaces w ON w.id = f.workspace_id
		JOIN members m ON m.workspace_id = f.workspace_id AND m.user_id = f.user_id AND m.role <> 'nobody' WHERE f.secret_hash = ?`
	selectEvents = `SELECT t.id, t.version, t.title, t.note, CAST(t.due_date AS CHAR), t.due_at, t.remind_minutes, t.updated_at, COALESCE(d.title, ''), t.target_kind, t.target_id
		FROM tasks t LEFT JOIN search_docs d ON d.workspace_id = t.workspace_id AND d.kind = t.target_kind AND d.target_id = t.target_id
		WHERE t.workspace_id = ? AND t.assignee_id = ? AND t.status = 'open' AND t.due_sort >= ? AND t.due_date IS NOT NULL AND t.deleted_at IS NULL
		ORDER BY t.due_sort LIMIT 1000`
	oldest = 90 * 24 * time.Hour
)

// Make gives a user a new secret; one that there was is good no longer.
func (s Store) Make(ctx context.Context, t tenant.Tenant) (secret string, err error) {
	random := make([]byte, 24)
	rand.Read(random) // never fails
	secret = base64.RawURLEncoding.EncodeToString(random)
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, err := database.Exec(ctx, q, insertFeed, t.Workspace, t.User, sum(secret), s.Now().UTC().Truncate(time.Millisecond)); err != nil {
			return err
		}
		return record(ctx, q, t, "created")
	})
	return secret, err
}

// record notes that a link of a user's was made or revoked: whoever has one
// reads tasks without a session.
func record(ctx context.Context, q database.Queryer, t tenant.Tenant, verb string) error {
	return change.Record(ctx, q, t, change.Change{Kind: "calendar", ID: t.User, Verb: verb})
}

// Made is when the user's link was made; nil if there is none.
func (s Store) Made(ctx context.Context, t tenant.Tenant) (at *time.Time, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		made, ok, err := database.One(ctx, q, database.Scalar[time.Time], selectFeed, t.Workspace, t.User)
		if ok {
			at = &made
		}
		return err
	})
	return at, err
}

// Revoke makes the user's link useless.
func (s Store) Revoke(ctx context.Context, t tenant.Tenant) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		n, err := database.Exec(ctx, q, deleteFeed, t.Workspace, t.User)
		if err != nil || n == 0 {
			return err
		}
		return record(ctx, q, t, "deleted")
	})
}

type owner struct {
	tenant.Tenant
	workspace string
}

// Events are the open tasks behind a secret link, which need no session.
func (s Store) Events(ctx context.Context, secret, studio string) (name string, events []Event, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		o, ok, err := database.One(ctx, q, func(row database.Row, o *owner) error { return row.Scan(&o.Workspace, &o.User, &o.workspace) }, selectOwner, sum(secret))
		if err != nil {
			return err
		}
		if !ok {
			return problem.NotFound("calendar")
		}
		name = o.workspace + ": tasks"
		events, err = database.All(ctx, q, func(row database.Row, e *Event) error { return e.scan(row, studio) },
			selectEvents, o.Workspace, o.User, s.Now().Add(-oldest).UTC())
		return err
	})
	return name, events, err
}

func (e *Event) scan(row database.Row, studio string) error {
	var which id.ID
	var about, kind string
	var target *id.ID
	err := row.Scan(&which, &e.Version, &e.Summary, &e.Text, &e.Date, &e.At, &e.Alarm, &e.Changed, &about, &kind, &target)
	e.UID = which.String() + "@apexai-crm"
	if about != "" {
		e.Summary += " – " + about
	}
	if studio != "" {
		e.Link = studio + "/tasks"
	}
	return err
}

func sum(secret string) []byte {
	hash := sha256.Sum256([]byte(secret))
	return hash[:]
}

func minutes(n int) string { return strconv.Itoa(n) }
