package account

import (
	"context"
	"time"

	"apexai/crm/internal/change"
	"apexai/crm/internal/database"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
)

// A Member is a user in the workspace, or one who was: their name stays with
// what they did.
type Member struct {
	Named
	Email    string    `json:"email"`
	Role     string    `json:"role"` // as tenant's; nobody: has left
	JoinedAt time.Time `json:"joinedAt"`
}

const (
	selectMembers = `SELECT u.id, u.name, u.email, m.role, m.created_at FROM members m JOIN users u ON u.id = m.user_id
	WHERE m.workspace_id = ?`
	presentMembers = selectMembers + ` AND m.role <> 'nobody' ORDER BY u.name, u.id LIMIT 500`
	allMembers     = selectMembers + ` ORDER BY u.name, u.id LIMIT 1000`
	oneMember      = selectMembers + ` AND m.user_id = ?`
	// Locks all of them: who is the last owner is a question about the rest.
	lockMembers = `SELECT user_id, role FROM members WHERE workspace_id = ? FOR UPDATE`
	updateRole  = `UPDATE members SET role = ? WHERE workspace_id = ? AND user_id = ?`
)

func scanMember(row database.Row, m *Member) error {
	return row.Scan(&m.ID, &m.Name, &m.Email, &m.Role, &m.JoinedAt)
}

// Members lists the people who work in the tenant's workspace, and with
// former also those who no longer do.
func (s Store) Members(ctx context.Context, t tenant.Tenant, former bool) (all []Member, err error) {
	query := presentMembers
	if former {
		query = allMembers
	}
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = database.All(ctx, q, scanMember, query, t.Workspace)
		return err
	})
	return all, err
}

// SetRole gives a member another role, nobody to remove them.
func (s Store) SetRole(ctx context.Context, t tenant.Tenant, who id.ID, role tenant.Role) (after Member, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		roles := map[id.ID]tenant.Role{}
		_, err := database.All(ctx, q, func(row database.Row, user *id.ID) error {
			var r tenant.Role
			err := row.Scan(user, &r)
			roles[*user] = r
			return err
		}, lockMembers, t.Workspace)
		if err != nil {
			return err
		}
		if err := mayBecome(t, roles, who, role); err != nil {
			return err
		}
		before, _, err := database.One(ctx, q, scanMember, oneMember, t.Workspace, who)
		if err != nil {
			return err
		}
		if _, err := database.Exec(ctx, q, updateRole, role.String(), t.Workspace, who); err != nil {
			return err
		}
		after = before
		after.Role = role.String()
		return change.Record(ctx, q, t, change.Change{Kind: "member", ID: who, Verb: verbOf(role), Before: before, After: after})
	})
	return after, err
}

// mayBecome holds the rules of roles: only owners make and unmake owners, and
// the last one stays. Anybody may leave.
func mayBecome(t tenant.Tenant, roles map[id.ID]tenant.Role, who id.ID, role tenant.Role) error {
	was := roles[who]
	if was == tenant.Nobody {
		return problem.NotFound("member")
	}
	leaves := who == t.User && role == tenant.Nobody
	if (was == tenant.Owner || role == tenant.Owner) && t.Role < tenant.Owner && !leaves {
		return problem.Forbidden("only an owner makes or unmakes owners")
	}
	if was != tenant.Owner || role == tenant.Owner {
		return nil
	}
	for other, r := range roles {
		if other != who && r == tenant.Owner {
			return nil
		}
	}
	return problem.Conflict("a workspace needs an owner: make somebody else an owner first")
}

func verbOf(role tenant.Role) string {
	if role == tenant.Nobody {
		return "deleted"
	}
	return "updated"
}
