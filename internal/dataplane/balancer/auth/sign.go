package auth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"time"
)

// A signer makes the tokens that tell targets who the user is: ES256, with a key
// that follows from the balancer's.
type signer struct {
	key *ecdsa.PrivateKey
	kid string
}

// newSigner returns the signer whose key follows from the secret.
func newSigner(secret [32]byte) (*signer, error) {
	key, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), secret[:])
	for err != nil { // one of 2^32 secrets is no key
		secret = sha256.Sum256(secret[:])
		key, err = ecdsa.ParseRawPrivateKey(elliptic.P256(), secret[:])
	}
	public, err := key.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(public)
	return &signer{key: key, kid: hex.EncodeToString(sum[:16])}, nil
}

// publicPEM is the key that targets check tokens with.
func (s *signer) publicPEM() []byte {
	der, err := x509.MarshalPKIXPublicKey(&s.key.PublicKey)
	if err != nil {
		return nil // not with a key of this curve
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// sign returns the claims as a token. Its parts are padded: AWS's are, though no
// other's.
func (s *signer) sign(header map[string]any, claims map[string]any, until time.Time) (string, error) {
	header["typ"], header["alg"], header["kid"], header["exp"] = "JWT", "ES256", s.kid, until.Unix()
	head, err := json.Marshal(header)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(claims)
	if err != nil {
		return "", err
	}
	text := base64.URLEncoding.EncodeToString(head) + "." + base64.URLEncoding.EncodeToString(body)
	sum := sha256.Sum256([]byte(text))
	r, ss, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	ss.FillBytes(signature[32:])
	return text + "." + base64.URLEncoding.EncodeToString(signature), nil
}
