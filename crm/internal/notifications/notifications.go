// Package notifications keeps what each user is told, until they have read it.
package notifications

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/realtime"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/timeline"
)

// The kinds of notifications.
const (
	Mention  = "mention"
	Assigned = "assigned"
	Reminder = "reminder"
	Import   = "import"
	System   = "system"
)

// A Note is one thing to tell one user.
type Note struct {
	User   id.ID
	Kind   string
	Title  string // one line
	Target *Target
}

// A Target is what a notification leads to.
type Target struct {
	Kind string `json:"kind"` // person, company, deal, task, import
	ID   id.ID  `json:"id"`
}

const insertOne = `INSERT INTO notifications (workspace_id, id, user_id, kind, title, target_kind, target_id, actor_id, created_at)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`

// Tell notes what a user is to be told, in the transaction q; their open pages
// hear of it once it is committed. What the user did is not told to them.
func Tell(ctx context.Context, q database.Queryer, t tenant.Tenant, n Note) error {
	if n.User == t.User && n.Kind != Reminder && n.Kind != Import || n.User.IsZero() {
		return nil
	}
	var kind string
	var target, actor any
	if n.Target != nil {
		kind, target = n.Target.Kind, n.Target.ID
	}
	if !t.User.IsZero() && n.Kind != Reminder {
		actor = t.User
	}
	which := id.New()
	_, err := database.Exec(ctx, q, insertOne, t.Workspace, which, n.User, n.Kind, timeline.Cut(n.Title, 300), kind, target, actor, timeline.Moment(time.Now()))
	if err != nil {
		return err
	}
	return realtime.Publish(ctx, q, realtime.User(t.Workspace, n.User), "notification.new", struct {
		ID   id.ID  `json:"id"`
		Kind string `json:"kind"`
	}{which, n.Kind})
}
