package identity

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

const (
	keyBits       = 2048
	tokenLasts    = time.Hour
	certificateIn = 5 * time.Minute // how long a verifier may keep the certificates
)

// A key signs tokens for a while; its certificate stays until the last of
// them has expired.
type key struct {
	id          string
	private     *rsa.PrivateKey
	certificate []byte // PEM
	made        time.Time
}

// ring holds the keys of all tasks.
type ring struct {
	store Store
	every time.Duration
	now   func() time.Time
	mu    sync.Mutex
	keys  []key // oldest first
	read  time.Time
}

// signer is the key that signs now: the newest, or a fresh one if it is old.
func (r *ring) signer(ctx context.Context) (key, error) {
	keys, err := r.all(ctx)
	if err != nil {
		return key{}, err
	}
	if n := len(keys); n > 0 && r.now().Sub(keys[n-1].made) < r.every {
		return keys[n-1], nil
	}
	return r.rotate(ctx)
}

// all reads the keys, at most once a minute: other tasks may make some.
func (r *ring) all(ctx context.Context) ([]key, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.keys) > 0 && r.now().Sub(r.read) < time.Minute {
		return slices.Clone(r.keys), nil
	}
	stored, err := r.store.All(ctx, kindKey)
	if err != nil {
		return nil, err
	}
	r.keys, r.read = nil, r.now()
	for id, text := range stored {
		k, err := parseKey(id, text)
		if err != nil {
			return nil, err
		}
		r.keys = append(r.keys, k)
	}
	slices.SortFunc(r.keys, func(a, b key) int { return cmp.Or(a.made.Compare(b.made), cmp.Compare(a.id, b.id)) })
	return slices.Clone(r.keys), nil
}

// rotate makes a new key, which signs from now on.
func (r *ring) rotate(ctx context.Context) (key, error) {
	k, err := newKey(r.now())
	if err != nil {
		return key{}, fmt.Errorf("make a signing key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return key{}, fmt.Errorf("make a signing key: %w", err)
	}
	text := slices.Concat(k.certificate, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	if _, err := r.store.Add(ctx, kindKey, k.id, text, k.made.Add(r.every+2*tokenLasts)); err != nil {
		return key{}, err
	}
	r.mu.Lock()
	r.keys = append(r.keys, k)
	r.mu.Unlock()
	return k, nil
}

// Rotate has a new key sign from now on; tokens of the older ones stay good.
func (s *Service) Rotate(ctx context.Context) error {
	_, err := s.ring.rotate(ctx)
	return err
}

func newKey(now time.Time) (key, error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return key{}, err
	}
	serial := make([]byte, 8)
	rand.Read(serial)
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial),
		Subject:      pkix.Name{CommonName: "securetoken.identity-stand-in"},
		NotBefore:    now.Add(-time.Minute), NotAfter: now.AddDate(1, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return key{}, err
	}
	sum := sha1.Sum(der)
	return key{hex.EncodeToString(sum[:]), private, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), now}, nil
}

func parseKey(id string, text []byte) (key, error) {
	certificate, rest := pem.Decode(text)
	private, _ := pem.Decode(rest)
	if certificate == nil || private == nil {
		return key{}, fmt.Errorf("signing key %s: not a certificate and a key", id)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(private.Bytes)
	c, err2 := x509.ParseCertificate(certificate.Bytes)
	if err := errors.Join(err, err2); err != nil {
		return key{}, fmt.Errorf("signing key %s: %w", id, err)
	}
	k, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		return key{}, fmt.Errorf("signing key %s: not RSA", id)
	}
	return key{id, k, bytes.TrimSuffix(text, rest), c.NotBefore.Add(time.Minute)}, nil
}

// certificates publishes all keys as Google does: key id to PEM.
func (s *Service) certificates(w http.ResponseWriter, r *http.Request) {
	keys, err := s.ring.all(r.Context())
	if err != nil {
		fail(w, err)
		return
	}
	all := map[string]string{}
	for _, k := range keys {
		all[k.id] = string(k.certificate)
	}
	w.Header().Set("Cache-Control", "public, max-age="+strconv.Itoa(int(certificateIn.Seconds()))+", must-revalidate, no-transform")
	send(w, http.StatusOK, all)
}
