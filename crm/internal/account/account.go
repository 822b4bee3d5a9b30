// Package account knows who people are and where they belong: users, which
// are global, and their membership of workspaces.
package account

import (
	"context"
	"crypto/rand"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/tenant"
)

// A Store keeps users, workspaces and members in MySQL.
type Store struct{ DB *database.DB }

// An Identity is a user in a workspace, as the studio shows it.
type Identity struct {
	User      Named       `json:"user"`
	Email     string      `json:"email"`
	Verified  bool        `json:"emailVerified"`
	Zone      string      `json:"zone"`   // of IANA's names; empty: the browser's
	Locale    string      `json:"locale"` // such as en-GB; empty: the browser's
	Workspace Workspace   `json:"workspace"`
	Role      tenant.Role `json:"role"`

	WeeklyMail bool `json:"weeklyMail"` // their week comes by mail
}

// Tenant is the identity without its names.
func (i Identity) Tenant() tenant.Tenant {
	return tenant.Tenant{Workspace: i.Workspace.ID, User: i.User.ID, Role: i.Role, Zone: i.Zone}
}

// Named is a user's or owner's id with the name to show.
type Named struct {
	ID   id.ID  `json:"id"`
	Name string `json:"name"`
}

// A Workspace is one tenant.
type Workspace struct {
	ID   uint32 `json:"id"`
	Name string `json:"name"`
}

// A role of nobody is a membership that has ended.
const selectIdentity = `SELECT u.id, u.name, u.email, u.email_verified, u.zone, u.locale, w.id, w.name, m.role, m.weekly_mail
	FROM members m JOIN users u ON u.id = m.user_id JOIN workspaces w ON w.id = m.workspace_id
	WHERE m.workspace_id = ? AND m.user_id = ? AND m.role <> 'nobody'`

func scanIdentity(row database.Row, i *Identity) error {
	return row.Scan(&i.User.ID, &i.User.Name, &i.Email, &i.Verified, &i.Zone, &i.Locale, &i.Workspace.ID, &i.Workspace.Name, &i.Role, &i.WeeklyMail)
}

// Identity reads a membership; ok is false if it has ended.
func (s Store) Identity(ctx context.Context, workspace uint32, user id.ID) (i Identity, ok bool, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		i, ok, err = database.One(ctx, q, scanIdentity, selectIdentity, workspace, user)
		return err
	})
	return i, ok, err
}

const (
	insertKey = `INSERT IGNORE INTO installation_keys (name, secret) VALUES (?, ?)`
	selectKey = `SELECT secret FROM installation_keys WHERE name = ?`
)

// Key returns a secret that all tasks of this installation share, made by
// whichever asks first.
func (s Store) Key(ctx context.Context, name string) (key []byte, err error) {
	fresh := make([]byte, 32)
	rand.Read(fresh)
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, err := database.Exec(ctx, q, insertKey, name, fresh); err != nil {
			return err
		}
		key, _, err = database.One(ctx, q, database.Scalar[[]byte], selectKey, name)
		return err
	})
	return key, err
}
