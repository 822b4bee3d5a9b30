package registry

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// A Digest names content by its hash: "sha256:" and 64 lower-case hex digits.
// It is the only algorithm that the registry keeps.
type Digest string

const algorithm = "sha256:"

// DigestOf returns the digest of b.
func DigestOf(b []byte) Digest {
	sum := sha256.Sum256(b)
	return Digest(algorithm + hex.EncodeToString(sum[:]))
}

// ParseDigest checks the form of a digest from outside.
func ParseDigest(s string) (Digest, error) {
	digits, ok := strings.CutPrefix(s, algorithm)
	sum, err := hex.DecodeString(digits)
	if !ok || err != nil || len(sum) != sha256.Size || digits != strings.ToLower(digits) {
		return "", ErrDigestInvalid.because("%q: not sha256 and 64 hex digits", s)
	}
	return Digest(s), nil
}

// Hex returns the digits without the algorithm.
func (d Digest) Hex() string { return strings.TrimPrefix(string(d), algorithm) }
