package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"slices"
	"strings"
	"time"

	"apex/internal/dataplane/balancer/route"
)

// A Fault says in AWS's words why a request is refused, for its record, and with
// which status.
type Fault struct {
	Status int
	Word   string
}

var (
	noHeader     = &Fault{401, "JWTHeaderNotPresent"}
	badFormat    = &Fault{401, "JWTRequestFormatInvalid"}
	badSignature = &Fault{401, "JWTSignatureValidationFailed"}
	noClaim      = &Fault{401, "JWTClaimNotPresent"}
	badClaim     = &Fault{401, "JWTClaimValueInvalid"}
	noKeys       = &Fault{500, "JWKSRequestFailed"}
)

// A webToken is a token taken apart; nothing in it is true before it is verified.
type webToken struct {
	alg, kid  string
	claims    map[string]any
	signed    string
	signature []byte
}

func parseToken(text string) (t webToken, ok bool) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return t, false
	}
	var header struct{ Alg, Kid string }
	var err error
	if !decodePart(parts[0], &header) || !decodePart(parts[1], &t.claims) || t.claims == nil {
		return t, false
	}
	t.alg, t.kid, t.signed = header.Alg, header.Kid, parts[0]+"."+parts[1]
	t.signature, err = base64.RawURLEncoding.DecodeString(parts[2])
	return t, err == nil
}

func decodePart(text string, into any) bool {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	return err == nil && json.Unmarshal(raw, into) == nil
}

// verified reports whether the key made the signature, by the algorithm that
// belongs to it.
func (t *webToken) verified(key crypto.PublicKey) bool {
	sum := sha256.Sum256([]byte(t.signed))
	switch k := key.(type) {
	case *rsa.PublicKey:
		return t.alg == "RS256" && rsa.VerifyPKCS1v15(k, crypto.SHA256, sum[:], t.signature) == nil
	case *ecdsa.PublicKey:
		if t.alg != "ES256" || len(t.signature) != 64 {
			return false
		}
		r, s := new(big.Int).SetBytes(t.signature[:32]), new(big.Int).SetBytes(t.signature[32:])
		return ecdsa.Verify(k, sum[:], r, s)
	}
	return false
}

// check says what a verified token lacks; nil if nothing.
func (t *webToken) check(rule *route.Token, now time.Time) *Fault {
	if t.claims["iss"] != rule.Issuer {
		return badClaim
	}
	exp, ok := moment(t.claims["exp"])
	switch {
	case !ok:
		return noClaim
	case !now.Before(exp):
		return badClaim
	}
	for _, name := range []string{"nbf", "iat"} {
		if _, given := t.claims[name]; !given {
			continue
		}
		if from, ok := moment(t.claims[name]); !ok || now.Before(from) {
			return badClaim
		}
	}
	for _, c := range rule.Claims {
		if fault := t.has(c); fault != nil {
			return fault
		}
	}
	return nil
}

func moment(claim any) (time.Time, bool) {
	seconds, ok := claim.(float64)
	return time.Unix(int64(seconds), 0), ok
}

// has checks one more claim: every value that is asked for must be there.
func (t *webToken) has(c route.Claim) *Fault {
	claim, ok := t.claims[c.Name]
	if !ok {
		return noClaim
	}
	values, ok := valuesOf(claim, c.Format)
	if !ok {
		return badClaim
	}
	for _, v := range c.Values {
		if !slices.Contains(values, v) {
			return badClaim
		}
	}
	return nil
}

func valuesOf(claim any, format string) (values []string, ok bool) {
	switch v := claim.(type) {
	case string:
		switch format {
		case "single-string":
			return []string{v}, true
		case "space-separated-values":
			return strings.Fields(v), true
		}
	case []any:
		for _, each := range v {
			if s, isText := each.(string); isText {
				values = append(values, s)
			}
		}
		return values, format == "string-array"
	}
	return nil, false
}
