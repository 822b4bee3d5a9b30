package sts

import (
	"context"
	"crypto/sha1" //nolint:gosec // AWS names certificates by it
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"apex/internal/dataplane/balancer/auth"
	"apex/internal/service/iam"
)

// issuers keep the keys of identity providers while the region runs.
type issuers struct {
	mu   sync.Mutex
	keys map[string]*auth.Keys // by the provider's ARN and thumbprints
}

// verify looks whether a token is of the provider.
func (i *issuers) verify(ctx context.Context, p iam.ProviderSpec, token string, now time.Time) error {
	id := p.ARN + " " + strings.Join(p.Thumbprints, " ")
	i.mu.Lock()
	keys := i.keys[id]
	if keys == nil {
		keys = auth.NewKeysOver(trusting(p.Thumbprints))
		i.keys[id] = keys
	}
	i.mu.Unlock()
	return keys.Verify(ctx, "https://"+p.URL, token, now)
}

// trusting speaks TLS with servers that the machine trusts, and with those one of
// whose certificates has one of the thumbprints (IAM user guide, Obtain the
// thumbprint for an OpenID Connect identity provider).
func trusting(thumbprints []string) http.RoundTripper {
	return &http.Transport{
		DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS12,
			InsecureSkipVerify: true, //nolint:gosec // VerifyConnection does it
			VerifyConnection: func(state tls.ConnectionState) error {
				return verifyChain(state, thumbprints)
			},
		},
	}
}

var errThumbprint = errors.New("certificate: neither trusted nor of a thumbprint of the provider")

func verifyChain(state tls.ConnectionState, thumbprints []string) error {
	intermediates := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		intermediates.AddCert(c)
	}
	leaf := state.PeerCertificates[0]
	if _, err := leaf.Verify(x509.VerifyOptions{DNSName: state.ServerName, Intermediates: intermediates}); err == nil {
		return nil
	}
	for _, c := range state.PeerCertificates {
		sum := sha1.Sum(c.Raw) //nolint:gosec // AWS's own choice
		if slices.ContainsFunc(thumbprints, func(t string) bool { return strings.EqualFold(t, hex.EncodeToString(sum[:])) }) {
			return nil
		}
	}
	return errThumbprint
}
