package acm

import (
	"crypto/x509"

	"apex/internal/api/acmapi"
)

// keyUsages are what a certificate's key may be used for, in ACM's words.
func keyUsages(leaf *x509.Certificate) (names []string) {
	for _, u := range []struct {
		bit  x509.KeyUsage
		name string
	}{
		{x509.KeyUsageDigitalSignature, acmapi.KeyUsageNameDigitalSignature},
		{x509.KeyUsageContentCommitment, acmapi.KeyUsageNameNonRepudiation},
		{x509.KeyUsageKeyEncipherment, acmapi.KeyUsageNameKeyEncipherment},
		{x509.KeyUsageDataEncipherment, acmapi.KeyUsageNameDataEncipherment},
		{x509.KeyUsageKeyAgreement, acmapi.KeyUsageNameKeyAgreement},
		{x509.KeyUsageCertSign, acmapi.KeyUsageNameCertificateSigning},
		{x509.KeyUsageCRLSign, acmapi.KeyUsageNameCrlSigning},
	} {
		if leaf.KeyUsage&u.bit != 0 {
			names = append(names, u.name)
		}
	}
	return names
}

// extendedUsages are what a certificate itself may be used for.
func extendedUsages(leaf *x509.Certificate) (names []string) {
	known := map[x509.ExtKeyUsage]string{
		x509.ExtKeyUsageAny:             acmapi.ExtendedKeyUsageNameAny,
		x509.ExtKeyUsageServerAuth:      acmapi.ExtendedKeyUsageNameTlsWebServerAuthentication,
		x509.ExtKeyUsageClientAuth:      acmapi.ExtendedKeyUsageNameTlsWebClientAuthentication,
		x509.ExtKeyUsageCodeSigning:     acmapi.ExtendedKeyUsageNameCodeSigning,
		x509.ExtKeyUsageEmailProtection: acmapi.ExtendedKeyUsageNameEmailProtection,
		x509.ExtKeyUsageTimeStamping:    acmapi.ExtendedKeyUsageNameTimeStamping,
		x509.ExtKeyUsageOCSPSigning:     acmapi.ExtendedKeyUsageNameOcspSigning,
	}
	for _, u := range leaf.ExtKeyUsage {
		if name := known[u]; name != "" {
			names = append(names, name)
		}
	}
	return names
}

// oids are the object identifiers of extended usages (RFC 5280, 4.2.1.12).
var oids = map[string]string{
	acmapi.ExtendedKeyUsageNameAny:                        "2.5.29.37.0",
	acmapi.ExtendedKeyUsageNameTlsWebServerAuthentication: "1.3.6.1.5.5.7.3.1",
	acmapi.ExtendedKeyUsageNameTlsWebClientAuthentication: "1.3.6.1.5.5.7.3.2",
	acmapi.ExtendedKeyUsageNameCodeSigning:                "1.3.6.1.5.5.7.3.3",
	acmapi.ExtendedKeyUsageNameEmailProtection:            "1.3.6.1.5.5.7.3.4",
	acmapi.ExtendedKeyUsageNameTimeStamping:               "1.3.6.1.5.5.7.3.8",
	acmapi.ExtendedKeyUsageNameOcspSigning:                "1.3.6.1.5.5.7.3.9",
}
