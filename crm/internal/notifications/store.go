package notifications

import (
	"context"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/page"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Store keeps notifications in MySQL.
type Store struct {
	DB  *database.DB
	Now func() time.Time
}

// A Notification is one thing that the caller was told.
type Notification struct {
	ID        id.ID      `json:"id"`
	Kind      string     `json:"kind"`
	Title     string     `json:"title"`
	Target    *Target    `json:"target"`
	ActorID   *id.ID     `json:"actorId"`
	ActorName string     `json:"actorName"`
	CreatedAt time.Time  `json:"createdAt"`
	ReadAt    *time.Time `json:"readAt"`
}

// A List is one page of notifications, newest first.
type List struct {
	page.Page[Notification]
	Unread int `json:"unread"` // up to 100
}

var orders = page.Orders{{Name: "-createdAt", Columns: []page.Column{page.ID("n.id")}, Desc: true}}

const (
	selectList = `SELECT n.id, n.kind, n.title, n.target_kind, n.target_id, n.actor_id, COALESCE(u.name, ''), n.created_at, n.read_at
		FROM notifications n LEFT JOIN users u ON u.id = n.actor_id WHERE n.workspace_id = ? AND n.user_id = ?`
	selectUnread = `SELECT COUNT(*) FROM (SELECT 1 FROM notifications WHERE workspace_id = ? AND user_id = ? AND unread = 1 LIMIT 100) counted`
	updateRead   = `UPDATE notifications SET read_at = COALESCE(read_at, ?) WHERE workspace_id = ? AND user_id = ? AND id = ?`
	updateAll    = `UPDATE notifications SET read_at = ? WHERE workspace_id = ? AND user_id = ? AND unread = 1`
)

func scan(row database.Row, n *Notification) error {
	var kind string
	var target *id.ID
	err := row.Scan(&n.ID, &n.Kind, &n.Title, &kind, &target, &n.ActorID, &n.ActorName, &n.CreatedAt, &n.ReadAt)
	if target != nil {
		n.Target = &Target{kind, *target}
	}
	return err
}

// List returns one page of what the caller was told, and how much is unread.
func (s Store) List(ctx context.Context, t tenant.Tenant, r page.Request, unreadOnly bool) (l List, err error) {
	after, args, err := r.Order.After(r.After)
	if err != nil {
		return l, err
	}
	filter := ""
	if unreadOnly {
		filter = " AND n.unread = 1"
	}
	args = append(append([]any{t.Workspace, t.User}, args...), r.Limit+1)
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		rows, err := database.All(ctx, q, scan, selectList+filter+after+" ORDER BY "+r.Order.By()+" LIMIT ?", args...)
		if err != nil {
			return err
		}
		l.Page = page.Cut(r, rows, func(n Notification, _ page.Order) []string { return []string{n.ID.String()} })
		l.Unread, _, err = database.One(ctx, q, database.Scalar[int], selectUnread, t.Workspace, t.User)
		return err
	})
	return l, err
}

// Read marks one of the caller's notifications as read.
func (s Store) Read(ctx context.Context, t tenant.Tenant, which id.ID) error {
	return s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		n, err := database.Exec(ctx, q, updateRead, s.now(), t.Workspace, t.User, which)
		if err == nil && n == 0 {
			return problem.NotFound("notification")
		}
		return err
	})
}

// ReadAll marks all of the caller's notifications as read.
func (s Store) ReadAll(ctx context.Context, t tenant.Tenant) error {
	return s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, updateAll, s.now(), t.Workspace, t.User)
		return err
	})
}

func (s Store) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
