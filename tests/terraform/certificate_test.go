package terraform

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// certificates writes two certificates that sign themselves, and their keys.
func certificates(t testing.TB, dir string) {
	t.Helper()
	for n := range 2 {
		certificate, key := selfSigned(t, fmt.Sprintf("story-%d.example.com", n))
		for name, text := range map[string][]byte{"certificate": certificate, "key": key} {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.pem", name, n)), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// selfSigned returns a certificate for the domain and its key, in PEM.
func selfSigned(t testing.TB, domain string) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: domain}, DNSNames: []string{domain},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}
