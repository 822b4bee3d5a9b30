package sns

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" // signature version 1 is SHA-1: AWS's default
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"apex/internal/seal"
)

// certificatePath begins the path of the certificate that messages are signed
// with: it is served without a signature.
const certificatePath = "/_apex/sns/"

// A signer signs messages. Its key is made once for a home and kept sealed.
type signer struct {
	dir    string
	sealer *seal.Sealer
	mu     sync.Mutex // guards key
	key    *rsa.PrivateKey
	pem    []byte // the certificate
}

// load reads the key and its certificate, or makes them.
func (s *signer) load() (*rsa.PrivateKey, []byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key != nil {
		return s.key, s.pem, nil
	}
	path := filepath.Join(s.dir, "signing.key")
	sealed, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return s.create(path)
	}
	if err != nil {
		return nil, nil, err
	}
	plain, err := s.sealer.Open(sealed, []byte("sns/signing.key"))
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", path, err)
	}
	key, err := x509.ParsePKCS1PrivateKey(plain)
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", path, err)
	}
	certificate, err := os.ReadFile(filepath.Join(s.dir, "signing.pem"))
	if err != nil {
		return nil, nil, err
	}
	s.key, s.pem = key, certificate
	return key, certificate, nil
}

// create makes the key: the certificate is written first, so that a key that is
// there has one.
func (s *signer) create(path string) (*rsa.PrivateKey, []byte, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, nil, err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, err
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "sns.amazonaws.com", Organization: []string{"Apex"}},
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(20, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, err
	}
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(filepath.Join(s.dir, "signing.pem"), certificate, 0o600); err != nil {
		return nil, nil, err
	}
	sealed := s.sealer.Seal(x509.MarshalPKCS1PrivateKey(key), []byte("sns/signing.key"))
	if err := os.WriteFile(path, sealed, 0o600); err != nil {
		return nil, nil, err
	}
	s.key, s.pem = key, certificate
	return key, certificate, nil
}

// name is the certificate's file name in URLs: it changes with the key.
func (s *signer) name() (string, error) {
	_, certificate, err := s.load()
	sum := sha256.Sum256(certificate)
	return "SimpleNotificationService-" + hex.EncodeToString(sum[:16]) + ".pem", err
}

// ServeHTTP gives out the certificate.
func (s *signer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, err := s.name()
	if err != nil || !strings.HasSuffix(r.URL.Path, "/"+name) {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/x-pem-file")
	// An error here is of the connection: the client is gone.
	_, _ = w.Write(s.pem)
}

// sign signs a message's canonical text by the version of its topic: 1 is SHA-1,
// 2 is SHA-256.
func (s *signer) sign(text, version string) (string, error) {
	key, _, err := s.load()
	if err != nil {
		return "", fmt.Errorf("load the signing key: %w", err)
	}
	hash, sum := crypto.SHA1, []byte(nil)
	if version == "2" {
		hash = crypto.SHA256
		digest := sha256.Sum256([]byte(text))
		sum = digest[:]
	} else {
		digest := sha1.Sum([]byte(text)) // as above
		sum = digest[:]
	}
	signature, err := rsa.SignPKCS1v15(rand.Reader, key, hash, sum)
	return base64.StdEncoding.EncodeToString(signature), err
}
