// Package acm serves AWS Certificate Manager: certificates that callers import,
// and certificates that the region's own authority issues, renews before they
// end, and whose keys are sealed at rest.
package acm

import (
	"time"

	"apex/internal/arn"
	"apex/internal/seal"
	"apex/internal/store"
	"apex/internal/tag"
)

// Certificates holds all certificates, by scope and ARN's resource part.
var Certificates = store.NewTable("acm.certificates", func(c *Certificate) string { return c.Key })

// Tables returns the service's tables.
func Tables() []store.AnyTable { return []store.AnyTable{Certificates} }

const signingName = "acm"

// A Certificate says who a server is.
type Certificate struct {
	Key    string // "…/certificate/01234567-89ab-…"
	Spec   CertificateSpec
	Status CertificateStatus
}

// CertificateSpec is what the caller asked for.
type CertificateSpec struct {
	Type         string // AMAZON_ISSUED or IMPORTED
	Domain       string
	Names        []string // the domain first, then the others
	KeyAlgorithm string
	Validation   string // DNS or HTTP
	Token        string // the IdempotencyToken, or empty
	Transparency string // the logging preference
	Tags         tag.Tags
	CreatedAt    time.Time
	Imported     *Material
	ImportedAt   time.Time
	RenewAskedAt time.Time // when RenewCertificate was called last
}

// CertificateStatus is what the authority did.
type CertificateStatus struct {
	Issued    *Material
	IssuedAt  time.Time // of the first issue
	RenewedAt time.Time
}

// Material is a certificate with what a server needs to use it.
type Material struct {
	Certificate         string // PEM
	Chain               string // PEM of the authorities, the issuer first
	SealedKey           []byte // PEM, opens under the certificate's key in the store
	NotBefore, NotAfter time.Time
}

// ARN returns the certificate's name.
func (c *Certificate) ARN() string {
	scope, resource := arn.SplitKey(c.Key)
	return scope.ARN(signingName, resource)
}

// Material returns what a server uses; nil until the certificate is issued.
func (c *Certificate) Material() *Material {
	if c.Spec.Imported != nil {
		return c.Spec.Imported
	}
	return c.Status.Issued
}

// PrivateKey returns the certificate's key in PEM. The certificate must have its
// Material.
func (c *Certificate) PrivateKey(s *seal.Sealer) ([]byte, error) {
	return s.Open(c.Material().SealedKey, []byte(c.Key))
}

// Lookup finds a certificate by its ARN.
func Lookup(r store.Reader, name string) (Certificate, bool) {
	a, err := arn.Parse(name)
	if err != nil || a.Service != signingName {
		return Certificate{}, false
	}
	return Certificates.Get(r, a.Scope().Key(a.Resource))
}
