package balancer

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// identities are a listener's certificates: which one a client is shown depends
// on the name it asks for and on what it can read.
type identities struct {
	byName map[string][]*identity // by lower-case name or "*.parent", the best first
	spare  *identity              // for all other names
}

// An identity is one certificate.
type identity struct {
	id   string
	pair tls.Certificate
}

// choiceKey is the key of the *identity in a handshake's context.
type choiceKey struct{}

func newIdentities(certificates []Certificate) (*identities, error) {
	if len(certificates) == 0 {
		return nil, errors.New("TLS: no certificate")
	}
	s := &identities{byName: map[string][]*identity{}}
	for _, c := range certificates {
		pair, err := tls.X509KeyPair([]byte(c.Chain), []byte(c.Key))
		if err != nil {
			return nil, fmt.Errorf("certificate %s: %w", c.ID, err)
		}
		pair.Certificate = withoutRoot(pair.Certificate)
		d := &identity{id: c.ID, pair: pair}
		if s.spare == nil {
			s.spare = d
		}
		for _, name := range namesOf(pair.Leaf) {
			s.byName[name] = append(s.byName[name], d)
		}
	}
	for _, list := range s.byName {
		slices.SortStableFunc(list, better)
	}
	return s, nil
}

// withoutRoot leaves out an authority that signed itself: a client has it, or
// would not believe it.
func withoutRoot(chain [][]byte) [][]byte {
	last, err := x509.ParseCertificate(chain[len(chain)-1])
	if err == nil && len(chain) > 1 && last.CheckSignatureFrom(last) == nil {
		return chain[:len(chain)-1]
	}
	return chain
}

// namesOf returns the names that a certificate is good for.
func namesOf(leaf *x509.Certificate) (names []string) {
	for _, n := range leaf.DNSNames {
		names = append(names, strings.ToLower(n))
	}
	if len(names) == 0 && leaf.Subject.CommonName != "" {
		names = append(names, strings.ToLower(leaf.Subject.CommonName))
	}
	return names
}

// better orders certificates as a load balancer of AWS prefers them: ECDSA
// before RSA, then the longer key, then the longer validity.
func better(a, b *identity) int {
	kindA, bitsA := keyOf(a.pair.Leaf)
	kindB, bitsB := keyOf(b.pair.Leaf)
	validity := func(d *identity) time.Duration { return d.pair.Leaf.NotAfter.Sub(d.pair.Leaf.NotBefore) }
	return cmp.Or(cmp.Compare(kindA, kindB), cmp.Compare(bitsB, bitsA), cmp.Compare(validity(b), validity(a)))
}

func keyOf(leaf *x509.Certificate) (kind, bits int) {
	switch key := leaf.PublicKey.(type) {
	case *ecdsa.PublicKey:
		return 0, key.Params().BitSize
	case *rsa.PublicKey:
		return 1, key.N.BitLen()
	}
	return 2, 0
}

// show is a tls.Config's GetCertificate. It notes what it chose in the
// handshake's context.
func (s *identities) show(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	d := s.choose(hello, time.Now())
	if chosen, ok := hello.Context().Value(choiceKey{}).(**identity); ok {
		*chosen = d
	}
	return &d.pair, nil
}

// choose returns the best certificate for the name that the client can read;
// expired ones come last.
func (s *identities) choose(hello *tls.ClientHelloInfo, now time.Time) *identity {
	var expired *identity
	for _, d := range s.named(strings.ToLower(hello.ServerName)) {
		switch {
		case hello.SupportsCertificate(&d.pair) != nil:
		case now.After(d.pair.Leaf.NotAfter):
			if expired == nil {
				expired = d
			}
		default:
			return d
		}
	}
	if expired != nil {
		return expired
	}
	return s.spare
}

func (s *identities) named(name string) []*identity {
	if list := s.byName[name]; list != nil {
		return list
	}
	_, parent, ok := strings.Cut(name, ".")
	if !ok {
		return nil
	}
	return s.byName["*."+parent]
}
