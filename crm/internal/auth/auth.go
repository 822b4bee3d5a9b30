// Package auth tells who calls, and lets people in and out.
package auth

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"apexai/crm/internal/account"
	"apexai/crm/internal/cache"
	"apexai/crm/internal/firebase"
	"apexai/crm/internal/id"
	"apexai/crm/internal/keys"
	"apexai/crm/internal/limit"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/session"
	"apexai/crm/internal/tenant"
)

// An Auth knows callers by their session cookies or API keys.
type Auth struct {
	Accounts    account.Store
	Sessions    session.Store
	Members     *cache.Cache[account.Identity] // of a session: role and names
	Guesses     *Guesses                       // so that both are asked for at once
	Keys        keys.Store
	Tokens      *firebase.Verifier                                      // nil: no identity provider is set up
	Ways        Methods                                                 // how to sign in, for the sign-in page
	SignIns     *limit.Limiter                                          // per network
	Revoked     func(ctx context.Context, s session.Session)            // told of sessions that were ended; may be nil
	Moved       func(ctx context.Context, workspace uint32, user id.ID) // told of new roles, once they are in force; may be nil
	Development bool                                                    // the cookie works without TLS; demo accounts have roles
	Now         func() time.Time
}

// Caller is the tenant on whose behalf r is made.
func (a Auth) Caller(r *http.Request) (tenant.Tenant, error) {
	if credentials := r.Header.Get("Authorization"); credentials != "" {
		return a.program(r.Context(), credentials)
	}
	i, s, err := a.identify(r)
	t := i.Tenant()
	t.Session = s.ID
	if t.Zone == "" {
		t.Zone = r.Header.Get("X-Time-Zone") // the browser's
	}
	return t, err
}

// program is the tenant of an API key: whoever made it, in their present
// role, though never as an owner.
func (a Auth) program(ctx context.Context, credentials string) (tenant.Tenant, error) {
	scheme, secret, _ := strings.Cut(credentials, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return tenant.Tenant{}, problem.Key("Authorization is not Bearer and an API key, as apx_live_…")
	}
	k, ok, err := a.Keys.Verify(ctx, strings.TrimSpace(secret))
	if err == nil && !ok {
		err = problem.Key("this API key is not known here: it was removed, has expired, or is misspelt")
	}
	if err != nil {
		return tenant.Tenant{}, err
	}
	i, err := a.member(ctx, session.Session{Workspace: k.Workspace, User: k.User})
	if err != nil {
		return tenant.Tenant{}, err
	}
	t := i.Tenant()
	t.Role = min(t.Role, tenant.Admin)
	t.Key, t.Scopes = k.ID, k.Scopes
	return t, nil
}

func (a Auth) identify(r *http.Request) (account.Identity, session.Session, error) {
	cookie, err := r.Cookie(a.cookieName())
	if err != nil {
		return account.Identity{}, session.Session{}, problem.Unauthenticated()
	}
	s, i, err := a.ask(r.Context(), cookie.Value)
	if err == nil && i == nil {
		var loaded account.Identity
		loaded, err = a.member(r.Context(), s)
		i = &loaded
	}
	if err != nil {
		return account.Identity{}, s, err
	}
	return *i, s, nil
}

// ask returns the session of a token and, if one round trip has them both,
// whose it is.
func (a Auth) ask(ctx context.Context, token string) (session.Session, *account.Identity, error) {
	guess, both := a.Guesses.of(token), a.Sessions.Redis.Pipeline()
	found, member := a.Sessions.Ask(ctx, both, token), a.Members.Ask(ctx, both, guess)
	both.Exec(ctx) // each answer has its own fault
	s, ok, err := found()
	if err == nil && !ok {
		err = problem.Unauthenticated()
	}
	if err != nil {
		return s, nil, err
	}
	whose := MemberKey(s.Workspace, s.User)
	if i, ok := member(); ok && whose == guess {
		return s, &i, nil
	}
	a.Guesses.note(token, whose)
	return s, nil, nil
}

func (a Auth) member(ctx context.Context, s session.Session) (account.Identity, error) {
	i, ok, err := a.Members.Get(ctx, MemberKey(s.Workspace, s.User), func(ctx context.Context) (account.Identity, bool, error) {
		return a.Accounts.Identity(ctx, s.Workspace, s.User)
	})
	if err == nil && !ok {
		err = problem.Unauthenticated()
	}
	return i, err
}

// MemberKey is under what a member is cached.
func MemberKey(workspace uint32, user fmt.Stringer) string {
	return fmt.Sprintf("%d:%s", workspace, user)
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
