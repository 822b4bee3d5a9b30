package acm

import (
	"time"

	"apex/internal/api/acmapi"
)

const (
	// leafLife is how long certificates are valid: 13 months, as ACM's.
	leafLife = 395 * 24 * time.Hour
	// renewBefore is how long before its end a certificate in use is renewed, as
	// ACM begins to.
	renewBefore = 60 * 24 * time.Hour
	// lookAgain is how often a certificate that is near its end is looked at.
	lookAgain = time.Hour
)

// A step is what the authority is to do for a certificate.
type step string

const (
	rest  step = "rest"
	issue step = "issue"
	renew step = "renew"
)

// plan decides what to do for a certificate now, and when to look again; 0 is
// when something changes.
func plan(c *Certificate, used bool, now time.Time) (step, time.Duration) {
	if c.Spec.Type != acmapi.CertificateTypeAmazonIssued {
		return rest, 0
	}
	made := c.Status.Issued
	if made == nil {
		return issue, 0
	}
	last := c.Status.IssuedAt
	if c.Status.RenewedAt.After(last) {
		last = c.Status.RenewedAt
	}
	if c.Spec.RenewAskedAt.After(last) {
		return renew, 0
	}
	if wait := made.NotAfter.Add(-renewBefore).Sub(now); wait > 0 {
		return rest, wait
	}
	if used {
		return renew, 0
	}
	return rest, lookAgain
}

// state is a certificate's CertificateStatus.
func state(c *Certificate, now time.Time) string {
	m := c.Material()
	switch {
	case m == nil:
		return acmapi.CertificateStatusPendingValidation
	case now.After(m.NotAfter):
		return acmapi.CertificateStatusExpired
	}
	return acmapi.CertificateStatusIssued
}
