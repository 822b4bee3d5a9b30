package acm

import (
	"context"
	"fmt"
	"time"

	"apex/internal/api/acmapi"
	"apex/internal/controller"
	"apex/internal/dataplane/authority"
	"apex/internal/store"
)

// Controllers returns what issues and renews certificates.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{controller.New(controller.Spec[Certificate, CertificateStatus]{
		Name: "acm/certificate", Table: Certificates,
		Status:    func(c *Certificate) *CertificateStatus { return &c.Status },
		Reconcile: s.reconcile,
		Every:     lookAgain,
	})}
}

func (s *Service) reconcile(_ context.Context, snap store.Snapshot, key string) (CertificateStatus, error) {
	c, ok := Certificates.Get(snap, key)
	if !ok {
		return CertificateStatus{}, nil
	}
	now := s.now().UTC().Round(0)
	status := c.Status
	todo, wait := plan(&c, len(s.users(snap, c.ARN())) > 0, now)
	if todo == rest {
		if wait > 0 {
			return status, controller.Again(wait)
		}
		return status, nil
	}
	made, err := s.issue(&c, now)
	if err != nil {
		return status, fmt.Errorf("certificate for %s: %w", c.Spec.Domain, err)
	}
	if status.Issued = made; todo == renew {
		status.RenewedAt = now
	} else {
		status.IssuedAt = now
	}
	return status, controller.Again(lookAgain)
}

// issue has the authority make a certificate and seals its key.
func (s *Service) issue(c *Certificate, now time.Time) (*Material, error) {
	ca, err := s.authority()
	if err != nil {
		return nil, err
	}
	made, err := ca.Issue(authority.Request{Names: c.Spec.Names, Key: keyKinds[c.Spec.KeyAlgorithm], Now: now, Life: leafLife})
	if err != nil {
		return nil, err
	}
	return &Material{
		Certificate: string(made.Certificate), Chain: string(ca.PEM()),
		SealedKey: s.sealer.Seal(made.Key, []byte(c.Key)),
		NotBefore: made.NotBefore, NotAfter: made.NotAfter.Round(time.Second),
	}, nil
}

// keyKinds are the keys that certificates can be requested with.
var keyKinds = map[string]authority.KeyKind{
	acmapi.KeyAlgorithmRsa2048:      authority.RSA2048,
	acmapi.KeyAlgorithmEcPrime256v1: authority.P256,
	acmapi.KeyAlgorithmEcSecp384r1:  authority.P384,
}
