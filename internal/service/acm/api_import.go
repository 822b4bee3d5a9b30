package acm

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"apex/internal/api"
	"apex/internal/api/acmapi"
	"apex/internal/awsid"
	"apex/internal/store"
)

func (s *Service) importCertificate(ctx context.Context, call *api.Call, in *acmapi.ImportCertificateRequest) (*acmapi.ImportCertificateResponse, error) {
	spec, err := importedSpec(call, in)
	if err != nil {
		return nil, err
	}
	if in.CertificateArn != nil {
		err := s.change(ctx, call, in.CertificateArn, func(c *Certificate) error { return s.importAgain(c, spec, in) })
		return &acmapi.ImportCertificateResponse{CertificateArn: in.CertificateArn}, err
	}
	if spec.Tags, err = newTags(nil, in.Tags); err != nil {
		return nil, err
	}
	made := Certificate{Key: scopeOf(call).Key("certificate/" + awsid.UUID()), Spec: spec}
	made.Spec.Imported.SealedKey = s.sealer.Seal(in.PrivateKey, []byte(made.Key))
	err = s.store.Update(ctx, func(tx *store.Tx) error {
		Certificates.Put(tx, made)
		return nil
	})
	return &acmapi.ImportCertificateResponse{CertificateArn: api.Ptr(made.ARN())}, err
}

// importAgain replaces what was imported before; the ARN stays.
func (s *Service) importAgain(c *Certificate, spec CertificateSpec, in *acmapi.ImportCertificateRequest) error {
	switch {
	case c.Spec.Type != acmapi.CertificateTypeImported:
		return invalid("Certificate %s was not imported and cannot be imported again", c.ARN())
	case len(in.Tags) > 0:
		return acmapi.NewInvalidParameterException("Tags cannot be given when a certificate is imported again")
	}
	spec.Tags, spec.CreatedAt, spec.Transparency = c.Spec.Tags, c.Spec.CreatedAt, c.Spec.Transparency
	spec.Imported.SealedKey = s.sealer.Seal(in.PrivateKey, []byte(c.Key))
	c.Spec = spec
	return nil
}

// importedSpec checks a certificate with its key and chain; the key is not in it
// yet.
func importedSpec(call *api.Call, in *acmapi.ImportCertificateRequest) (CertificateSpec, error) {
	var spec CertificateSpec
	leaf, err := oneCertificate(in.Certificate)
	if err != nil {
		return spec, invalid("The certificate field contains %v", err)
	}
	chain, err := parseChain(in.CertificateChain)
	if err != nil {
		return spec, invalid("The certificate chain contains %v", err)
	}
	if err := checkKey(in.Certificate, in.PrivateKey); err != nil {
		return spec, invalid("%v", err)
	}
	algorithm := keyAlgorithm(leaf)
	switch {
	case algorithm == "":
		return spec, invalid("The certificate's key is not of a supported algorithm")
	case call.Now.Before(leaf.NotBefore) || call.Now.After(leaf.NotAfter):
		return spec, invalid("The certificate is not valid now: it is from %s to %s", leaf.NotBefore, leaf.NotAfter)
	}
	if err := checkChain(leaf, chain); err != nil {
		return spec, invalid("Could not validate the certificate with the certificate chain: %v", err)
	}
	names := namesOf(leaf)
	spec = CertificateSpec{
		Type: acmapi.CertificateTypeImported, KeyAlgorithm: algorithm, Names: names, CreatedAt: call.Now, ImportedAt: call.Now,
		Transparency: acmapi.CertificateTransparencyLoggingPreferenceDisabled,
		Imported: &Material{
			Certificate: string(in.Certificate), Chain: string(in.CertificateChain),
			NotBefore: leaf.NotBefore.UTC(), NotAfter: leaf.NotAfter.UTC(),
		},
	}
	if len(names) > 0 {
		spec.Domain = names[0]
	}
	return spec, nil
}

func oneCertificate(data []byte) (*x509.Certificate, error) {
	all, err := parseChain(data)
	if err == nil && len(all) != 1 {
		err = fmt.Errorf("%d certificates in PEM, want one", len(all))
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

func parseChain(data []byte) (chain []*x509.Certificate, err error) {
	for len(strings.TrimSpace(string(data))) > 0 {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return nil, fmt.Errorf("text that is not PEM")
		}
		if block.Type != "CERTIFICATE" {
			return nil, fmt.Errorf("%s, want only certificates", block.Type)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("a certificate that cannot be read: %w", err)
		}
		chain = append(chain, cert)
	}
	return chain, nil
}

// checkKey reports what is wrong with a private key, and never shows it.
func checkKey(certificate, key []byte) error {
	block, _ := pem.Decode(key)
	switch {
	case block == nil:
		return fmt.Errorf("the private key is not PEM")
	case strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != "":
		return fmt.Errorf("the private key is encrypted: only unencrypted keys can be imported")
	}
	if _, err := tls.X509KeyPair(certificate, key); err != nil {
		return fmt.Errorf("the private key does not match the certificate, or is of no supported kind")
	}
	return nil
}

// checkChain reports which certificate was not made by the one that follows it.
func checkChain(leaf *x509.Certificate, chain []*x509.Certificate) error {
	child := leaf
	for _, parent := range chain {
		if err := child.CheckSignatureFrom(parent); err != nil {
			return fmt.Errorf("%s was not signed by %s", child.Subject, parent.Subject)
		}
		child = parent
	}
	return nil
}

// namesOf returns the domain names of a certificate, its subject first.
func namesOf(c *x509.Certificate) (names []string) {
	add := func(name string) {
		for _, n := range names {
			if n == name {
				return
			}
		}
		names = append(names, name)
	}
	if c.Subject.CommonName != "" {
		add(c.Subject.CommonName)
	}
	for _, n := range c.DNSNames {
		add(n)
	}
	for _, ip := range c.IPAddresses {
		add(ip.String())
	}
	return names
}

// keyAlgorithm is a certificate's key as ACM names it, or "".
func keyAlgorithm(c *x509.Certificate) string {
	switch key := c.PublicKey.(type) {
	case *rsa.PublicKey:
		switch bits := key.N.BitLen(); bits {
		case 1024, 2048, 3072, 4096:
			return fmt.Sprintf("RSA_%d", bits)
		}
	case *ecdsa.PublicKey:
		return map[string]string{
			"P-256": acmapi.KeyAlgorithmEcPrime256v1,
			"P-384": acmapi.KeyAlgorithmEcSecp384r1,
			"P-521": acmapi.KeyAlgorithmEcSecp521r1,
		}[key.Curve.Params().Name]
	}
	return ""
}
