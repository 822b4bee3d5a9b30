// Package auth tells who calls, and lets people in and out.
package auth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"apexai/crm/internal/account"
	"apexai/crm/internal/cache"
	"apexai/crm/internal/check"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/session"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/web"
)

// An Auth knows callers by their session cookies.
type Auth struct {
	Accounts    account.Store
	Sessions    session.Store
	Members     *cache.Cache[account.Identity] // of a session: role and names
	Development bool                           // there is no proof of identity; the cookie works without TLS
	Now         func() time.Time
}

// Caller is the tenant on whose behalf r is made.
func (a Auth) Caller(r *http.Request) (tenant.Tenant, error) {
	i, _, err := a.identify(r)
	return i.Tenant(), err
}

func (a Auth) identify(r *http.Request) (account.Identity, session.Session, error) {
	cookie, err := r.Cookie(a.cookieName())
	if err != nil {
		return account.Identity{}, session.Session{}, problem.Unauthenticated()
	}
	s, ok, err := a.Sessions.Get(r.Context(), cookie.Value)
	if err != nil {
		return account.Identity{}, s, err
	}
	if !ok {
		return account.Identity{}, s, problem.Unauthenticated()
	}
	key := fmt.Sprintf("%d:%s", s.Workspace, s.User)
	i, ok, err := a.Members.Get(r.Context(), key, func(ctx context.Context) (account.Identity, bool, error) {
		return a.Accounts.Identity(ctx, s.Workspace, s.User)
	})
	if err == nil && !ok {
		err = problem.Unauthenticated()
	}
	return i, s, err
}

// Routes are the operations below /api/v1.
func (a Auth) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /auth/methods", Needs: tenant.Nobody, Operation: web.Read(a.methods)},
		{Pattern: "POST /auth/session", Needs: tenant.Nobody, Operation: web.Create(a.signIn)},
		{Pattern: "DELETE /auth/session", Needs: tenant.Nobody, Operation: web.Remove(a.signOut)},
		{Pattern: "GET /auth/me", Needs: tenant.Viewer, Operation: web.Read(a.me)},
		{Pattern: "GET /members", Needs: tenant.Viewer, Operation: web.Read(a.members)},
	}
}

// Methods are the ways to sign in here.
type Methods struct {
	Demo bool `json:"demo"`
}

func (a Auth) methods(context.Context, *web.Call) (Methods, error) {
	return Methods{Demo: a.Development}, nil
}

// Credentials are, in development, just a name and an address.
type Credentials struct {
	Email string `json:"email"`
	Name  string `json:"name"`
}

// Me is the caller.
type Me struct {
	account.Identity
	ExpiresAt time.Time `json:"expiresAt"`
}

func (a Auth) signIn(ctx context.Context, c *web.Call, in Credentials) (Me, error) {
	if !a.Development {
		return Me{}, problem.NotImplemented("no identity provider is set up, and signing in without one is for development only (APP_ENV=dev)")
	}
	var f check.Faults
	f.Email("/email", &in.Email)
	f.Line("/name", &in.Name, 120)
	if in.Name == "" {
		in.Name, _, _ = strings.Cut(in.Email, "@")
	}
	if err := f.Problem(); err != nil {
		return Me{}, err
	}
	i, err := a.Accounts.Demo(ctx, in.Email, in.Name, a.Now().UTC())
	if err != nil {
		return Me{}, err
	}
	if err := a.leave(c); err != nil { // a session is never carried over to another sign-in
		return Me{}, err
	}
	token, err := a.Sessions.Create(ctx, i.User.ID, i.Workspace.ID)
	if err != nil {
		return Me{}, err
	}
	expires := a.Now().Add(session.Longest)
	c.SetCookie(a.cookie(token, int(session.Longest.Seconds())))
	return Me{i, expires.UTC().Truncate(time.Second)}, nil
}

func (a Auth) signOut(_ context.Context, c *web.Call) error {
	if err := a.leave(c); err != nil {
		return err
	}
	c.SetCookie(a.cookie("", -1))
	return nil
}

func (a Auth) leave(c *web.Call) error {
	cookie, err := c.Cookie(a.cookieName())
	if errors.Is(err, http.ErrNoCookie) {
		return nil
	}
	return a.Sessions.End(c.Context(), cookie.Value)
}

func (a Auth) me(_ context.Context, c *web.Call) (Me, error) {
	i, s, err := a.identify(c.Request)
	return Me{i, s.Expires().UTC()}, err
}

// MemberList is everyone in the workspace.
type MemberList struct {
	Items []account.Named `json:"items"`
}

func (a Auth) members(ctx context.Context, c *web.Call) (MemberList, error) {
	items, err := a.Accounts.Members(ctx, c.Tenant)
	return MemberList{items}, err
}

// cookieName: the prefix has browsers insist on TLS and on this host, which
// plain HTTP in development cannot meet.
func (a Auth) cookieName() string {
	if a.Development {
		return "apex_sid"
	}
	return "__Host-apex_sid"
}

func (a Auth) cookie(token string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: a.cookieName(), Value: token, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: !a.Development, SameSite: http.SameSiteLaxMode,
	}
}
