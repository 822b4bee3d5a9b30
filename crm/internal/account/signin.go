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

// A Newcomer is somebody whose identity was proved just now.
type Newcomer struct {
	UID      string // the identity provider's
	Email    string
	Verified bool
	Name     string
	DemoRole string // in the demo workspace: for accounts of the stand-in only
	Invite   string // the secret of a link that brought them here, if any
}

const (
	demoSlug = "demo"
	demoName = "Demo workspace"

	selectByUID = `SELECT id, COALESCE(last_workspace, 0) FROM users WHERE firebase_uid = ?`
	lockByEmail = `SELECT id, firebase_uid IS NOT NULL FROM users WHERE email = ? FOR UPDATE`
	insertUser  = `INSERT INTO users (id, firebase_uid, email, email_verified, name, created_at) VALUES (?, ?, ?, ?, ?, ?)`
	updateUID   = `UPDATE users SET firebase_uid = ?, email_verified = 1 WHERE id = ?`
	updateMail  = `UPDATE users SET email = ?, email_verified = ? WHERE id = ? AND (email <> ? OR email_verified <> ?)`
	updateLast  = `UPDATE users SET last_workspace = ? WHERE id = ?`

	insertWorkspace = `INSERT INTO workspaces (slug, name, created_at) VALUES (?, ?, ?)`
	ignoreWorkspace = `INSERT IGNORE INTO workspaces (slug, name, created_at) VALUES (?, ?, ?)`
	selectWorkspace = `SELECT id FROM workspaces WHERE slug = ?`
	selectLast      = `SELECT workspace_id FROM members WHERE workspace_id = ? AND user_id = ? AND role <> 'nobody'`
	selectFirst     = `SELECT workspace_id FROM members WHERE user_id = ? AND role <> 'nobody' ORDER BY created_at, workspace_id LIMIT 1`
	insertMember    = `INSERT IGNORE INTO members (workspace_id, user_id, role, created_at) VALUES (?, ?, ?, ?)`
)

// SignIn finds or makes the user, and says where they work: where they were
// last, or else somewhere they belong, or else in a new workspace of their own.
func (s Store) SignIn(ctx context.Context, who Newcomer, now time.Time) (user id.ID, workspace uint32, err error) {
	who.Email = strings.ToLower(who.Email)
	if who.Name == "" {
		who.Name, _, _ = strings.Cut(who.Email, "@")
	}
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		var last uint32
		if user, last, err = admit(ctx, q, who, now); err != nil {
			return err
		}
		if who.Invite != "" {
			workspace, err = accept(ctx, q, user, who.Invite, now)
			return err
		}
		workspace, err = place(ctx, q, who, user, last, now)
		return err
	})
	return user, workspace, err
}

// admit finds the user by the provider's id, or takes over the one with the
// same verified address, or makes one.
func admit(ctx context.Context, q database.Queryer, who Newcomer, now time.Time) (user id.ID, last uint32, err error) {
	type known struct {
		id   id.ID
		last uint32
	}
	k, ok, err := database.One(ctx, q, func(row database.Row, k *known) error { return row.Scan(&k.id, &k.last) }, selectByUID, who.UID)
	if err != nil {
		return user, 0, err
	}
	if ok {
		_, err := database.Exec(ctx, q, updateMail, who.Email, who.Verified, k.id, who.Email, who.Verified)
		if database.IsDuplicate(err) {
			err = nil // another user has that address: this one keeps the old
		}
		return k.id, k.last, err
	}
	user, err = adopt(ctx, q, who, now)
	return user, 0, err
}

func adopt(ctx context.Context, q database.Queryer, who Newcomer, now time.Time) (id.ID, error) {
	type known struct {
		id    id.ID
		bound bool
	}
	k, ok, err := database.One(ctx, q, func(row database.Row, k *known) error { return row.Scan(&k.id, &k.bound) }, lockByEmail, who.Email)
	switch {
	case err != nil:
		return k.id, err
	case ok && !who.Verified:
		return k.id, problem.Unverified("there is a user with this address already: verify that it is yours, then sign in again")
	case ok: // the provider's account was made anew, or the user before it
		_, err := database.Exec(ctx, q, updateUID, who.UID, k.id)
		return k.id, err
	}
	fresh := id.New()
	_, err = database.Exec(ctx, q, insertUser, fresh, who.UID, who.Email, who.Verified, who.Name, now)
	if database.IsDuplicate(err) {
		err = problem.Conflict("this account is being made by another request just now")
	}
	return fresh, err
}

func place(ctx context.Context, q database.Queryer, who Newcomer, user id.ID, last uint32, now time.Time) (uint32, error) {
	var role tenant.Role
	if who.DemoRole != "" && role.UnmarshalText([]byte(who.DemoRole)) == nil && role > tenant.Nobody {
		workspace, err := demo(ctx, q, now)
		if err != nil {
			return 0, err
		}
		if _, err := database.Exec(ctx, q, insertMember, workspace, user, role.String(), now); err != nil {
			return 0, err
		}
		if last == 0 {
			last = workspace
		}
	}
	workspace, ok, err := database.One(ctx, q, database.Scalar[uint32], selectLast, last, user)
	if err == nil && !ok {
		workspace, ok, err = database.One(ctx, q, database.Scalar[uint32], selectFirst, user)
	}
	if err == nil && !ok {
		workspace, err = found(ctx, q, user, who.Name+"’s workspace", now)
	}
	if err == nil && workspace != last {
		_, err = database.Exec(ctx, q, updateLast, workspace, user)
	}
	return workspace, err
}

func demo(ctx context.Context, q database.Queryer, now time.Time) (uint32, error) {
	v, ok, err := database.One(ctx, q, database.Scalar[uint32], selectWorkspace, demoSlug)
	if err != nil || ok {
		return v, err
	}
	if _, err := database.Exec(ctx, q, ignoreWorkspace, demoSlug, demoName, now); err != nil {
		return v, err
	}
	// Another task may have been quicker; FOR UPDATE sees its row, where the
	// transaction's own snapshot does not.
	v, _, err = database.One(ctx, q, database.Scalar[uint32], selectWorkspace+" FOR UPDATE", demoSlug)
	return v, err
}

// found makes a workspace that the user owns.
func found(ctx context.Context, q database.Queryer, user id.ID, name string, now time.Time) (uint32, error) {
	workspace, err := database.InsertID(ctx, q, insertWorkspace, strings.ToLower(rand.Text()), name, now)
	if err != nil {
		return 0, err
	}
	_, err = database.Exec(ctx, q, insertMember, workspace, user, tenant.Owner.String(), now)
	return uint32(workspace), err
}
