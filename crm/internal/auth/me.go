package auth

import (
	"context"
	"regexp"
	"time"

	"apexai/crm/internal/account"
	"apexai/crm/internal/check"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/session"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
	"apexai/crm/internal/zone"
)

func (a Auth) me(_ context.Context, c *web.Call) (Me, error) {
	i, s, err := a.identify(c.Request)
	return Me{i, s.Expires().UTC()}, err
}

// A ProfilePatch is a JSON merge patch of a profile.
type ProfilePatch struct {
	Name       web.Field[string] `json:"name"`
	Zone       web.Field[string] `json:"zone"`
	Locale     web.Field[string] `json:"locale"`
	WeeklyMail web.Field[bool]   `json:"weeklyMail"` // in this workspace
}

var locale = regexp.MustCompile(`^([a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?)?$`)

func (a Auth) setProfile(ctx context.Context, c *web.Call, in ProfilePatch) (Me, error) {
	i, s, err := a.identify(c.Request)
	if err != nil {
		return Me{}, err
	}
	p := account.Profile{Name: in.Name.Over(i.User.Name), Zone: in.Zone.Over(i.Zone), Locale: in.Locale.Over(i.Locale)}
	var f check.Faults
	f.Line("/name", &p.Name, 120)
	if p.Name == "" {
		f.Add("/name", "required", "what shall colleagues call you?")
	}
	if _, err := zone.Load(p.Zone); err != nil {
		f.Add("/zone", "zone", "not a time zone such as Europe/Madrid")
	}
	if !locale.MatchString(p.Locale) {
		f.Add("/locale", "locale", "not a language such as en-GB")
	}
	if err := f.Problem(); err != nil {
		return Me{}, err
	}
	if err := a.Accounts.SetProfile(ctx, c.Tenant.User, p); err != nil {
		return Me{}, err
	}
	if weekly := in.WeeklyMail.Over(i.WeeklyMail); weekly != i.WeeklyMail {
		if err := a.Accounts.SetWeekly(ctx, c.Tenant, weekly); err != nil {
			return Me{}, err
		}
		i.WeeklyMail = weekly
	}
	if err := a.Members.Forget(ctx, MemberKey(s.Workspace, s.User)); err != nil {
		return Me{}, problem.Unavailable("the change is made, and will be seen in a minute", err)
	}
	i.User.Name, i.Zone, i.Locale = p.Name, p.Zone, p.Locale
	return Me{i, s.Expires().UTC()}, nil
}

// A Session is one place where the caller is signed in.
type Session struct {
	ID        string    `json:"id"`
	Network   string    `json:"network"`
	Agent     string    `json:"agent"`
	CreatedAt time.Time `json:"createdAt"`
	SeenAt    time.Time `json:"seenAt"` // within five minutes
	Current   bool      `json:"current"`
}

// SessionList is everywhere that the caller is signed in.
type SessionList struct {
	Items []Session `json:"items"`
}

func (a Auth) sessions(ctx context.Context, c *web.Call) (SessionList, error) {
	all, err := a.Sessions.All(ctx, c.Tenant.User)
	list := SessionList{Items: []Session{}}
	for _, s := range all {
		list.Items = append(list.Items, Session{s.ID, s.Network, s.Agent, s.Created.UTC(), s.Seen.UTC(), s.ID == c.Tenant.Session})
	}
	return list, err
}

func (a Auth) endSession(ctx context.Context, c *web.Call) error {
	which := c.PathValue("session")
	n, err := a.endWhere(ctx, c, func(s session.Session) bool { return s.ID == which })
	if err == nil && n == 0 {
		err = problem.NotFound("session")
	}
	return err
}

func (a Auth) endOthers(ctx context.Context, c *web.Call) error {
	_, err := a.endWhere(ctx, c, func(s session.Session) bool { return s.ID != c.Tenant.Session })
	return err
}

func (a Auth) endWhere(ctx context.Context, c *web.Call, which func(session.Session) bool) (int, error) {
	return a.revoke(ctx, c.Tenant.User, which)
}

// Changed sees to it that a member's new role is in force at once; one who is
// no longer a member has no more sessions in the workspace.
func (a Auth) Changed(ctx context.Context, t tenant.Tenant, who id.ID, role tenant.Role) error {
	if err := a.Members.Forget(ctx, MemberKey(t.Workspace, who)); err != nil {
		return problem.Unavailable("the change is made, and will be in force in a minute", err)
	}
	if role > tenant.Nobody {
		if a.Moved != nil {
			a.Moved(ctx, t.Workspace, who)
		}
		return nil
	}
	_, err := a.revoke(ctx, who, func(s session.Session) bool { return s.Workspace == t.Workspace })
	return err
}

func (a Auth) revoke(ctx context.Context, user id.ID, which func(session.Session) bool) (int, error) {
	ended, err := a.Sessions.EndWhere(ctx, user, which)
	if a.Revoked != nil {
		for _, s := range ended {
			a.Revoked(ctx, s)
		}
	}
	return len(ended), err
}

// WorkspaceList is where the caller belongs.
type WorkspaceList struct {
	Items []account.Membership `json:"items"`
}

func (a Auth) workspaces(ctx context.Context, c *web.Call) (WorkspaceList, error) {
	all, err := a.Accounts.Memberships(ctx, c.Tenant.User)
	return WorkspaceList{all}, err
}

// A Destination is the workspace to go to.
type Destination struct {
	ID uint32 `json:"id"`
}

func (a Auth) enter(ctx context.Context, c *web.Call, in Destination) (Me, error) {
	if err := a.Accounts.Enter(ctx, c.Tenant.User, in.ID); err != nil {
		return Me{}, err
	}
	return a.begin(ctx, c, c.Tenant.User, in.ID)
}

func (a Auth) accept(ctx context.Context, c *web.Call) (Me, error) {
	workspace, err := a.Accounts.Accept(ctx, c.Tenant.User, c.PathValue("token"), a.Now().UTC())
	if err != nil {
		return Me{}, err
	}
	return a.begin(ctx, c, c.Tenant.User, workspace)
}

// A WorkspaceDraft names a workspace.
type WorkspaceDraft struct {
	Name string `json:"name"`
}

func (a Auth) found(ctx context.Context, c *web.Call, in WorkspaceDraft) (Me, error) {
	var f check.Faults
	f.Line("/name", &in.Name, 120)
	if in.Name == "" {
		f.Add("/name", "required", "a workspace needs a name")
	}
	if err := f.Problem(); err != nil {
		return Me{}, err
	}
	workspace, err := a.Accounts.Found(ctx, c.Tenant.User, in.Name, a.Now().UTC())
	if err == nil {
		err = a.Accounts.Enter(ctx, c.Tenant.User, workspace)
	}
	if err != nil {
		return Me{}, err
	}
	return a.begin(ctx, c, c.Tenant.User, workspace)
}
