package acm

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/acmapi"
)

func (s *Service) describeCertificate(_ context.Context, call *api.Call, in *acmapi.DescribeCertificateRequest) (*acmapi.DescribeCertificateResponse, error) {
	snap := s.store.Snapshot()
	c, err := find(snap, call, in.CertificateArn)
	if err != nil {
		return nil, err
	}
	users := s.users(snap, c.ARN())
	d := &acmapi.CertificateDetail{
		CertificateArn: api.Ptr(c.ARN()), DomainName: optional(c.Spec.Domain), SubjectAlternativeNames: c.Spec.Names,
		CreatedAt: &c.Spec.CreatedAt, ImportedAt: moment(c.Spec.ImportedAt), IssuedAt: moment(c.Status.IssuedAt),
		Status: api.Ptr(state(&c, call.Now)), KeyAlgorithm: &c.Spec.KeyAlgorithm, Type: &c.Spec.Type,
		InUseBy: users, RenewalEligibility: api.Ptr(eligibility(&c, users)),
		Options: &acmapi.CertificateOptions{CertificateTransparencyLoggingPreference: &c.Spec.Transparency},
	}
	if c.Spec.Type == acmapi.CertificateTypeAmazonIssued {
		d.DomainValidationOptions = validations(call.Account, &c)
		d.Options.Export = api.Ptr(acmapi.CertificateExportDisabled)
	}
	if !c.Status.RenewedAt.IsZero() {
		d.RenewalSummary = &acmapi.RenewalSummary{
			RenewalStatus: api.Ptr(acmapi.RenewalStatusSuccess), UpdatedAt: &c.Status.RenewedAt,
			DomainValidationOptions: d.DomainValidationOptions,
		}
	}
	if m := c.Material(); m != nil {
		d.NotBefore, d.NotAfter = &m.NotBefore, &m.NotAfter
		if leaf, err := oneCertificate([]byte(m.Certificate)); err == nil {
			describeLeaf(d, leaf)
		}
	}
	return &acmapi.DescribeCertificateResponse{Certificate: d}, nil
}

// describeLeaf adds what the certificate itself says.
func describeLeaf(d *acmapi.CertificateDetail, leaf *x509.Certificate) {
	d.Serial, d.Subject = api.Ptr(serial(leaf)), api.Ptr(leaf.Subject.String())
	issuer := leaf.Issuer.CommonName
	if len(leaf.Issuer.Organization) > 0 {
		issuer = leaf.Issuer.Organization[0]
	}
	d.Issuer = &issuer
	d.SignatureAlgorithm = api.Ptr(signatureAlgorithm(leaf))
	for _, u := range keyUsages(leaf) {
		d.KeyUsages = append(d.KeyUsages, acmapi.KeyUsage{Name: &u})
	}
	for _, u := range extendedUsages(leaf) {
		d.ExtendedKeyUsages = append(d.ExtendedKeyUsages, acmapi.ExtendedKeyUsage{Name: &u, OID: api.Ptr(oids[u])})
	}
}

// serial is a certificate's number as ACM writes it: "0a:1b:…".
func serial(leaf *x509.Certificate) string {
	var parts []string
	for _, b := range leaf.SerialNumber.Bytes() {
		parts = append(parts, hex.EncodeToString([]byte{b}))
	}
	return strings.Join(parts, ":")
}

// signatureAlgorithm is as ACM writes it: "SHA256WITHRSA".
func signatureAlgorithm(leaf *x509.Certificate) string {
	method, hash, ok := strings.Cut(leaf.SignatureAlgorithm.String(), "-") // "ECDSA-SHA256", "SHA256-RSA"
	if !ok {
		return leaf.SignatureAlgorithm.String()
	}
	if method == "ECDSA" {
		method, hash = hash, method
	}
	return method + "WITH" + hash
}

func eligibility(c *Certificate, users []string) string {
	if c.Spec.Type == acmapi.CertificateTypeAmazonIssued && len(users) > 0 {
		return acmapi.RenewalEligibilityEligible
	}
	return acmapi.RenewalEligibilityIneligible
}

// validations are the DNS records that would prove the names; the region's
// authority does not look for them. A wildcard has the record of the domain that
// it stands below.
func validations(account string, c *Certificate) (list []acmapi.DomainValidation) {
	status := acmapi.DomainStatusPendingValidation
	if c.Status.Issued != nil {
		status = acmapi.DomainStatusSuccess
	}
	for _, name := range c.Spec.Names {
		base := strings.TrimPrefix(name, "*.")
		sum := sha256.Sum256([]byte(account + " " + base))
		list = append(list, acmapi.DomainValidation{
			DomainName: &name, ValidationDomain: &name, ValidationStatus: &status, ValidationMethod: &c.Spec.Validation,
			ResourceRecord: &acmapi.ResourceRecord{
				Name: api.Ptr("_" + hex.EncodeToString(sum[:16]) + "." + base + "."), Type: api.Ptr(acmapi.RecordTypeCname),
				Value: api.Ptr("_" + hex.EncodeToString(sum[16:]) + ".acm-validations.aws."),
			},
		})
	}
	return list
}

func (s *Service) getCertificate(_ context.Context, call *api.Call, in *acmapi.GetCertificateRequest) (*acmapi.GetCertificateResponse, error) {
	c, err := find(s.store.Snapshot(), call, in.CertificateArn)
	if err != nil {
		return nil, err
	}
	m := c.Material()
	if m == nil {
		return nil, acmapi.NewRequestInProgressException("Certificate %s has not been issued yet", c.ARN())
	}
	return &acmapi.GetCertificateResponse{Certificate: &m.Certificate, CertificateChain: optional(m.Chain)}, nil
}

func (s *Service) exportCertificate(_ context.Context, call *api.Call, in *acmapi.ExportCertificateRequest) (*acmapi.ExportCertificateResponse, error) {
	c, err := find(s.store.Snapshot(), call, in.CertificateArn)
	if err != nil {
		return nil, err
	}
	return nil, invalid("The certificate %s is not a private or an exportable certificate", c.ARN())
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
