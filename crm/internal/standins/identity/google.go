package identity

import (
	"context"
	"crypto/subtle"
	"net/url"
	"strings"
	"time"
)

const (
	google       = "google.com"
	visitLasts   = 10 * time.Minute
	consentLasts = time.Minute
)

// A visit is somebody on their way to Google, and where they want to come back.
type visit struct {
	Session string `json:"session"` // the sum of what their browser keeps meanwhile
	Back    string `json:"back"`
}

// A consent is what Google's code stands for.
type consent struct {
	State string `json:"state"`
	Email string `json:"email"`
	Name  string `json:"name"`
}

// createAuthURI begins a sign-in at Google: it says where the browser has to
// go. The session id stays with the browser, and a response is worth nothing
// without it. The address has no host: it is at the stand-in's own.
func (s *Service) createAuthURI(base string) func(context.Context, call) (any, error) {
	return func(ctx context.Context, c call) (any, error) {
		back, err := url.Parse(c.ContinueURI)
		switch {
		case c.ProviderID != google:
			return nil, notAllowed
		case c.ContinueURI == "":
			return nil, missingContinue
		case err != nil || back.Host == "" || back.Scheme != "https" && back.Scheme != "http" || back.Fragment != "" || back.Query().Has("state"):
			return nil, badContinue
		}
		session := c.SessionID
		if session == "" {
			session = secret()
		}
		state, err := s.issue(ctx, kindVisit, visit{sum(session), c.ContinueURI}, visitLasts)
		if err != nil {
			return nil, err
		}
		there := base + "/google?" + url.Values{
			"response_type": {"code"}, "client_id": {s.project}, "redirect_uri": {c.ContinueURI}, "scope": {"openid email profile"}, "state": {state},
		}.Encode()
		return map[string]string{"kind": "identitytoolkit#CreateAuthUriResponse", "authUri": there, "providerId": google, "sessionId": session}, nil
	}
}

// signInWithIdp takes the address at which somebody came back from Google.
func (s *Service) signInWithIdp(ctx context.Context, c call) (any, error) {
	who, err := s.response(ctx, c.RequestURI, c.SessionID)
	if err != nil {
		return nil, err
	}
	a, known, err := s.federate(ctx, who)
	if err != nil {
		return nil, err
	}
	a.Provider = google // of this sign-in, whatever the account began with
	in, err := s.admit(ctx, a)
	in.IsNew, in.Provider, in.Federated = !known, google, "https://accounts.google.com/"+a.Google
	return in, err
}

// response reads Google's answer, which is good once, for the browser that asked.
func (s *Service) response(ctx context.Context, at, session string) (consent, error) {
	came, err := url.Parse(at)
	if err != nil || session == "" {
		return consent{}, badIdp
	}
	q := came.Query()
	came.RawQuery = ""
	asked, ok, err := reveal[visit](ctx, s, kindVisit, q.Get("state"))
	if err != nil || !ok {
		return consent{}, orElse(err, badIdp)
	}
	given, ok, err := reveal[consent](ctx, s, kindConsent, q.Get("code"))
	if err != nil || !ok {
		return consent{}, orElse(err, badIdp)
	}
	back, _, _ := strings.Cut(asked.Back, "?")
	if given.State != sum(q.Get("state")) || back != came.String() || subtle.ConstantTimeCompare([]byte(asked.Session), []byte(sum(session))) != 1 {
		return consent{}, badIdp
	}
	for kind, secret := range map[string]string{kindVisit: q.Get("state"), kindConsent: q.Get("code")} {
		if err := s.store.Delete(ctx, kind, sum(secret)); err != nil {
			return consent{}, err
		}
	}
	return given, nil
}

// federate finds or makes the account of a Google address. Google vouches for
// it: somebody who took the address before and never proved it loses the
// password that they chose.
func (s *Service) federate(ctx context.Context, who consent) (a Account, known bool, err error) {
	if a, known, err = s.byEmail(ctx, who.Email); err != nil {
		return a, known, err
	}
	subject := sum(google + who.Email)[:21]
	if !known {
		a = Account{Email: who.Email, Name: who.Name, Verified: true, Provider: google, Google: subject}
		return a, false, s.add(ctx, &a)
	}
	if a.Google == subject {
		return a, true, nil
	}
	if !a.Verified {
		a.Salt, a.Hash, a.Verified, a.Provider, a.ValidSince = nil, nil, true, google, s.now().UTC().Truncate(time.Second)
	}
	a.Google = subject
	return a, true, s.put(ctx, a)
}
