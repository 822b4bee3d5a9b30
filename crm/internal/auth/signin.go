package auth

import (
	"context"
	"errors"
	"net/http"
	"time"

	"apexai/crm/internal/account"
	"apexai/crm/internal/firebase"
	"apexai/crm/internal/id"
	"apexai/crm/internal/problem"
	"apexai/crm/internal/session"
	"apexai/crm/internal/tenant"
	"apexai/crm/internal/trace"
	"apexai/crm/internal/web"
)

// freshFor is how long after showing a password a token begins a session: a
// token that was stolen later begins none.
const freshFor = 5 * time.Minute

// answered is how soon the browser that leaves has surely got its answer.
const answered = time.Second

// Routes are the operations below /api/v1.
func (a Auth) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /auth/methods", Summary: "Show how to sign in", Needs: tenant.Nobody, Operation: web.Read(a.methods)},
		{Pattern: "POST /auth/session", Summary: "Sign in with an ID token of the identity provider", Needs: tenant.Nobody, Operation: web.Create(a.signIn)},
		{Pattern: "DELETE /auth/session", Summary: "Sign out", Needs: tenant.Nobody, Operation: web.Remove(a.signOut)},
		{Pattern: "GET /auth/me", Summary: "Show the caller", Needs: tenant.Viewer, Operation: web.Read(a.me)},
		{Pattern: "PATCH /auth/me", Summary: "Change the caller's name, time zone or language", Needs: tenant.Viewer, Operation: web.Change(a.setProfile)},
		{Pattern: "GET /auth/sessions", Summary: "List the caller's sessions", Needs: tenant.Viewer, Operation: web.Read(a.sessions)},
		{Pattern: "DELETE /auth/sessions/{session}", Summary: "End one of the caller's sessions", Needs: tenant.Viewer, Operation: web.Remove(a.endSession)},
		{Pattern: "DELETE /auth/sessions", Summary: "Sign the caller out everywhere else", Needs: tenant.Viewer, Operation: web.Remove(a.endOthers)},
		{Pattern: "GET /auth/workspaces", Summary: "List the caller's workspaces", Needs: tenant.Viewer, Operation: web.Read(a.workspaces)},
		{Pattern: "POST /auth/workspace", Summary: "Go to another of the caller's workspaces", Needs: tenant.Viewer, Operation: web.Change(a.enter)},
		{Pattern: "POST /invitations/{token}/accept", Summary: "Join the workspace of an invite and go there", Needs: tenant.Viewer, Operation: web.Act(a.accept)},
		{Pattern: "POST /workspaces", Summary: "Make a workspace and go there", Needs: tenant.Viewer, Operation: web.Create(a.found)},
	}
}

// Methods are the ways to sign in here.
type Methods struct {
	AuthURL string `json:"authUrl"` // of the Identity Toolkit's REST API; empty: none is set up
	APIKey  string `json:"apiKey"`  // names the Firebase project to its API; no secret
	DemoURL string `json:"demoUrl"` // in development: lists accounts to sign in with
	// Providers are the ways that are open: password, google.com.
	Providers []string `json:"providers"`
}

func (a Auth) methods(context.Context, *web.Call) (Methods, error) {
	ways := a.Ways
	ways.Providers = append([]string{}, ways.Providers...) // [] rather than null
	return ways, nil
}

// Credentials are a token that the identity provider signed just now.
type Credentials struct {
	IDToken string `json:"idToken"`
	Invite  string `json:"invite"` // the secret of a link, to join its workspace at once
}

// Me is the caller.
type Me struct {
	account.Identity
	ExpiresAt time.Time `json:"expiresAt"`
}

func (a Auth) signIn(ctx context.Context, c *web.Call, in Credentials) (Me, error) {
	if v := a.SignIns.Take(ctx, trace.From(ctx).Origin().Client); !v.OK {
		c.SetHeader("Retry-After", v.RetryAfter())
		return Me{}, problem.TooMany("too many people sign in from your network just now")
	}
	proof, err := a.verify(ctx, in.IDToken)
	if err != nil {
		return Me{}, err
	}
	who := account.Newcomer{UID: proof.UID, Email: proof.Email, Verified: proof.EmailVerified, Name: proof.Name, Invite: in.Invite}
	if a.Development {
		who.DemoRole = proof.DemoRole
	}
	user, workspace, err := a.Accounts.SignIn(ctx, who, a.Now().UTC())
	if err != nil {
		return Me{}, err
	}
	return a.begin(ctx, c, user, workspace)
}

func (a Auth) verify(ctx context.Context, token string) (firebase.Proof, error) {
	if a.Tokens == nil {
		return firebase.Proof{}, problem.NotImplemented("no identity provider is set up (FIREBASE_PROJECT_ID)")
	}
	proof, err := a.Tokens.Verify(ctx, token)
	if refusal, ok := errors.AsType[firebase.Refusal](err); ok {
		return proof, problem.Token(refusal.Error())
	}
	if err != nil {
		return proof, err
	}
	if a.Now().Sub(proof.Authenticated) > freshFor {
		return proof, problem.Token("the ID token is of a sign-in more than five minutes ago: sign in again")
	}
	if proof.Email == "" {
		return proof, problem.Token("the ID token names no e-mail address")
	}
	return proof, nil
}

// begin starts a session in a workspace; the one before, if any, ends: a
// session is never carried over to another sign-in or workspace.
func (a Auth) begin(ctx context.Context, c *web.Call, user id.ID, workspace uint32) (Me, error) {
	i, ok, err := a.Accounts.Identity(ctx, workspace, user)
	if err == nil && !ok {
		err = problem.NotFound("workspace")
	}
	if err != nil {
		return Me{}, err
	}
	if err := a.leave(c); err != nil {
		return Me{}, err
	}
	if err := a.Members.Forget(ctx, MemberKey(workspace, user)); err != nil { // an invite may have raised the role
		return Me{}, problem.Unavailable("the session store does not answer", err)
	}
	token, err := a.Sessions.Create(ctx, user, workspace, session.Origin{Network: trace.From(ctx).Origin().Client, Agent: agent(c)})
	if err != nil {
		return Me{}, err
	}
	c.SetCookie(a.cookie(token, int(session.Longest.Seconds())))
	return Me{i, a.Now().Add(session.Longest).UTC().Truncate(time.Second)}, nil
}

// agent is the browser's own words, as far as a list of sessions needs them.
func agent(c *web.Call) string {
	const most = 300
	v := c.UserAgent()
	return v[:min(len(v), most)]
}

func (a Auth) signOut(_ context.Context, c *web.Call) error {
	if err := a.leave(c); err != nil {
		return err
	}
	c.SetCookie(a.cookie("", -1))
	return nil
}

// leave ends the caller's session, if there is one. Their other tabs are told
// when this one has had its answer, and with it perhaps a new session.
func (a Auth) leave(c *web.Call) error {
	cookie, err := c.Cookie(a.cookieName())
	if errors.Is(err, http.ErrNoCookie) {
		return nil
	}
	s, ok, err := a.Sessions.Get(c.Context(), cookie.Value)
	if err != nil || !ok {
		return err
	}
	if err := a.Sessions.End(c.Context(), cookie.Value); err != nil {
		return err
	}
	if a.Revoked != nil {
		told := context.WithoutCancel(c.Context())
		time.AfterFunc(answered, func() { a.Revoked(told, s) })
	}
	return nil
}
