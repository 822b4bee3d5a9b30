package elbv2

import (
	"slices"

	"apex/internal/store"
)

// A TLSSpec is how an HTTPS listener speaks TLS.
type TLSSpec struct {
	Policy      string   // the security policy's name
	Certificate string   // the default certificate's ARN
	More        []string // the ARNs of those that clients can ask for by name, in the order they were added
	Mutual      MutualSpec
}

// certificates are all of a listener's certificates, the default one first.
func (l *Listener) certificates() []string {
	if l.Spec.TLS == nil {
		return nil
	}
	return append([]string{l.Spec.TLS.Certificate}, l.Spec.TLS.More...)
}

// CertificateUsers returns the ARNs of the load balancers that have a listener
// with the certificate.
func CertificateUsers(r store.Reader, certificate string) (users []string) {
	for _, l := range Listeners.All(r) {
		if slices.Contains(l.certificates(), certificate) {
			users = append(users, arnOf(l.Spec.LoadBalancer))
		}
	}
	slices.Sort(users)
	return slices.Compact(users)
}
