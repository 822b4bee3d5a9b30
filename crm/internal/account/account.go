// Package account knows who people are and where they belong: users, which
// are global, and their membership of workspaces.
package account

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Store keeps users, workspaces and members in MySQL.
type Store struct{ DB *database.DB }

// An Identity is a user in a workspace, as the studio shows it.
type Identity struct {
	User      Named       `json:"user"`
	Email     string      `json:"email"`
	Workspace Workspace   `json:"workspace"`
	Role      tenant.Role `json:"role"`
}

// Tenant is the identity without its names.
func (i Identity) Tenant() tenant.Tenant {
	return tenant.Tenant{Workspace: i.Workspace.ID, User: i.User.ID, Role: i.Role}
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

const selectIdentity = `SELECT u.id, u.name, u.email, w.id, w.name, m.role
	FROM members m JOIN users u ON u.id = m.user_id JOIN workspaces w ON w.id = m.workspace_id
	WHERE m.workspace_id = ? AND m.user_id = ?`

func scanIdentity(row database.Row, i *Identity) error {
	return row.Scan(&i.User.ID, &i.User.Name, &i.Email, &i.Workspace.ID, &i.Workspace.Name, &i.Role)
}

// Identity reads a membership; ok is false if it has ended.
func (s Store) Identity(ctx context.Context, workspace uint32, user id.ID) (i Identity, ok bool, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		i, ok, err = database.One(ctx, q, scanIdentity, selectIdentity, workspace, user)
		return err
	})
	return i, ok, err
}

const selectMembers = `SELECT u.id, u.name FROM members m JOIN users u ON u.id = m.user_id
	WHERE m.workspace_id = ? ORDER BY u.name, u.id LIMIT 500`

// Members lists the people who work in the tenant's workspace.
func (s Store) Members(ctx context.Context, t tenant.Tenant) (all []Named, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = database.All(ctx, q, func(row database.Row, n *Named) error { return row.Scan(&n.ID, &n.Name) },
			selectMembers, t.Workspace)
		return err
	})
	return all, err
}

const (
	demoSlug = "demo"
	demoName = "Demo workspace"

	insertWorkspace = `INSERT IGNORE INTO workspaces (slug, name, created_at) VALUES (?, ?, ?)`
	selectWorkspace = `SELECT id FROM workspaces WHERE slug = ?`
	insertUser      = `INSERT IGNORE INTO users (id, email, name, created_at) VALUES (?, ?, ?, ?)`
	selectUser      = `SELECT id FROM users WHERE email = ?`
	selectFirst     = `SELECT COUNT(*) FROM members WHERE workspace_id = ?`
	insertMember    = `INSERT IGNORE INTO members (workspace_id, user_id, role, created_at) VALUES (?, ?, ?, ?)`
)

// Demo finds or makes the user with this address and joins it to the demo
// workspace, whose first member owns it. It asks for no proof, so it is for
// development only.
func (s Store) Demo(ctx context.Context, email, name string, now time.Time) (Identity, error) {
	email = strings.ToLower(email)
	var i Identity
	err := s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		workspace, err := ensure[uint32](ctx, q, selectWorkspace, demoSlug, insertWorkspace, demoSlug, demoName, now)
		if err != nil {
			return err
		}
		user, err := ensure[id.ID](ctx, q, selectUser, email, insertUser, id.New(), email, name, now)
		if err != nil {
			return err
		}
		if err := join(ctx, q, workspace, user, now); err != nil {
			return err
		}
		var ok bool
		i, ok, err = database.One(ctx, q, scanIdentity, selectIdentity, workspace, user)
		if err == nil && !ok {
			return problem.NotFound("member")
		}
		return err
	})
	return i, err
}

// ensure reads a row's id, making the row first if it is not there.
func ensure[T any](ctx context.Context, q database.Queryer, read, by, insert string, args ...any) (T, error) {
	v, ok, err := database.One(ctx, q, database.Scalar[T], read, by)
	if err != nil || ok {
		return v, err
	}
	if _, err := database.Exec(ctx, q, insert, args...); err != nil {
		return v, err
	}
	// Another task may have been quicker; FOR UPDATE sees its row, where the
	// transaction's own snapshot does not.
	v, _, err = database.One(ctx, q, database.Scalar[T], read+" FOR UPDATE", by)
	return v, err
}

func join(ctx context.Context, q database.Queryer, workspace uint32, user id.ID, now time.Time) error {
	members, _, err := database.One(ctx, q, database.Scalar[int], selectFirst, workspace)
	if err != nil {
		return err
	}
	role := tenant.Member
	if members == 0 {
		role = tenant.Owner
	}
	_, err = database.Exec(ctx, q, insertMember, workspace, user, role.String(), now)
	return err
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
