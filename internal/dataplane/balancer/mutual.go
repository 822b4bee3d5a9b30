package balancer

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"apex/internal/dataplane/balancer/http1"
)

// A Mutual says that clients show certificates of their own.
type Mutual struct {
	// Verify lets in only clients whose certificate one of the Authorities (PEM)
	// vouches for. Otherwise what a client shows is passed on to the targets,
	// which are to judge it.
	Verify       bool
	Authorities  string `json:",omitempty"`
	IgnoreExpiry bool   `json:",omitempty"` // a certificate whose time is over is as good
	Advertise    bool   `json:",omitempty"` // clients are told the authorities' names
}

// apply sets a listener's TLS.
func (m *Mutual) apply(config *tls.Config) error {
	if m == nil {
		return nil
	}
	if !m.Verify {
		config.ClientAuth = tls.RequestClientCert
		return nil
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(m.Authorities)) {
		return errors.New("mutual TLS: no authority")
	}
	config.ClientAuth = tls.RequireAnyClientCert
	config.VerifyConnection = func(s tls.ConnectionState) error { return m.verify(s.PeerCertificates, roots, time.Now()) }
	if m.Advertise {
		config.ClientCAs = roots
	}
	return nil
}

// verify reports why a client's chain is not believed.
func (m *Mutual) verify(chain []*x509.Certificate, roots *x509.CertPool, now time.Time) error {
	if len(chain) == 0 {
		return errors.New("mutual TLS: the client shows no certificate")
	}
	if leaf := chain[0]; m.IgnoreExpiry && now.After(leaf.NotAfter) {
		now = leaf.NotAfter
	}
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	if err != nil {
		return fmt.Errorf("mutual TLS: %w", err)
	}
	return nil
}

// mutualPrefix begins the fields that tell targets of the client's certificate.
const mutualPrefix = "X-Amzn-Mtls-"

// appendMutual appends what the client has shown: all of it as it is, or what
// was verified in it.
func (x *exchange) appendMutual(b []byte) []byte {
	if x.table.secured == nil || x.table.secured.mutual == nil || x.conn.secure == nil || len(x.conn.secure.client) == 0 {
		return b
	}
	chain := x.conn.secure.client
	field := func(name string, value []byte) {
		b = http1.AppendField(b, []byte(mutualPrefix+"Clientcert"+name), value)
	}
	if !x.table.secured.mutual.Verify {
		field("", appendEncoded(nil, chain...))
		return b
	}
	leaf := chain[0]
	field("-Serial-Number", fmt.Appendf(nil, "%X", leaf.SerialNumber))
	field("-Issuer", visible(leaf.Issuer.String()))
	field("-Subject", visible(leaf.Subject.String()))
	field("-Validity", []byte("NotBefore="+leaf.NotBefore.UTC().Format(time.RFC3339)+";NotAfter="+leaf.NotAfter.UTC().Format(time.RFC3339)))
	field("-Leaf", appendEncoded(nil, leaf))
	return b
}

// visible leaves out of a name what must not stand in a field.
func visible(name string) []byte {
	out := []byte(name)
	for i, c := range out {
		if c < ' ' || c == 0x7f {
			out[i] = ' '
		}
	}
	return out
}

// appendEncoded appends certificates as PEM, encoded as in a URL; "+", "=" and
// "/" stay.
func appendEncoded(b []byte, chain ...*x509.Certificate) []byte {
	const digits = "0123456789ABCDEF"
	for _, c := range chain {
		for _, c := range pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) {
			switch {
			case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9',
				c == '-', c == '_', c == '.', c == '~', c == '+', c == '=', c == '/':
				b = append(b, c)
			default:
				b = append(b, '%', digits[c>>4], digits[c&15])
			}
		}
	}
	return b
}
