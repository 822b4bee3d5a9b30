package sts_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsiam "github.com/aws/aws-sdk-go-v2/service/iam"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"

	"apex/internal/service/servicetest"
)

// An issuer is an OpenID Connect provider on loopback with a certificate of its
// own making.
type issuer struct {
	*httptest.Server
	key *rsa.PrivateKey
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	i := &issuer{key: key}
	i.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := any(map[string]string{"issuer": i.URL, "jwks_uri": i.URL + "/keys"})
		if r.URL.Path == "/keys" {
			answer = map[string]any{"keys": []map[string]string{{
				"kty": "RSA", "kid": "one", "alg": "RS256", "use": "sig",
				"n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
				"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes()),
			}}}
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	i.Config.ErrorLog = log.New(io.Discard, "", 0)
	i.StartTLS()
	t.Cleanup(i.Close)
	return i
}

func (i *issuer) thumbprint() string {
	sum := sha1.Sum(i.Certificate().Raw)
	return hex.EncodeToString(sum[:])
}

// token signs claims with a key.
func (i *issuer) token(t *testing.T, key *rsa.PrivateKey, claims map[string]any) string {
	t.Helper()
	part := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	signed := part(map[string]string{"alg": "RS256", "kid": "one"}) + "." + part(claims)
	sum := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestWebIdentity(t *testing.T) {
	w, i := open(t), newIssuer(t)
	host := strings.TrimPrefix(i.URL, "https://")
	provide := func(thumbprint string) {
		client := awsiam.NewFromConfig(w.admin)
		_, _ = client.DeleteOpenIDConnectProvider(t.Context(), &awsiam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: aws.String("arn:aws:iam::000000000000:oidc-provider/" + host)})
		if _, err := client.CreateOpenIDConnectProvider(t.Context(), &awsiam.CreateOpenIDConnectProviderInput{
			Url: &i.URL, ClientIDList: []string{"sts.amazonaws.com"}, ThumbprintList: []string{thumbprint},
		}); err != nil {
			t.Fatal(err)
		}
	}
	provide(i.thumbprint())
	role := w.role("builder", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::000000000000:oidc-provider/`+host+`"},"Action":"sts:AssumeRoleWithWebIdentity",
		"Condition":{"StringEquals":{"`+host+`:aud":"sts.amazonaws.com"},"StringLike":{"`+host+`:sub":"repo:apex/*:ref:refs/heads/main"}}}}`, allows("iam:ListRoles"))
	closed := w.role("closed", trustAccount, mayAll)
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	claims := func(changes ...any) map[string]any {
		c := map[string]any{"iss": i.URL, "aud": "sts.amazonaws.com", "sub": "repo:apex/crm:ref:refs/heads/main", "exp": w.env.Now().Add(time.Hour).Unix()}
		for n := 0; n < len(changes); n += 2 {
			c[changes[n].(string)] = changes[n+1]
		}
		return c
	}
	enter := func(role, token string) (*awssts.AssumeRoleWithWebIdentityOutput, error) {
		return awssts.NewFromConfig(w.config("", "", "")).AssumeRoleWithWebIdentity(t.Context(), &awssts.AssumeRoleWithWebIdentityInput{
			RoleArn: &role, RoleSessionName: aws.String("ci"), WebIdentityToken: &token,
		})
	}
	for name, tt := range map[string]struct{ role, token, code string }{
		"another branch":       {role, i.token(t, i.key, claims("sub", "repo:apex/crm:ref:refs/heads/other")), "AccessDenied"},
		"another audience":     {role, i.token(t, i.key, claims("aud", "others")), "InvalidIdentityToken"},
		"expired":              {role, i.token(t, i.key, claims("exp", w.env.Now().Add(-time.Second).Unix())), "ExpiredTokenException"},
		"not yet valid":        {role, i.token(t, i.key, claims("nbf", w.env.Now().Add(time.Hour).Unix())), "InvalidIdentityToken"},
		"no expiry":            {role, i.token(t, i.key, claims("exp", nil)), "InvalidIdentityToken"},
		"signed by a stranger": {role, i.token(t, stranger, claims()), "InvalidIdentityToken"},
		"another issuer":       {role, i.token(t, i.key, claims("iss", "https://elsewhere.example")), "InvalidIdentityToken"},
		"no token":             {role, "nonsense", "InvalidIdentityToken"},
		"a role that does not": {closed, i.token(t, i.key, claims()), "AccessDenied"},
		"no such role":         {role + "x", i.token(t, i.key, claims()), "AccessDenied"},
	} {
		if _, err := enter(tt.role, tt.token); servicetest.Code(err) != tt.code {
			t.Errorf("%s: %v, want %s", name, err, tt.code)
		}
	}
	out, err := enter(role, i.token(t, i.key, claims()))
	if err != nil {
		t.Fatal(err)
	}
	session := w.with(out.Credentials)
	if got := w.whoIs(session); got != "arn:aws:sts::000000000000:assumed-role/builder/ci" || *out.SubjectFromWebIdentityToken != "repo:apex/crm:ref:refs/heads/main" {
		t.Errorf("the session is %s, of %+v", got, out)
	}
	if got := w.may(session); got != "roles" {
		t.Errorf("the session may list %q", got)
	}
	provide(strings.Repeat("0", 40))
	if _, err := enter(role, i.token(t, i.key, claims())); servicetest.Code(err) != "InvalidIdentityToken" {
		t.Errorf("a provider whose certificate has another thumbprint: %v", err)
	}
}
