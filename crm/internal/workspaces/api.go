// Package workspaces serves what a workspace is and who works in it: its
// name, its members and their roles, and the invites that bring in more.
package workspaces

import (
	"context"
	"net/url"
	"time"

	"apexai/crm/internal/account"
	"apexai/crm/internal/auth"
	"apexai/crm/internal/check"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An API serves a workspace to its members.
type API struct {
	Accounts  account.Store
	Auth      auth.Auth
	PublicURL *url.URL // where browsers find the studio; nil: not known
	Now       func() time.Time
}

// Routes are the API's operations below /api/v1.
func (a API) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /workspace", Summary: "Show the workspace", Needs: tenant.Viewer, Operation: web.Read(a.get)},
		{Pattern: "PATCH /workspace", Summary: "Rename the workspace", Needs: tenant.Admin, Operation: web.Change(a.rename).NeedsVersion()},
		{Pattern: "GET /members", Summary: "List members", Needs: tenant.Viewer, Operation: web.Read(a.members), Query: []web.Param{
			{Name: "former", Kind: web.Boolean, Doc: "Also those who have left, whose role is nobody."},
		}},
		{Pattern: "PATCH /members/{id}", Summary: "Change a member's role", Needs: tenant.Admin, Operation: web.Change(a.setRole)},
		{Pattern: "DELETE /members/{id}", Summary: "Remove a member", Needs: tenant.Admin, Operation: web.Remove(a.remove)},
		{Pattern: "DELETE /members/me", Summary: "Leave the workspace", Needs: tenant.Viewer, Operation: web.Remove(a.leave)},
		{Pattern: "GET /invites", Summary: "List invites that are still good", Needs: tenant.Admin, Operation: web.Read(a.invites)},
		{Pattern: "POST /invites", Summary: "Invite somebody by a link", Needs: tenant.Admin, Operation: web.Create(a.invite)},
		{Pattern: "DELETE /invites/{id}", Summary: "Withdraw an invite", Needs: tenant.Admin, Operation: web.Remove(a.withdraw)},
		{Pattern: "GET /invitations/{token}", Summary: "Show what an invite's link is for", Needs: tenant.Nobody, Operation: web.Read(a.invitation)},
	}
}

func (a API) now() time.Time { return a.Now().UTC().Truncate(time.Millisecond) }

func (a API) get(ctx context.Context, c *web.Call) (account.Settings, error) {
	return a.Accounts.Settings(ctx, c.Tenant)
}

// A Patch is a JSON merge patch of a workspace.
type Patch struct {
	Name web.Field[string] `json:"name"`
}

func (a API) rename(ctx context.Context, c *web.Call, p Patch) (account.Settings, error) {
	version, err := c.IfMatch()
	if err != nil {
		return account.Settings{}, err
	}
	name := p.Name.Value
	var f check.Faults
	f.Line("/name", &name, 120)
	if name == "" {
		f.Add("/name", "required", "a workspace needs a name")
	}
	if err := f.Problem(); err != nil {
		return account.Settings{}, err
	}
	w, err := a.Accounts.Rename(ctx, c.Tenant, version, name)
	if err == nil {
		err = a.Auth.Changed(ctx, c.Tenant, c.Tenant.User, c.Tenant.Role) // others see it within a minute
	}
	return w, err
}

// MemberList is everyone in the workspace.
type MemberList struct {
	Items []account.Member `json:"items"`
}

func (a API) members(ctx context.Context, c *web.Call) (MemberList, error) {
	all, err := a.Accounts.Members(ctx, c.Tenant, c.URL.Query().Get("former") == "true")
	return MemberList{all}, err
}

// A RolePatch is a member's new role.
type RolePatch struct {
	Role string `json:"role"`
}

var roles = []string{"viewer", "member", "admin", "owner"}

func readRole(f *check.Faults, text string) (role tenant.Role) {
	f.OneOf("/role", text, roles...)
	if text == "" {
		f.Add("/role", "required", "viewer, member, admin or owner")
	}
	if len(*f) == 0 {
		role.UnmarshalText([]byte(text)) // is one of them
	}
	return role
}

func (a API) setRole(ctx context.Context, c *web.Call, p RolePatch) (account.Member, error) {
	who, err := c.ID("member")
	if err != nil {
		return account.Member{}, err
	}
	var f check.Faults
	role := readRole(&f, p.Role)
	if err := f.Problem(); err != nil {
		return account.Member{}, err
	}
	m, err := a.Accounts.SetRole(ctx, c.Tenant, who, role)
	if err == nil {
		err = a.Auth.Changed(ctx, c.Tenant, who, role)
	}
	return m, err
}

func (a API) remove(ctx context.Context, c *web.Call) error {
	who, err := c.ID("member")
	if err != nil {
		return err
	}
	if _, err := a.Accounts.SetRole(ctx, c.Tenant, who, tenant.Nobody); err != nil {
		return err
	}
	return a.Auth.Changed(ctx, c.Tenant, who, tenant.Nobody)
}

func (a API) leave(ctx context.Context, c *web.Call) error {
	if _, err := a.Accounts.SetRole(ctx, c.Tenant, c.Tenant.User, tenant.Nobody); err != nil {
		return err
	}
	return a.Auth.Changed(ctx, c.Tenant, c.Tenant.User, tenant.Nobody)
}
