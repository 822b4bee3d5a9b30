package workspaces

import (
	"context"
	"fmt"

	"apexai/crm/internal/account"
	"apexai/crm/internal/check"
	"apexai/crm/internal/database"
	"apexai/crm/internal/mail"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// InviteList is the invites that are still good.
type InviteList struct {
	Items []account.Invite `json:"items"`
}

func (a API) invites(ctx context.Context, c *web.Call) (InviteList, error) {
	all, err := a.Accounts.Invites(ctx, c.Tenant, a.now())
	return InviteList{append([]account.Invite{}, all...)}, err
}

// An InviteDraft is whom to invite.
type InviteDraft struct {
	Email string `json:"email"` // empty: whoever has the link
	Role  string `json:"role"`
}

// Invited is a new invite with its link, which is shown this once.
type Invited struct {
	account.Invite
	URL string `json:"url"` // begins with / if the server does not know where browsers find it
}

// Location is where invites are listed.
func (Invited) Location() string { return "/api/v1/invites" }

func (a API) invite(ctx context.Context, c *web.Call, d InviteDraft) (Invited, error) {
	var f check.Faults
	if d.Email != "" {
		f.Email("/email", &d.Email)
	}
	role := readRole(&f, d.Role)
	if err := f.Problem(); err != nil {
		return Invited{}, err
	}
	if role == tenant.Owner && (c.Tenant.Role < tenant.Owner || d.Email == "") {
		return Invited{}, problem.Forbidden("an owner is invited by an owner, and by address")
	}
	i, token, err := a.Accounts.Invite(ctx, c.Tenant, d.Email, role, a.now(), func(ctx context.Context, q database.Queryer, token string) error {
		if d.Email == "" || a.PublicURL == nil {
			return nil
		}
		_, err := mail.Queue(ctx, q, c.Tenant, letter(d.Email, role, a.link(token)))
		return err
	})
	return Invited{i, a.link(token)}, err
}

func (a API) link(token string) string {
	if a.PublicURL == nil {
		return "/invite/" + token
	}
	return a.PublicURL.JoinPath("invite", token).String()
}

func letter(to string, role tenant.Role, link string) mail.Message {
	return mail.Message{
		To: to, Subject: "You are invited to ApexAI CRM",
		Text: fmt.Sprintf("You are invited to join a workspace in ApexAI CRM as %s.\n\nOpen this link within seven days:\n%s\n\n"+
			"If you did not expect this, leave it: nothing happens.", role, link),
	}
}

func (a API) withdraw(ctx context.Context, c *web.Call) error {
	which, err := c.ID("invite")
	if err != nil {
		return err
	}
	return a.Accounts.Withdraw(ctx, c.Tenant, which)
}

func (a API) invitation(ctx context.Context, c *web.Call) (account.Invitation, error) {
	return a.Accounts.Invitation(ctx, c.PathValue("token"), a.now())
}
