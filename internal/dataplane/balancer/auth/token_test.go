package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"apex/internal/dataplane/balancer/route"
)

var now = time.Unix(1_800_000_000, 0)

// An issuer signs tokens and serves its keys.
type issuer struct {
	t      *testing.T
	rsa    *rsa.PrivateKey
	ec     *ecdsa.PrivateKey
	keys   []map[string]string
	asked  atomic.Int64
	server *httptest.Server
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{t: t}
	var err error
	if i.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if i.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	point, err := i.ec.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	i.keys = []map[string]string{
		{"kid": "r", "kty": "RSA", "use": "sig", "n": b64(i.rsa.N.Bytes()), "e": b64(big.NewInt(int64(i.rsa.E)).Bytes())},
		{"kid": "e", "kty": "EC", "crv": "P-256", "x": b64(point[1:33]), "y": b64(point[33:])},
		{"kid": "other", "kty": "OKP", "crv": "Ed25519", "x": "AA"},
	}
	i.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		i.asked.Add(1)
		json.NewEncoder(w).Encode(map[string]any{"keys": i.keys})
	}))
	t.Cleanup(i.server.Close)
	return i
}

func (i *issuer) token(alg, kid string, claims map[string]any) string {
	i.t.Helper()
	head, _ := json.Marshal(map[string]string{"alg": alg, "kid": kid})
	body, _ := json.Marshal(claims)
	text := b64(head) + "." + b64(body)
	sum := sha256.Sum256([]byte(text))
	var signature []byte
	switch alg {
	case "RS256":
		signature, _ = rsa.SignPKCS1v15(rand.Reader, i.rsa, crypto.SHA256, sum[:])
	case "ES256":
		r, s, err := ecdsa.Sign(rand.Reader, i.ec, sum[:])
		if err != nil {
			i.t.Fatal(err)
		}
		signature = make([]byte, 64)
		r.FillBytes(signature[:32])
		s.FillBytes(signature[32:])
	}
	return text + "." + b64(signature)
}

func (i *issuer) rule(claims ...route.Claim) *route.Token {
	return &route.Token{Issuer: "https://issuer.example", Keys: i.server.URL, Claims: claims}
}

func good(more ...any) map[string]any {
	c := map[string]any{"iss": "https://issuer.example", "exp": now.Unix() + 60, "sub": "u1"}
	for k := 0; k < len(more); k += 2 {
		if more[k+1] == nil {
			delete(c, more[k].(string))
		} else {
			c[more[k].(string)] = more[k+1]
		}
	}
	return c
}

func TestCheck(t *testing.T) {
	i := newIssuer(t)
	k := NewKeys()
	scope := route.Claim{Name: "scope", Format: "space-separated-values", Values: []string{"read", "write"}}
	roles := route.Claim{Name: "roles", Format: "string-array", Values: []string{"admin"}}
	tenant := route.Claim{Name: "tenant", Format: "single-string", Values: []string{"a b"}}
	for name, tt := range map[string]struct {
		header string
		rule   *route.Token
		want   string
	}{
		"RS256":             {"Bearer " + i.token("RS256", "r", good()), i.rule(), ""},
		"ES256":             {"bearer " + i.token("ES256", "e", good()), i.rule(), ""},
		"none":              {"", i.rule(), "JWTHeaderNotPresent"},
		"basic":             {"Basic abc", i.rule(), "JWTHeaderNotPresent"},
		"two parts":         {"Bearer a.b", i.rule(), "JWTRequestFormatInvalid"},
		"no JSON":           {"Bearer YQ.YQ.YQ", i.rule(), "JWTRequestFormatInvalid"},
		"unsigned":          {"Bearer " + i.token("none", "r", good()), i.rule(), "JWTSignatureValidationFailed"},
		"key of other kind": {"Bearer " + i.token("RS256", "e", good()), i.rule(), "JWTSignatureValidationFailed"},
		"unknown key":       {"Bearer " + i.token("RS256", "x", good()), i.rule(), "JWTSignatureValidationFailed"},
		"changed":           {"Bearer " + i.token("RS256", "r", good()) + "AA", i.rule(), "JWTSignatureValidationFailed"},
		"expired":           {"Bearer " + i.token("RS256", "r", good("exp", now.Unix())), i.rule(), "JWTClaimValueInvalid"},
		"endless":           {"Bearer " + i.token("RS256", "r", good("exp", nil)), i.rule(), "JWTClaimNotPresent"},
		"not yet":           {"Bearer " + i.token("RS256", "r", good("nbf", now.Unix()+1)), i.rule(), "JWTClaimValueInvalid"},
		"nbf of text":       {"Bearer " + i.token("RS256", "r", good("nbf", "now")), i.rule(), "JWTClaimValueInvalid"},
		"of another":        {"Bearer " + i.token("RS256", "r", good("iss", "https://other")), i.rule(), "JWTClaimValueInvalid"},
		"scope":             {"Bearer " + i.token("RS256", "r", good("scope", "write x read")), i.rule(scope), ""},
		"half a scope":      {"Bearer " + i.token("RS256", "r", good("scope", "write readonly")), i.rule(scope), "JWTClaimValueInvalid"},
		"no scope":          {"Bearer " + i.token("RS256", "r", good()), i.rule(scope), "JWTClaimNotPresent"},
		"roles":             {"Bearer " + i.token("RS256", "r", good("roles", []string{"dev", "admin"})), i.rule(roles), ""},
		"roles in one":      {"Bearer " + i.token("RS256", "r", good("roles", "admin")), i.rule(roles), "JWTClaimValueInvalid"},
		"tenant":            {"Bearer " + i.token("RS256", "r", good("tenant", "a b")), i.rule(tenant), ""},
		"tenant of array":   {"Bearer " + i.token("RS256", "r", good("tenant", []string{"a b"})), i.rule(tenant), "JWTClaimValueInvalid"},
	} {
		got := ""
		if fault := k.Check(t.Context(), tt.header, tt.rule, now); fault != nil {
			got = fault.Word
			if fault.Status != 401 {
				t.Errorf("%s: status %d", name, fault.Status)
			}
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	if n := i.asked.Load(); n != 1 {
		t.Errorf("the keys were fetched %d times", n)
	}
}

// Keys are fetched again for a new one, though not at every request, and old ones
// serve on while the issuer is away.
func TestKeysTurn(t *testing.T) {
	i := newIssuer(t)
	k := NewKeys()
	check := func(kid string, at time.Time) *Fault {
		return k.Check(t.Context(), "Bearer "+i.token("RS256", kid, good("exp", at.Unix()+60)), i.rule(), at)
	}
	if fault := check("r", now); fault != nil {
		t.Fatal(fault.Word)
	}
	i.keys[0]["kid"] = "new"
	if check("new", now.Add(time.Second)) == nil || i.asked.Load() != 1 {
		t.Error("a strange key makes the balancer ask at once, again and again")
	}
	if fault := check("new", now.Add(10*time.Second)); fault != nil || i.asked.Load() != 2 {
		t.Errorf("a new key was not found: %v", fault)
	}
	i.server.Close()
	if fault := check("new", now.Add(time.Hour)); fault != nil {
		t.Errorf("the issuer is away: %s", fault.Word)
	}
	lost := &route.Token{Issuer: "https://issuer.example", Keys: i.server.URL + "/elsewhere"}
	if fault := k.Check(t.Context(), "Bearer "+i.token("RS256", "r", good()), lost, now); fault == nil || fault.Status != 500 {
		t.Errorf("no keys at all: %+v", fault)
	}
}

func TestParseKeysLeavesOutWhatIsNone(t *testing.T) {
	keys, err := parseKeys([]byte(`{"keys":[{"kid":"enc","kty":"RSA","use":"enc","n":"AQAB","e":"AQAB"},
		{"kid":"short","kty":"RSA","n":"AQAB","e":"AQAB"},{"kid":"off","kty":"EC","crv":"P-256","x":"AA","y":"AA"}]}`))
	if err != nil || len(keys) != 0 {
		t.Errorf("%v %v", keys, err)
	}
	if _, err := parseKeys([]byte("<html>")); err == nil {
		t.Error("a page was taken for keys")
	}
}
