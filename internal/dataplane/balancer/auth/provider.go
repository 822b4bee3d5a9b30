package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"apex/internal/dataplane/balancer/route"
)

const (
	maxClaims   = 11 << 10 // of a user's claims, as AWS limits them
	maxTokens   = 64 << 10
	callback    = "/oauth2/idpresponse"
	loginWithin = 15 * time.Minute
)

var (
	errTooLarge = errors.New("claims: too large")
	errRefused  = errors.New("provider: refused")
)

// tokens are what a token endpoint answers.
type tokens struct {
	Access  string `json:"access_token"`
	ID      string `json:"id_token"`
	Refresh string `json:"refresh_token"`
	Seconds int64  `json:"expires_in"`
}

// redeem exchanges a code, or a refresh token, for tokens.
func (g *Guard) redeem(ctx context.Context, l *route.Login, form url.Values) (t tokens, err error) {
	form.Set("client_id", l.ClientID)
	form.Set("client_secret", l.ClientSecret)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.TokenEndpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return t, fmt.Errorf("token endpoint: %w", err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	body, status, err := ask(g.client, req, maxTokens)
	switch {
	case err != nil:
		return t, fmt.Errorf("token endpoint: %w", err)
	case status != http.StatusOK, json.Unmarshal(body, &t) != nil, !visible(t.Access):
		return t, fmt.Errorf("token endpoint: status %d: %w", status, errRefused)
	}
	return t, nil
}

// visible reports whether text can be a header field's value.
func visible(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(c rune) bool { return c <= ' ' || c >= 0x7f })
}

// claims asks who the access token is for.
func (g *Guard) claims(ctx context.Context, l *route.Login, access string) (claims json.RawMessage, subject string, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.UserEndpoint, nil)
	if err != nil {
		return nil, "", fmt.Errorf("user info endpoint: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+access)
	body, status, err := ask(g.client, req, maxTokens)
	if err != nil {
		return nil, "", fmt.Errorf("user info endpoint: %w", err)
	}
	if len(body) > maxClaims {
		return nil, "", errTooLarge
	}
	var who struct{ Sub string }
	if status != http.StatusOK || json.Unmarshal(body, &who) != nil || !visible(who.Sub) {
		return nil, "", fmt.Errorf("user info endpoint: status %d: %w", status, errRefused)
	}
	return body, who.Sub, nil
}

// checkID checks what the provider says of the login. It came over a connection
// to the provider itself, so that its signature adds nothing (OpenID Connect
// Core, 3.1.3.7).
func checkID(l *route.Login, text, subject string, now time.Time) error {
	t, ok := parseToken(text)
	if !ok {
		return fmt.Errorf("id token: malformed: %w", errRefused)
	}
	var audience []string
	switch v := t.claims["aud"].(type) {
	case string:
		audience = []string{v}
	case []any:
		audience, _ = valuesOf(v, "string-array")
	}
	exp, ok := moment(t.claims["exp"])
	if t.claims["iss"] != l.Issuer || !slices.Contains(audience, l.ClientID) || !ok || !now.Before(exp) || t.claims["sub"] != subject {
		return fmt.Errorf("id token: for somebody else: %w", errRefused)
	}
	return nil
}
