package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"apex/internal/dataplane/balancer/cookie"
	"apex/internal/dataplane/balancer/http1"
	"apex/internal/dataplane/balancer/route"
)

// nonceCookie binds a login to the browser that began it.
const nonceCookie = "AWSALBAuthNonce"

// A Guard leads users through logins.
type Guard struct {
	sealer *cookie.Sealer
	signer *signer
	client *http.Client
}

// NewGuard returns a Guard whose keys follow from the sealer's.
func NewGuard(s *cookie.Sealer) (*Guard, error) {
	signer, err := newSigner(s.Derive("user claims"))
	if err != nil {
		return nil, err
	}
	return &Guard{sealer: s, signer: signer, client: newClient()}, nil
}

// A Visitor is who asks.
type Visitor struct {
	Origin string // "https://host:port", as the browser has it
	Target string // the path with the query
	Fields []http1.Field
	Secure bool // the connection is TLS
	Now    time.Time
}

// An Outcome is what becomes of a request: it goes on with Headers, or it is
// answered with Status.
type Outcome struct {
	Status   int    // 0: it goes on
	Location string // of 302
	Fault    string // AWS's word for what went wrong
	Headers  [][2]string
	Cookies  []cookie.Setting
	// Refreshed: the access token was renewed. TooLarge: the claims are.
	Refreshed, TooLarge bool
}

// ruleName is a short name of a login: what was begun for one is no login for
// another.
func ruleName(l *route.Login) string {
	sum := sha256.Sum256([]byte(l.Issuer + "\x00" + l.ClientID + "\x00" + l.Cookie + "\x00" + l.AuthorizationEndpoint))
	return hex.EncodeToString(sum[:8])
}

// Admit lets a request with a login through, and deals with one without.
func (g *Guard) Admit(ctx context.Context, l *route.Login, v Visitor) Outcome {
	s, ok := openSession(g.sealer, l.Cookie, ruleName(l), v.Fields, v.Now)
	if ok {
		if out, ok := g.proceed(ctx, l, s, v); ok {
			return out
		}
	}
	switch l.Unauthenticated {
	case route.Allow:
		return Outcome{}
	case route.Deny:
		return Outcome{Status: http.StatusUnauthorized, Fault: "AuthInvalidCookie"}
	}
	return g.begin(l, v)
}

// proceed lets a login through; false if it has ended at the provider.
func (g *Guard) proceed(ctx context.Context, l *route.Login, s session, v Visitor) (out Outcome, ok bool) {
	if s.Refresh != "" && !s.Expires.IsZero() && v.Now.After(s.Expires) {
		renewed, err := g.renew(ctx, l, s, v.Now)
		if err != nil {
			return out, false
		}
		s, out.Refreshed = renewed, true
		if out.Cookies, err = sealSession(g.sealer, l.Cookie, s, v.Secure); err != nil {
			return out, false
		}
	}
	var claims map[string]any
	if json.Unmarshal(s.Claims, &claims) != nil {
		return out, false
	}
	claims["iss"] = l.Issuer
	data, err := g.signer.sign(map[string]any{"iss": l.Issuer, "client": l.ClientID}, claims, v.Now.Add(2*time.Minute))
	out.Headers = [][2]string{{"x-amzn-oidc-accesstoken", s.Access}, {"x-amzn-oidc-identity", s.Subject}, {"x-amzn-oidc-data", data}}
	return out, err == nil
}

func (g *Guard) renew(ctx context.Context, l *route.Login, s session, now time.Time) (session, error) {
	t, err := g.redeem(ctx, l, url.Values{"grant_type": {"refresh_token"}, "refresh_token": {s.Refresh}})
	if err != nil {
		return s, err
	}
	claims, subject, err := g.claims(ctx, l, t.Access)
	if err != nil {
		return s, err
	}
	if subject != s.Subject {
		return s, errRefused
	}
	s.Claims, s.Access, s.Expires = claims, t.Access, expiry(t, now)
	if t.Refresh != "" {
		s.Refresh = t.Refresh
	}
	return s, nil
}

func expiry(t tokens, now time.Time) time.Time {
	if t.Seconds <= 0 {
		return time.Time{}
	}
	return now.Add(time.Duration(t.Seconds) * time.Second)
}

// A begun login is what comes back with the provider's answer.
type begun struct {
	Rule, Target, Nonce string
	Until               time.Time
}

// begin leads the browser to the provider.
func (g *Guard) begin(l *route.Login, v Visitor) Outcome {
	b := begun{Rule: ruleName(l), Target: v.Target, Nonce: rand.Text(), Until: v.Now.Add(loginWithin)}
	text, err := json.Marshal(b)
	if err != nil {
		return Outcome{Status: http.StatusInternalServerError}
	}
	query := url.Values{
		"response_type": {"code"}, "client_id": {l.ClientID}, "scope": {l.Scope},
		"redirect_uri": {v.Origin + callback}, "state": {g.sealer.Seal("state", text)},
	}
	for name, value := range l.Extra {
		if !query.Has(name) {
			query.Set(name, value)
		}
	}
	joint := "?"
	if strings.Contains(l.AuthorizationEndpoint, "?") {
		joint = "&"
	}
	return Outcome{
		Status: http.StatusFound, Location: l.AuthorizationEndpoint + joint + query.Encode(),
		Cookies: []cookie.Setting{{Name: nonceCookie, Value: b.Nonce, Expires: b.Until, Private: true, Secret: v.Secure}},
	}
}

// Returns reports whether a request comes back from a provider.
func Returns(path []byte) bool { return string(path) == callback }

// Finish ends the login that a request comes back from. logins are those of the
// listener.
func (g *Guard) Finish(ctx context.Context, logins []*route.Login, v Visitor) Outcome {
	_, query, _ := strings.Cut(v.Target, "?")
	answer, err := url.ParseQuery(query)
	text, ok := g.sealer.Open("state", []byte(answer.Get("state")))
	var b begun
	if err != nil || !ok || json.Unmarshal(text, &b) != nil {
		return Outcome{Status: http.StatusUnauthorized, Fault: "AuthInvalidStateParam"}
	}
	nonce := cookie.Find(v.Fields, nonceCookie)
	if v.Now.After(b.Until) || subtle.ConstantTimeCompare(nonce, []byte(b.Nonce)) != 1 {
		return Outcome{Status: http.StatusUnauthorized, Fault: "AuthInvalidStateParam"}
	}
	for _, l := range logins {
		if ruleName(l) == b.Rule {
			return g.finish(ctx, l, b, answer, v)
		}
	}
	return Outcome{Status: http.StatusUnauthorized, Fault: "AuthInvalidStateParam"}
}

func (g *Guard) finish(ctx context.Context, l *route.Login, b begun, answer url.Values, v Visitor) Outcome {
	if answer.Has("error") || answer.Get("code") == "" {
		return Outcome{Status: 561, Fault: "AuthInvalidGrantError"}
	}
	s, err := g.login(ctx, l, answer.Get("code"), v)
	var cookies []cookie.Setting
	if err == nil {
		cookies, err = sealSession(g.sealer, l.Cookie, s, v.Secure)
	}
	switch {
	case errors.Is(err, errTooLarge):
		return Outcome{Status: http.StatusInternalServerError, Fault: "AuthUserClaimsSizeExceeded", TooLarge: true}
	case errors.Is(err, errRefused):
		return Outcome{Status: 561, Fault: "AuthTokenEndpointRequestFailed"}
	case err != nil:
		return Outcome{Status: http.StatusInternalServerError, Fault: "AuthTokenEndpointRequestTimeout"}
	}
	cookies = append(cookies, cookie.Setting{Name: nonceCookie, Expires: time.Unix(0, 0), Private: true, Secret: v.Secure})
	return Outcome{Status: http.StatusFound, Location: v.Origin + b.Target, Cookies: cookies}
}

// login learns from the provider who the user is.
func (g *Guard) login(ctx context.Context, l *route.Login, code string, v Visitor) (s session, err error) {
	t, err := g.redeem(ctx, l, url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {v.Origin + callback},
	})
	if err != nil {
		return s, err
	}
	claims, subject, err := g.claims(ctx, l, t.Access)
	if err != nil {
		return s, err
	}
	if err := checkID(l, t.ID, subject, v.Now); err != nil {
		return s, err
	}
	return session{
		Rule: ruleName(l), Claims: claims, Subject: subject, Access: t.Access, Refresh: t.Refresh,
		Expires: expiry(t, v.Now), Ends: v.Now.Add(l.Session),
	}, nil
}

// keyPath is where targets find the key that x-amzn-oidc-data is signed with,
// before its id. AWS has a host of its own for that.
const keyPath = callback + "/keys/"

// PublicKey returns the key that a path asks for, in PEM.
func (g *Guard) PublicKey(path []byte) ([]byte, bool) {
	if kid, ok := strings.CutPrefix(string(path), keyPath); ok && kid == g.signer.kid {
		return g.signer.publicPEM(), true
	}
	return nil, false
}
