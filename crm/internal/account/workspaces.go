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

// A Membership is a workspace that a user belongs to.
type Membership struct {
	Workspace
	Role tenant.Role `json:"role"`
}

const selectMemberships = `SELECT w.id, w.name, m.role FROM members m JOIN workspaces w ON w.id = m.workspace_id
	WHERE m.user_id = ? AND m.role <> 'nobody' ORDER BY w.name, w.id LIMIT 200`

// Memberships lists where a user belongs.
func (s Store) Memberships(ctx context.Context, user id.ID) (all []Membership, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		all, err = database.All(ctx, q, func(row database.Row, m *Membership) error {
			return row.Scan(&m.ID, &m.Name, &m.Role)
		}, selectMemberships, user)
		return err
	})
	return all, err
}

// Found makes a workspace that the user owns.
func (s Store) Found(ctx context.Context, user id.ID, name string, now time.Time) (workspace uint32, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		if workspace, err = found(ctx, q, user, name, now); err != nil {
			return err
		}
		owner := tenant.Tenant{Workspace: workspace, User: user, Role: tenant.Owner}
		return change.Record(ctx, q, owner, change.Change{Kind: "workspace", Version: 1, Verb: "created", After: struct {
			Name string `json:"name"`
		}{name}})
	})
	return workspace, err
}

// Enter notes where a user works now, if they belong there.
func (s Store) Enter(ctx context.Context, user id.ID, workspace uint32) error {
	return s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		_, ok, err := database.One(ctx, q, database.Scalar[uint32], selectLast, workspace, user)
		if err != nil {
			return err
		}
		if !ok {
			return problem.NotFound("workspace")
		}
		_, err = database.Exec(ctx, q, updateLast, workspace, user)
		return err
	})
}

// A Profile is what users say of themselves.
type Profile struct {
	Name   string `json:"name"`
	Zone   string `json:"zone"`
	Locale string `json:"locale"`
}

const updateProfile = `UPDATE users SET version = version + 1, name = ?, zone = ?, locale = ? WHERE id = ?`

const updateWeekly = `UPDATE members SET weekly_mail = ? WHERE workspace_id = ? AND user_id = ?`

// SetWeekly says whether a member wants the week by mail.
func (s Store) SetWeekly(ctx context.Context, t tenant.Tenant, wanted bool) error {
	return s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, updateWeekly, wanted, t.Workspace, t.User)
		return err
	})
}

// SetProfile changes a user's profile.
func (s Store) SetProfile(ctx context.Context, user id.ID, p Profile) error {
	return s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		_, err := database.Exec(ctx, q, updateProfile, p.Name, p.Zone, p.Locale, user)
		return err
	})
}

// Settings are what a workspace is set to.
type Settings struct {
	Workspace
	Version   int       `json:"version"`
	CreatedAt time.Time `json:"createdAt"`
}

// RecordVersion goes into the ETag.
func (s Settings) RecordVersion() int { return s.Version }

const (
	selectSettings = `SELECT id, name, version, created_at FROM workspaces WHERE id = ?`
	updateSettings = `UPDATE workspaces SET version = version + 1, name = ? WHERE id = ?`
)

func readSettings(ctx context.Context, q database.Queryer, query string, t tenant.Tenant) (Settings, error) {
	w, ok, err := database.One(ctx, q, func(row database.Row, s *Settings) error {
		return row.Scan(&s.ID, &s.Name, &s.Version, &s.CreatedAt)
	}, query, t.Workspace)
	if err == nil && !ok {
		err = problem.NotFound("workspace")
	}
	return w, err
}

// Settings reads the tenant's workspace.
func (s Store) Settings(ctx context.Context, t tenant.Tenant) (w Settings, err error) {
	err = s.DB.View(ctx, func(ctx context.Context, q database.Queryer) error {
		w, err = readSettings(ctx, q, selectSettings, t)
		return err
	})
	return w, err
}

// Rename gives the workspace another name.
func (s Store) Rename(ctx context.Context, t tenant.Tenant, version int, name string) (w Settings, err error) {
	err = s.DB.Update(ctx, func(ctx context.Context, q database.Queryer) error {
		before, err := readSettings(ctx, q, selectSettings+" FOR UPDATE", t)
		if err != nil {
			return err
		}
		if before.Version != version {
			return problem.Stale(before)
		}
		if _, err := database.Exec(ctx, q, updateSettings, name, t.Workspace); err != nil {
			return err
		}
		w = before
		w.Name, w.Version = name, version+1
		return change.Record(ctx, q, t, change.Change{Kind: "workspace", Version: w.Version, Verb: "updated", Before: before, After: w})
	})
	return w, err
}
