package material

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha1" // of RSAES_OAEP_SHA_1
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"errors"
	"fmt"
	"hash"
	"strings"
)

const (
	ed25519Raw    = "ED25519_SHA_512"
	ed25519Digest = "ED25519_PH_SHA_512"
)

// ErrInput says that a message, digest or public key has not the form that the
// algorithm asks for.
var ErrInput = errors.New("input does not fit the algorithm")

func parse(private []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return nil, err
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("private key of type %T: %w", key, ErrUnsupported)
	}
	return signer, nil
}

// EncryptRSA encrypts with the public half of an RSA key.
func EncryptRSA(private []byte, algorithm string, plaintext []byte) ([]byte, error) {
	key, h, err := rsaOf(private, algorithm)
	if err != nil {
		return nil, err
	}
	out, err := rsa.EncryptOAEP(h.New(), rand.Reader, &key.PublicKey, plaintext, nil)
	if errors.Is(err, rsa.ErrMessageTooLong) {
		return nil, ErrInput
	}
	return out, err
}

// DecryptRSA undoes EncryptRSA, or returns ErrCiphertext.
func DecryptRSA(private []byte, algorithm string, ciphertext []byte) ([]byte, error) {
	key, h, err := rsaOf(private, algorithm)
	if err != nil {
		return nil, err
	}
	out, err := rsa.DecryptOAEP(h.New(), nil, key, ciphertext, nil)
	if err != nil {
		return nil, ErrCiphertext
	}
	return out, nil
}

func rsaOf(private []byte, algorithm string) (*rsa.PrivateKey, crypto.Hash, error) {
	signer, err := parse(private)
	if err != nil {
		return nil, 0, err
	}
	key, ok := signer.(*rsa.PrivateKey)
	switch {
	case ok && algorithm == "RSAES_OAEP_SHA_1":
		return key, crypto.SHA1, nil
	case ok && algorithm == "RSAES_OAEP_SHA_256":
		return key, crypto.SHA256, nil
	}
	return nil, 0, ErrUnsupported
}

// hashOf returns the hash that an algorithm's name ends in.
func hashOf(algorithm string) crypto.Hash {
	switch {
	case strings.HasSuffix(algorithm, "SHA_224"):
		return crypto.SHA224
	case strings.HasSuffix(algorithm, "SHA_256"):
		return crypto.SHA256
	case strings.HasSuffix(algorithm, "SHA_384"):
		return crypto.SHA384
	}
	return crypto.SHA512
}

// digestOf returns what is signed: the message's hash, or the digest as given.
func digestOf(algorithm string, message []byte, digest bool) ([]byte, error) {
	h := hashOf(algorithm)
	switch {
	case algorithm == ed25519Raw && digest, algorithm == ed25519Digest && !digest:
		return nil, ErrInput
	case algorithm == ed25519Raw:
		return message, nil
	case digest && len(message) != h.Size():
		return nil, ErrInput
	case digest:
		return message, nil
	}
	hasher := h.New()
	hasher.Write(message)
	return hasher.Sum(nil), nil
}

// Sign signs a message, or its digest.
func Sign(private []byte, algorithm string, message []byte, digest bool) ([]byte, error) {
	key, err := parse(private)
	if err != nil {
		return nil, err
	}
	sum, err := digestOf(algorithm, message, digest)
	if err != nil {
		return nil, err
	}
	return key.Sign(rand.Reader, sum, optionsOf(algorithm))
}

func optionsOf(algorithm string) crypto.SignerOpts {
	switch {
	case algorithm == ed25519Raw:
		return crypto.Hash(0)
	case strings.HasPrefix(algorithm, "RSASSA_PSS"):
		return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: hashOf(algorithm)}
	}
	return hashOf(algorithm)
}

// Verify reports whether a signature is that of a message, or of its digest.
func Verify(private []byte, algorithm string, message []byte, digest bool, signature []byte) (bool, error) {
	key, err := parse(private)
	if err != nil {
		return false, err
	}
	sum, err := digestOf(algorithm, message, digest)
	if err != nil {
		return false, err
	}
	switch public := key.Public().(type) {
	case *rsa.PublicKey:
		if options, ok := optionsOf(algorithm).(*rsa.PSSOptions); ok {
			return rsa.VerifyPSS(public, options.Hash, sum, signature, options) == nil, nil
		}
		return rsa.VerifyPKCS1v15(public, hashOf(algorithm), sum, signature) == nil, nil
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(public, sum, signature), nil
	case ed25519.PublicKey:
		return ed25519.VerifyWithOptions(public, sum, signature, &ed25519.Options{Hash: optionsOf(algorithm).HashFunc()}) == nil, nil
	}
	return false, ErrUnsupported
}

// Agree returns the secret that a private key shares with the owner of another
// key, whose public half is given in DER (ECDH: the x coordinate).
func Agree(private, public []byte) ([]byte, error) {
	signer, err := parse(private)
	if err != nil {
		return nil, err
	}
	own, ok := signer.(*ecdsa.PrivateKey)
	if !ok {
		return nil, ErrUnsupported
	}
	parsed, err := x509.ParsePKIXPublicKey(public)
	other, ok := parsed.(*ecdsa.PublicKey)
	if err != nil || !ok || other.Curve != own.Curve {
		return nil, ErrInput
	}
	mine, err := own.ECDH()
	if err != nil {
		return nil, err
	}
	theirs, err := other.ECDH()
	if err != nil {
		return nil, ErrInput
	}
	return mine.ECDH(theirs)
}

// MAC returns a message's authentication code.
func MAC(key []byte, algorithm string, message []byte) []byte {
	hashes := map[string]func() hash.Hash{
		"HMAC_SHA_224": sha256.New224, "HMAC_SHA_256": sha256.New, "HMAC_SHA_384": sha512.New384, "HMAC_SHA_512": sha512.New,
	}
	m := hmac.New(hashes[algorithm], key)
	m.Write(message)
	return m.Sum(nil)
}

// SameMAC compares two authentication codes in constant time.
func SameMAC(a, b []byte) bool { return hmac.Equal(a, b) }
