// Package material is the cryptography of KMS keys: it makes key material of
// each kind and encrypts, signs and authenticates with it. It knows no store, no
// clock and no wire; formats are those of AWS (DER for asymmetric keys and ECDSA
// signatures), but for ciphertexts under symmetric keys, whose form is ours: see
// blob.go.
package material

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"slices"
)

// What a key may be used for.
const (
	EncryptDecrypt    = "ENCRYPT_DECRYPT"
	SignVerify        = "SIGN_VERIFY"
	GenerateVerifyMAC = "GENERATE_VERIFY_MAC"
	KeyAgreement      = "KEY_AGREEMENT"
)

// Symmetric is the name of the only symmetric encryption spec, and of its
// algorithm.
const Symmetric = "SYMMETRIC_DEFAULT"

// ErrUnsupported says that a kind of key or an algorithm is not built.
var ErrUnsupported = errors.New("not supported")

// A Spec is a kind of key material (source: KMS API reference, CreateKey).
type Spec struct {
	Name   string
	Usages []string
	// The algorithms by use.
	Encryption, Signing, Agreement, MAC []string

	bytes    int // of symmetric and HMAC material
	generate func() (any, error)
}

// Asymmetric reports whether keys of the spec have a public half.
func (s *Spec) Asymmetric() bool { return s.generate != nil }

var (
	rsaEncryption = []string{"RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"}
	rsaSigning    = []string{
		"RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512",
		"RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512",
	}
)

var specs = []*Spec{
	{Name: Symmetric, Usages: []string{EncryptDecrypt}, Encryption: []string{Symmetric}, bytes: 32},
	rsaSpec("RSA_2048", 2048), rsaSpec("RSA_3072", 3072), rsaSpec("RSA_4096", 4096),
	ecSpec("ECC_NIST_P256", elliptic.P256(), "ECDSA_SHA_256"),
	ecSpec("ECC_NIST_P384", elliptic.P384(), "ECDSA_SHA_384"),
	ecSpec("ECC_NIST_P521", elliptic.P521(), "ECDSA_SHA_512"),
	{
		Name: "ECC_NIST_EDWARDS25519", Usages: []string{SignVerify}, Signing: []string{ed25519Raw, ed25519Digest},
		generate: func() (any, error) {
			_, key, err := ed25519.GenerateKey(rand.Reader)
			return key, err
		},
	},
	macSpec("HMAC_224", "HMAC_SHA_224", 28), macSpec("HMAC_256", "HMAC_SHA_256", 32),
	macSpec("HMAC_384", "HMAC_SHA_384", 48), macSpec("HMAC_512", "HMAC_SHA_512", 64),
}

func rsaSpec(name string, bits int) *Spec {
	return &Spec{
		Name: name, Usages: []string{EncryptDecrypt, SignVerify}, Encryption: rsaEncryption, Signing: rsaSigning,
		generate: func() (any, error) { return rsa.GenerateKey(rand.Reader, bits) },
	}
}

func ecSpec(name string, curve elliptic.Curve, algorithm string) *Spec {
	return &Spec{
		Name: name, Usages: []string{SignVerify, KeyAgreement}, Signing: []string{algorithm}, Agreement: []string{"ECDH"},
		generate: func() (any, error) { return ecdsa.GenerateKey(curve, rand.Reader) },
	}
}

func macSpec(name, algorithm string, size int) *Spec {
	return &Spec{Name: name, Usages: []string{GenerateVerifyMAC}, MAC: []string{algorithm}, bytes: size}
}

// Find returns the spec of a name, or ErrUnsupported.
func Find(name string) (*Spec, error) {
	if i := slices.IndexFunc(specs, func(s *Spec) bool { return s.Name == name }); i >= 0 {
		return specs[i], nil
	}
	return nil, ErrUnsupported
}

// Generate makes new material: random bytes, or a private key in PKCS #8.
func (s *Spec) Generate() ([]byte, error) {
	if !s.Asymmetric() {
		key := make([]byte, s.bytes)
		rand.Read(key)
		return key, nil
	}
	key, err := s.generate()
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKCS8PrivateKey(key)
}

// Public returns the public half of a private key: SubjectPublicKeyInfo in DER.
func Public(private []byte) ([]byte, error) {
	key, err := parse(private)
	if err != nil {
		return nil, err
	}
	return x509.MarshalPKIXPublicKey(key.Public())
}
