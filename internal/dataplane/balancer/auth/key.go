package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
)

// A keySet is an issuer's public keys by their id.
type keySet map[string]crypto.PublicKey

// A webKey is one key of a JSON web key set (RFC 7517).
type webKey struct {
	Kid, Kty, Use, Crv string
	N, E, X, Y         string
}

// parseKeys reads a JSON web key set. Keys of other kinds than RSA and P-256, or
// for other use than signatures, are left out.
func parseKeys(text []byte) (keySet, error) {
	var set struct{ Keys []webKey }
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("key set: %w", err)
	}
	keys := keySet{}
	for _, k := range set.Keys {
		if k.Use != "" && k.Use != "sig" {
			continue
		}
		if key := k.public(); key != nil {
			keys[k.Kid] = key
		}
	}
	return keys, nil
}

func (k webKey) public() crypto.PublicKey {
	switch {
	case k.Kty == "RSA":
		n, e := number(k.N), number(k.E)
		if n == nil || e == nil || n.BitLen() < 2048 || !e.IsInt64() || e.Int64() < 3 || e.Int64() > 1<<31-1 {
			return nil
		}
		return &rsa.PublicKey{N: n, E: int(e.Int64())}
	case k.Kty == "EC" && k.Crv == "P-256":
		x, err := base64.RawURLEncoding.DecodeString(k.X)
		y, err2 := base64.RawURLEncoding.DecodeString(k.Y)
		if err != nil || err2 != nil || len(x) != 32 || len(y) != 32 {
			return nil
		}
		point := append(append([]byte{4}, x...), y...)
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		if err != nil {
			return nil
		}
		return key
	}
	return nil
}

func number(text string) *big.Int {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) == 0 {
		return nil
	}
	return new(big.Int).SetBytes(b)
}

// find returns the key of an id; without one, the only key there is.
func (s keySet) find(id string) (crypto.PublicKey, bool) {
	if id == "" && len(s) == 1 {
		for _, key := range s {
			return key, true
		}
	}
	key, ok := s[id]
	return key, ok
}
