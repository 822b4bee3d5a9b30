package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// The files in an authority's directory.
const (
	CertificateFile = "ca.pem"
	keyFile         = "ca-key.pem"
)

// life is how long an authority is valid; clients are asked to trust it once.
const life = 10 * 365 * 24 * time.Hour

// backdate is how far a certificate's life begins in the past, for clocks that
// are behind.
const backdate = time.Hour

// Domains are those that a client which trusts the authority accepts its
// certificates for, with all that is below them: the names that RFC 2606, 6761,
// 6762 and 8375 and ICANN set aside, and the one that home routers use.
func Domains() []string {
	return []string{
		"localhost", "test", "internal", "local", "lan", "home.arpa",
		"invalid", "example", "example.com", "example.net", "example.org",
	}
}

// An Authority issues certificates. It is safe for concurrent use.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// Open returns the authority in dir, and makes it if there is none.
func Open(dir string, now time.Time) (*Authority, error) {
	a, err := read(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if err = create(dir, now); err == nil {
			a, err = read(dir)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open certificate authority: %w", err)
	}
	return a, nil
}

// PEM is the authority's certificate.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// Name is what the certificate calls the authority.
func (a *Authority) Name() string { return a.cert.Subject.CommonName }

// Fingerprint is the SHA-256 of the certificate in hexadecimal.
func (a *Authority) Fingerprint() string {
	sum := sha256.Sum256(a.cert.Raw)
	return hex.EncodeToString(sum[:])
}

func read(dir string) (*Authority, error) {
	cert, err := readPEM(filepath.Join(dir, CertificateFile), x509.ParseCertificate)
	if err != nil {
		return nil, err
	}
	key, err := readPEM(filepath.Join(dir, keyFile), x509.ParseECPrivateKey)
	if err != nil {
		return nil, err
	}
	if !key.PublicKey.Equal(cert.PublicKey) {
		return nil, fmt.Errorf("%s: is not the key of %s", keyFile, CertificateFile)
	}
	return &Authority{cert: cert, key: key}, nil
}

func readPEM[T any](path string, parse func([]byte) (T, error)) (out T, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return out, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return out, fmt.Errorf("%s: is not PEM", path)
	}
	return parse(block.Bytes)
}

// create makes a new authority in a directory beside dir and puts it in place as
// a whole; if another process was first, its authority stays.
func create(dir string, now time.Time) error {
	cert, key, err := newRoot(now)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), filepath.Base(dir)+".*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	err = errors.Join(
		writeSynced(filepath.Join(tmp, keyFile), key, 0o600),
		writeSynced(filepath.Join(tmp, CertificateFile), cert, 0o644),
	)
	if err != nil {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func writeSynced(path string, data []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}

// newRoot makes the certificate and the key of an authority, in PEM.
func newRoot(now time.Time) (cert, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	serial := newSerial()
	root := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{Organization: []string{"Apex"}, CommonName: "Apex local authority " + serial.Text(16)[:8]},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(life),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		PermittedDNSDomainsCritical: true,
		PermittedDNSDomains:         Domains(),
		PermittedIPRanges:           loopback(),
	}
	der, err := x509.CreateCertificate(rand.Reader, root, root, &private.PublicKey, private)
	if err != nil {
		return nil, nil, err
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		return nil, nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: secret}), nil
}

func loopback() []*net.IPNet {
	return []*net.IPNet{
		{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)},
		{IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
	}
}

// newSerial returns a positive random number of 127 bits.
func newSerial() *big.Int {
	var b [16]byte
	rand.Read(b[:])
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b[:])
}
