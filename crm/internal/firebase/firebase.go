// Package firebase verifies the ID tokens of Firebase Authentication.
//
// It is the part of Google's Admin SDK that the server needs, without the
// rest: RS256 signatures by certificates that are fetched and kept as long as
// their answer allows, and the claims that make a token one of this project's.
package firebase

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// skew is how far other clocks may be off.
const skew = time.Minute

// longest is how long a token can be at most; Google's have about 1,200 bytes.
const longest = 16 << 10

// A Proof is who a token says its bearer is.
type Proof struct {
	UID           string
	Email         string
	EmailVerified bool
	Name          string
	Authenticated time.Time // when the bearer showed a password or the like
	DemoRole      string    // a custom claim of the stand-in's demo accounts
}

// A Refusal is why a token is worth nothing; the bearer may be told.
type Refusal string

// Error says why.
func (r Refusal) Error() string { return "the ID token " + string(r) }

// A Verifier knows one project's tokens.
type Verifier struct {
	Project      string
	Certificates *Certificates
	Now          func() time.Time
}

type claims struct {
	Issuer        string `json:"iss"`
	Audience      string `json:"aud"`
	Subject       string `json:"sub"`
	Expires       int64  `json:"exp"`
	IssuedAt      int64  `json:"iat"`
	AuthTime      int64  `json:"auth_time"`
	Email         string `json:"email"`
	EmailVerified bool   `json:"email_verified"`
	Name          string `json:"name"`
	DemoRole      string `json:"apexDemoRole"`
}

// Verify returns a token's proof, or a Refusal, or why it cannot be judged now.
func (v Verifier) Verify(ctx context.Context, token string) (Proof, error) {
	c, err := v.read(ctx, token)
	if err != nil {
		return Proof{}, err
	}
	if err := v.judge(c); err != nil {
		return Proof{}, err
	}
	return Proof{c.Subject, c.Email, c.EmailVerified, c.Name, time.Unix(c.AuthTime, 0), c.DemoRole}, nil
}

// read checks the signature before anything of the body is looked at.
func (v Verifier) read(ctx context.Context, token string) (c claims, err error) {
	header, rest, ok := strings.Cut(token, ".")
	body, signature, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || len(token) > longest {
		return c, Refusal("is not a JSON Web Token")
	}
	var h struct {
		Algorithm string `json:"alg"`
		KeyID     string `json:"kid"`
	}
	if !part(header, &h) {
		return c, Refusal("has no readable header")
	}
	if h.Algorithm != "RS256" {
		return c, Refusal("is not signed with RS256")
	}
	if h.KeyID == "" {
		return c, Refusal("names no key")
	}
	key, ok, err := v.Certificates.Key(ctx, h.KeyID)
	if err != nil {
		return c, err
	}
	if !ok {
		return c, Refusal("is signed with a key that is not Google's")
	}
	proof, err := base64.RawURLEncoding.DecodeString(signature)
	sum := sha256.Sum256([]byte(header + "." + body))
	if err != nil || rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], proof) != nil {
		return c, Refusal("has a signature that does not hold")
	}
	if !part(body, &c) {
		return c, Refusal("has no readable body")
	}
	return c, nil
}

func part(text string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && json.Unmarshal(raw, into) == nil
}

func (v Verifier) judge(c claims) error {
	now := v.Now()
	early, late := now.Add(-skew).Unix(), now.Add(skew).Unix()
	switch {
	case c.Audience != v.Project:
		return Refusal("is for another project")
	case c.Issuer != "https://securetoken.google.com/"+v.Project:
		return Refusal("is of another issuer")
	case c.Subject == "" || len(c.Subject) > 128:
		return Refusal("names nobody")
	case c.Expires <= early:
		return Refusal("has expired")
	case c.IssuedAt > late || c.IssuedAt == 0:
		return Refusal("is from the future")
	case c.AuthTime > late || c.AuthTime == 0:
		return Refusal("says that its bearer signed in in the future")
	}
	return nil
}
