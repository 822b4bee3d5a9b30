package auth

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// What may be wrong with a token that is checked outside a balancer.
var (
	ErrMalformed = errors.New("token: malformed")
	ErrKeys      = errors.New("token: its issuer's keys could not be fetched")
	ErrSignature = errors.New("token: signature is not of its issuer")
)

// NewKeysOver is NewKeys with a client of the caller's, which may trust others
// than the machine does.
func NewKeysOver(transport http.RoundTripper) *Keys {
	k := NewKeys()
	k.client.Transport = transport
	return k
}

// Claims are what a token says.
type Claims map[string]any

// Unverified reads a token's claims; none of them is true before Verify said so.
func Unverified(text string) (Claims, error) {
	t, ok := parseToken(text)
	if !ok {
		return nil, ErrMalformed
	}
	return t.claims, nil
}

// Verify looks whether a token was signed by the issuer at an address, whose keys
// it finds as OpenID Connect Discovery says.
func (k *Keys) Verify(ctx context.Context, issuer, text string, now time.Time) error {
	t, ok := parseToken(text)
	if !ok {
		return ErrMalformed
	}
	address, err := k.discover(ctx, issuer)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKeys, err)
	}
	key, err := k.find(ctx, address, t.kid, now)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrKeys, err)
	case key == nil || !t.verified(key):
		return ErrSignature
	}
	return nil
}

// discover returns where an issuer keeps its keys.
func (k *Keys) discover(ctx context.Context, issuer string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", nil)
	if err != nil {
		return "", fmt.Errorf("discovery: %w", err)
	}
	body, status, err := ask(k.client, req, maxKeysSize)
	if err != nil {
		return "", fmt.Errorf("discovery: %w", err)
	}
	var found struct {
		Address string `json:"jwks_uri"`
	}
	if status != http.StatusOK || json.Unmarshal(body, &found) != nil || !strings.HasPrefix(found.Address, "http") {
		return "", fmt.Errorf("discovery: status %d, or no jwks_uri", status)
	}
	return found.Address, nil
}

// Text returns a claim that is a string.
func (c Claims) Text(name string) string {
	text, _ := c[name].(string)
	return text
}

// Texts returns a claim that is a string or a list of them.
func (c Claims) Texts(name string) []string {
	if text := c.Text(name); text != "" {
		return []string{text}
	}
	list, _ := valuesOf(c[name], "string-array")
	return slices.Clone(list)
}

// Moment returns a claim that is a time.
func (c Claims) Moment(name string) (time.Time, bool) { return moment(c[name]) }
