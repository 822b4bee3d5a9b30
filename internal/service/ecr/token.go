package ecr

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"apex/internal/api"
	"apex/internal/arn"
	"apex/internal/dataplane/registry"
	"apex/internal/seal"
)

const (
	// tokenUser is the user name of every token.
	tokenUser = "AWS"
	// tokenLifetime is how long a token lets in (source: AWS's documentation of
	// GetAuthorizationToken).
	tokenLifetime = 12 * time.Hour
)

// A token says who asked for it. It is sealed and given to the client as the
// password; the region keeps no copy.
type token struct {
	Scope     arn.Scope
	Principal api.Principal
	Expires   time.Time
}

var tokenContext = []byte("ecr/token")

func (t token) seal(sealer *seal.Sealer) (string, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return "", fmt.Errorf("seal token: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealer.Seal(text, tokenContext)), nil
}

// openToken returns what a client's credentials say, or ErrUnauthorized.
func openToken(sealer *seal.Sealer, user, password string, now time.Time) (token, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(password)
	if err != nil || user != tokenUser {
		return token{}, registry.ErrUnauthorized
	}
	text, err := sealer.Open(sealed, tokenContext)
	if err != nil {
		return token{}, registry.ErrUnauthorized
	}
	var t token
	if err := json.Unmarshal(text, &t); err != nil || !now.Before(t.Expires) {
		return token{}, registry.ErrUnauthorized
	}
	return t, nil
}
