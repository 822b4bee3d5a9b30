package identity

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// claims are those of Firebase's ID tokens.
type claims struct {
	Issuer        string `json:"iss"`
	Audience      string `json:"aud"`
	AuthTime      int64  `json:"auth_time"`
	UserID        string `json:"user_id"`
	Subject       string `json:"sub"`
	IssuedAt      int64  `json:"iat"`
	Expires       int64  `json:"exp"`
	Name          string `json:"name,omitempty"`
	Email         string `json:"email"`
	EmailVerified bool   `json:"email_verified"`
	DemoRole      string `json:"apexDemoRole,omitempty"` // a custom claim, of the demo accounts
	Firebase      struct {
		Identities map[string][]string `json:"identities"`
		Provider   string              `json:"sign_in_provider"`
	} `json:"firebase"`
}

func (s *Service) claimsOf(a Account, authenticated time.Time) claims {
	now := s.now()
	c := claims{
		Issuer: "https://securetoken.google.com/" + s.project, Audience: s.project,
		AuthTime: authenticated.Unix(), UserID: a.ID, Subject: a.ID, IssuedAt: now.Unix(), Expires: now.Add(tokenLasts).Unix(),
		Name: a.Name, Email: a.Email, EmailVerified: a.Verified, DemoRole: a.DemoRole,
	}
	c.Firebase.Provider = a.Provider
	c.Firebase.Identities = map[string][]string{"email": {a.Email}}
	if a.Google != "" {
		c.Firebase.Identities[google] = []string{a.Google}
	}
	return c
}

// Token signs an ID token for the account with this address, as a sign-in
// does; tests use it.
func (s *Service) Token(ctx context.Context, email string) (string, error) {
	a, ok, err := s.byEmail(ctx, email)
	if err == nil && !ok {
		err = badCredentials
	}
	if err != nil {
		return "", err
	}
	return s.sign(ctx, s.claimsOf(a, s.now()))
}

// Sign signs whatever claims are given with the key of the moment; tests of
// what verifies tokens use it.
func (s *Service) Sign(ctx context.Context, claims map[string]any) (string, error) {
	return s.sign(ctx, claims)
}

func (s *Service) sign(ctx context.Context, c any) (string, error) {
	k, err := s.ring.signer(ctx)
	if err != nil {
		return "", err
	}
	header, _ := json.Marshal(map[string]string{"alg": "RS256", "kid": k.id, "typ": "JWT"}) // plain data
	body, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	signed := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, k.private, crypto.SHA256, sum[:])
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature), err
}

// verify reads a token that the stand-in signed itself.
func (s *Service) verify(ctx context.Context, token string) (claims, error) {
	var c claims
	signed, signature, ok := cutLast(token, ".")
	header, body, ok2 := strings.Cut(signed, ".")
	raw, err := base64.RawURLEncoding.DecodeString(header)
	var h struct{ Alg, Kid string }
	if !ok || !ok2 || err != nil || json.Unmarshal(raw, &h) != nil || h.Alg != "RS256" {
		return c, badToken
	}
	keys, err := s.ring.all(ctx)
	if err != nil {
		return c, err
	}
	sum := sha256.Sum256([]byte(signed))
	proof, err := base64.RawURLEncoding.DecodeString(signature)
	for _, k := range keys {
		if k.id != h.Kid || err != nil || rsa.VerifyPKCS1v15(&k.private.PublicKey, crypto.SHA256, sum[:], proof) != nil {
			continue
		}
		raw, err := base64.RawURLEncoding.DecodeString(body)
		if err != nil || json.Unmarshal(raw, &c) != nil {
			return c, badToken
		}
		if s.now().Unix() >= c.Expires {
			return c, expiredToken
		}
		return c, nil
	}
	return c, badToken
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// A grant is what a refresh token or a code stands for.
type grant struct {
	User          string    `json:"user"`
	Kind          string    `json:"kind"`
	Authenticated time.Time `json:"authenticated"`
}

// issue keeps v under a fresh secret; the store knows only its sum.
func (s *Service) issue(ctx context.Context, kind string, v any, lasts time.Duration) (string, error) {
	fresh := secret()
	encoded, _ := json.Marshal(v) // plain data
	_, err := s.store.Add(ctx, kind, sum(fresh), encoded, s.now().Add(lasts))
	return fresh, err
}

func secret() string { return rand.Text() + rand.Text() }

// reveal is what was kept under a secret.
func reveal[T any](ctx context.Context, s *Service, kind, secret string) (v T, ok bool, err error) {
	encoded, ok, err := s.store.Get(ctx, kind, sum(secret))
	if err != nil || !ok {
		return v, false, err
	}
	return v, true, json.Unmarshal(encoded, &v)
}

func sum(secret string) string {
	h := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(h[:])
}

// refresh gives a new ID token for a refresh token.
func (s *Service) refresh(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	secret := r.PostFormValue("refresh_token")
	if r.PostFormValue("grant_type") != "refresh_token" {
		fail(w, badGrant)
		return
	}
	a, g, err := s.holder(r.Context(), kindRefresh, secret, badRefresh)
	if err == nil && g.Authenticated.Before(a.ValidSince) {
		err = expiredToken // the password has changed since
	}
	var token string
	if err == nil {
		token, err = s.sign(r.Context(), s.claimsOf(a, g.Authenticated))
	}
	if err != nil {
		fail(w, err)
		return
	}
	send(w, http.StatusOK, map[string]string{
		"access_token": token, "id_token": token, "refresh_token": secret, "expires_in": expiresIn,
		"token_type": "Bearer", "user_id": a.ID, "project_id": s.project,
	})
}

// holder is the account that a secret was given to.
func (s *Service) holder(ctx context.Context, kind, secret string, otherwise error) (Account, grant, error) {
	g, ok, err := reveal[grant](ctx, s, kind, secret)
	if err != nil || !ok {
		return Account{}, g, orElse(err, otherwise)
	}
	a, ok, err := s.account(ctx, g.User)
	if err != nil || !ok {
		return Account{}, g, orElse(err, otherwise)
	}
	return a, g, nil
}

func orElse(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}
