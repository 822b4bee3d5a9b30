package acm

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func issuedAt(t time.Time) *Certificate {
	return &Certificate{
		Spec:   CertificateSpec{Type: "AMAZON_ISSUED"},
		Status: CertificateStatus{IssuedAt: t, Issued: &Material{NotBefore: t, NotAfter: t.Add(leafLife)}},
	}
}

func TestPlan(t *testing.T) {
	day := 24 * time.Hour
	asked := issuedAt(epoch)
	asked.Spec.RenewAskedAt = epoch.Add(day)
	renewed := issuedAt(epoch)
	renewed.Spec.RenewAskedAt, renewed.Status.RenewedAt = epoch.Add(day), epoch.Add(day)
	for name, tt := range map[string]struct {
		cert *Certificate
		used bool
		at   time.Duration
		want step
		wait time.Duration
	}{
		"new":               {&Certificate{Spec: CertificateSpec{Type: "AMAZON_ISSUED"}}, false, 0, issue, 0},
		"imported":          {&Certificate{Spec: CertificateSpec{Type: "IMPORTED"}}, true, 500 * day, rest, 0},
		"fresh":             {issuedAt(epoch), true, 0, rest, 335 * day},
		"near its end":      {issuedAt(epoch), true, 335 * day, renew, 0},
		"past its end":      {issuedAt(epoch), true, 500 * day, renew, 0},
		"nobody uses it":    {issuedAt(epoch), false, 336 * day, rest, lookAgain},
		"asked for":         {asked, false, day, renew, 0},
		"asked for and had": {renewed, false, day, rest, 334 * day},
	} {
		t.Run(name, func(t *testing.T) {
			got, wait := plan(tt.cert, tt.used, epoch.Add(tt.at))
			if got != tt.want || wait != tt.wait {
				t.Errorf("%s after %s, want %s after %s", got, wait, tt.want, tt.wait)
			}
		})
	}
}

// TestUsedNeverExpires follows a certificate in use through years: whenever the
// controller looks when the plan says, what it serves is valid.
func TestUsedNeverExpires(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, now := issuedAt(epoch), epoch
		for range 20 {
			todo, wait := plan(c, true, now)
			if todo == renew {
				c.Status.RenewedAt = now
				c.Status.Issued = &Material{NotBefore: now, NotAfter: now.Add(leafLife)}
				continue
			}
			late := time.Duration(rapid.Int64Range(0, int64(renewBefore)-1).Draw(t, "late"))
			if now = now.Add(wait + late); now.After(c.Status.Issued.NotAfter) {
				t.Fatalf("%s: expired at %s", now, c.Status.Issued.NotAfter)
			}
		}
	})
}
