package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"strconv"
	"strings"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// InviteLasts is how long an invite is good for.
const InviteLasts = 7 * 24 * time.Hour

// An Invite lets whoever has its link into the workspace; with an address,
// only the person who owns it.
type Invite struct {
	ID        id.ID       `json:"id"`
	Email     string      `json:"email"`
	Role      tenant.Role `json:"role"`
	CreatedAt time.Time   `json:"createdAt"`
	CreatedBy id.ID       `json:"createdBy"`
	ExpiresAt time.Time   `json:"expiresAt"`
}

// An Invitation is what the bearer of an invite's link is shown.
type Invitation struct {
	Workspace string      `json:"workspace"`
	Inviter   string      `json:"inviter"`
	Email     string      `json:"email"` // empty: anybody
	Role      tenant.Role `json:"role"`
	ExpiresAt time.Time   `json:"expiresAt"`
}

const (
	insertInvite  = `INSERT INTO invites (workspace_id, id, token_hash, email, role, created_at, created_by, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	selectInvites = `SELECT id, email, role, created_at, created_by, expires_at FROM invites
		WHERE workspace_id = ? AND accepted_at IS NULL AND expires_at > ? ORDER BY id DESC LIMIT 500`
	lockOpen      = `SELECT id, email, role, created_at, created_by, expires_at FROM invites WHERE workspace_id = ? AND id = ? AND accepted_at IS NULL FOR UPDATE`
	deleteInvite  = `DELETE FROM invites WHERE workspace_id = ? AND id = ? AND accepted_at IS NULL`
	inviteByToken = ` FROM invites i WHERE i.workspace_id = ? AND i.token_hash = ? AND i.accepted_at IS NULL AND i.expires_at > ?`
	selectShown   = `SELECT w.name, u.name, i.email, i.role, i.expires_at FROM invites i
		JOIN workspaces w ON w.id = i.workspace_id JOIN users u ON u.id = i.created_by
		WHERE i.workspace_id = ? AND i.token_hash = ? AND i.accepted_at IS NULL AND i.expires_at > ?`
	lockInvite     = `SELECT i.id, i.email, i.role` + inviteByToken + ` FOR UPDATE`
	acceptInvite   = `UPDATE invites SET accepted_at = ?, accepted_by = ? WHERE workspace_id = ? AND id = ?`
	selectVerified = `SELECT email, email_verified FROM users WHERE id = ?`
	// A role that somebody has is never lowered by a link.
	raiseMember = `UPDATE members SET role = ? WHERE workspace_id = ? AND user_id = ? AND role = 'nobody'`
)

// token is an invite's secret: the workspace's number, then what nobody guesses.
func newToken(workspace uint32) string {
	return strconv.FormatUint(uint64(workspace), 10) + "-" + rand.Text() + rand.Text()
}

func readToken(token string) (workspace uint32, sum []byte, ok bool) {
	number, _, ok := strings.Cut(token, "-")
	n, err := strconv.ParseUint(number, 10, 32)
	h := sha256.Sum256([]byte(token))
	return uint32(n), h[:], ok && err == nil && len(token) < 100
}

// Invite makes an invite and returns the secret of its link, which is not
// kept; send, in the same transaction, may mail it.
func (s Store) Invite(ctx context.Context, t tenant.Tenant, email string, role tenant.Role, now time.Time,
	send func(ctx context.Context, q database.Queryer, token string) error,
) (i Invite, token string, err error) {
	token = newToken(t.Workspace)
	_, sum, _ := readToken(token)
	i = Invite{id.New(), strings.ToLower(email), role, now, t.User, now.Add(InviteLasts)}
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if _, err := database.Exec(ctx, q, insertInvite, t.Workspace, i.ID, sum, i.Email, role.String(), now, t.User, i.ExpiresAt); err != nil {
			return err
		}
		if err := send(ctx, q, token); err != nil {
			return err
		}
		return change.Record(ctx, q, t, change.Change{Kind: "invite", ID: i.ID, Verb: "created", After: i})
	})
	return i, token, err
}

// Invites lists those that are still good.
func (s Store) Invites(ctx context.Context, t tenant.Tenant, now time.Time) (all []Invite, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = database.All(ctx, q, scanInvite, selectInvites, t.Workspace, now)
		return err
	})
	return all, err
}

func scanInvite(row database.Row, i *Invite) error {
	return row.Scan(&i.ID, &i.Email, &i.Role, &i.CreatedAt, &i.CreatedBy, &i.ExpiresAt)
}

// Withdraw makes an invite's link worth nothing.
func (s Store) Withdraw(ctx context.Context, t tenant.Tenant, which id.ID) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		was, ok, err := database.One(ctx, q, scanInvite, lockOpen, t.Workspace, which)
		if err == nil && !ok {
			err = problem.NotFound("invite")
		}
		if err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, deleteInvite, t.Workspace, which); err != nil {
			return err
		}
		return change.Record(ctx, q, t, change.Change{Kind: "invite", ID: which, Verb: "deleted", Before: was})
	})
}

// Invitation shows the bearer of a link what it is for.
func (s Store) Invitation(ctx context.Context, token string, now time.Time) (i Invitation, err error) {
	workspace, sum, ok := readToken(token)
	if !ok {
		return i, problem.NotFound("invite")
	}
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		i, ok, err = database.One(ctx, q, func(row database.Row, i *Invitation) error {
			return row.Scan(&i.Workspace, &i.Inviter, &i.Email, &i.Role, &i.ExpiresAt)
		}, selectShown, workspace, sum, now)
		return err
	})
	if err == nil && !ok {
		err = problem.NotFound("invite: it may have been used, withdrawn or expired")
	}
	return i, err
}

// Accept makes the user a member of the workspace that the link is of.
func (s Store) Accept(ctx context.Context, user id.ID, token string, now time.Time) (workspace uint32, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		workspace, err = accept(ctx, q, user, token, now)
		return err
	})
	return workspace, err
}

func accept(ctx context.Context, q database.Queryer, user id.ID, token string, now time.Time) (uint32, error) {
	workspace, sum, ok := readToken(token)
	if !ok {
		return 0, problem.NotFound("invite")
	}
	i, ok, err := database.One(ctx, q, func(row database.Row, i *Invite) error { return row.Scan(&i.ID, &i.Email, &i.Role) }, lockInvite, workspace, sum, now)
	if err == nil && !ok {
		err = problem.NotFound("invite: it may have been used, withdrawn or expired")
	}
	if err == nil && i.Email != "" {
		err = owns(ctx, q, user, i.Email)
	}
	if err != nil {
		return 0, err
	}
	if _, err := database.Exec(ctx, q, insertMember, workspace, user, i.Role.String(), now); err != nil {
		return 0, err
	}
	for _, one := range []struct {
		statement string
		args      []any
	}{
		{raiseMember, []any{i.Role.String(), workspace, user}},
		{acceptInvite, []any{now, user, workspace, i.ID}},
		{updateLast, []any{workspace, user}},
	} {
		if _, err := database.Exec(ctx, q, one.statement, one.args...); err != nil {
			return 0, err
		}
	}
	m, _, err := database.One(ctx, q, scanMember, oneMember, workspace, user)
	if err != nil {
		return 0, err
	}
	t := tenant.Tenant{Workspace: workspace, User: user, Role: i.Role}
	return workspace, change.Record(ctx, q, t, change.Change{Kind: "member", ID: user, Verb: "created", After: m})
}

// owns holds an invite to the person it was made out to.
func owns(ctx context.Context, q database.Queryer, user id.ID, email string) error {
	type address struct {
		email    string
		verified bool
	}
	a, _, err := database.One(ctx, q, func(row database.Row, a *address) error { return row.Scan(&a.email, &a.verified) }, selectVerified, user)
	switch {
	case err != nil:
		return err
	case a.email != email:
		return problem.Forbidden("this invite is for another address than yours")
	case !a.verified:
		return problem.Unverified("this invite is for your address: verify that it is yours, then sign in again")
	}
	return nil
}
