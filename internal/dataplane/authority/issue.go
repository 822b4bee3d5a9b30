package authority

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"net"
	"time"
)

// MaxLife is the longest that a certificate may be valid: clients refuse a
// server's certificate of more than 398 days (CA/Browser Forum, 2020).
const MaxLife = 397 * 24 * time.Hour

// A KeyKind is a kind of key.
type KeyKind string

// The kinds of keys that certificates are issued with.
const (
	P256    KeyKind = "P-256"
	P384    KeyKind = "P-384"
	RSA2048 KeyKind = "RSA-2048"
)

// A Request is what a certificate is to say.
type Request struct {
	Names []string // domain names, or addresses; the first is the subject
	Key   KeyKind
	Now   time.Time
	Life  time.Duration // at most MaxLife
}

// An Issued is a certificate with its key, both in PEM.
type Issued struct {
	Certificate, Key    []byte
	NotBefore, NotAfter time.Time
}

// Issue makes a key and a server's certificate for it.
func (a *Authority) Issue(req Request) (Issued, error) {
	if len(req.Names) == 0 || req.Life <= 0 || req.Life > MaxLife {
		return Issued{}, fmt.Errorf("issue certificate: %d names for %s: want at least one for at most %s", len(req.Names), req.Life, MaxLife)
	}
	key, err := newKey(req.Key)
	if err != nil {
		return Issued{}, fmt.Errorf("issue certificate: %w", err)
	}
	leaf := &x509.Certificate{
		SerialNumber: newSerial(),
		Subject:      pkix.Name{CommonName: commonName(req.Names[0])},
		NotBefore:    req.Now.Add(-backdate).UTC().Truncate(time.Second),
		NotAfter:     req.Now.Add(req.Life - backdate).UTC().Truncate(time.Second),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	if req.Key == RSA2048 {
		leaf.KeyUsage |= x509.KeyUsageKeyEncipherment
	}
	for _, name := range req.Names {
		if ip := net.ParseIP(name); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, a.cert, key.Public(), a.key)
	if err != nil {
		return Issued{}, fmt.Errorf("issue certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return Issued{}, fmt.Errorf("issue certificate: %w", err)
	}
	return Issued{
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:         pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}),
		NotBefore:   leaf.NotBefore, NotAfter: leaf.NotAfter,
	}, nil
}

// commonName is empty for names that are longer than a common name may be.
func commonName(name string) string {
	if len(name) > 64 {
		return ""
	}
	return name
}

func newKey(kind KeyKind) (crypto.Signer, error) {
	switch kind {
	case P256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case P384:
		return ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	case RSA2048:
		return rsa.GenerateKey(rand.Reader, 2048)
	}
	return nil, fmt.Errorf("key %q: not one of %s, %s, %s", kind, P256, P384, RSA2048)
}
