package elbv2

import (
	"fmt"
	"time"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/dataplane/balancer"
	"apex/internal/seal"
	"apex/internal/service/acm"
	"apex/internal/store"
)

// listenerAsked is what a call says of a listener's protocol, as far as it says it.
type listenerAsked struct {
	protocol     *string
	port         *int64
	certificates []elbv2api.Certificate
	policy       *string
	alpn         []string
	mutual       *elbv2api.MutualAuthenticationAttributes
}

// check refuses what no listener of the protocol can be.
func (a listenerAsked) check(protocol string) error {
	if p := api.Or(a.port, 80); p < 1 || p > 65535 {
		return invalid("Port '%d' must be from 1 to 65535", p)
	}
	if len(a.alpn) > 0 {
		return elbv2api.NewALPNPolicyNotSupportedException("ALPN policies are for TLS listeners")
	}
	mutual := a.mutual != nil && api.Or(a.mutual.Mode, "off") != "off"
	switch protocol {
	case elbv2api.ProtocolEnumHttp:
	case elbv2api.ProtocolEnumHttps:
		return nil
	default:
		return invalid("Listener protocol '%s' is not supported by application load balancers", protocol)
	}
	switch {
	case len(a.certificates) > 0:
		return invalid("A certificate cannot be specified for HTTP listeners")
	case api.Val(a.policy) != "":
		return invalid("A security policy cannot be specified for HTTP listeners")
	case mutual:
		return invalid("Mutual authentication cannot be specified for HTTP listeners")
	}
	return nil
}

// tls returns how the listener is to speak TLS after the call, nil for HTTP. old
// is how it does so far.
func (a listenerAsked) tls(r store.Reader, protocol string, old *TLSSpec, now time.Time) (*TLSSpec, error) {
	if protocol == elbv2api.ProtocolEnumHttp {
		return nil, nil
	}
	t := TLSSpec{Policy: defaultPolicy}
	if old != nil {
		t = *old
	}
	if name := api.Val(a.policy); name != "" {
		if _, known := policyNamed(name); !known {
			return nil, elbv2api.NewSSLPolicyNotFoundException("SSL policy '%s' not found", name)
		}
		t.Policy = name
	}
	if a.mutual != nil {
		var err error
		if t.Mutual, err = mutualOf(r, a.mutual); err != nil {
			return nil, err
		}
	}
	switch len(a.certificates) {
	case 0:
		if t.Certificate == "" {
			return nil, invalid("A certificate must be specified for HTTPS listeners")
		}
		return &t, nil
	case 1:
	default:
		return nil, invalid("You can specify only one certificate: add the others by AddListenerCertificates")
	}
	t.Certificate = api.Val(a.certificates[0].CertificateArn)
	return &t, usable(r, t.Certificate, now)
}

// usable refuses certificates that no listener can show.
func usable(r store.Reader, name string, now time.Time) error {
	c, ok := acm.Lookup(r, name)
	switch {
	case !ok:
		return elbv2api.NewCertificateNotFoundException("Certificate '%s' not found", name)
	case c.Material() == nil:
		return api.Invalid("UnsupportedCertificate", "The certificate '%s' must have a fully-qualified domain name, a supported signature, and a supported key size: it is not issued yet", name)
	case now.After(c.Material().NotAfter):
		return api.Invalid("UnsupportedCertificate", "The certificate '%s' has expired", name)
	}
	return nil
}

// secureListener is a listener's TLS as its balancer serves it; nil for HTTP.
func secureListener(r store.Reader, sealer *seal.Sealer, l *Listener) (*balancer.TLS, error) {
	if l.Spec.TLS == nil {
		return nil, nil
	}
	p, _ := policyNamed(l.Spec.TLS.Policy) // checked when it was set
	t := p.tls()
	t.Mutual = l.Spec.TLS.Mutual.config(r)
	for _, name := range l.certificates() {
		c, ok := acm.Lookup(r, name)
		if !ok || c.Material() == nil {
			return nil, fmt.Errorf("listener on port %d: certificate %s: gone", l.Spec.Port, name)
		}
		key, err := c.PrivateKey(sealer)
		if err != nil {
			return nil, fmt.Errorf("listener on port %d: key of certificate %s: %w", l.Spec.Port, name, err)
		}
		t.Certificates = append(t.Certificates, balancer.Certificate{
			ID: name, Chain: c.Material().Certificate + "\n" + c.Material().Chain, Key: string(key),
		})
	}
	return t, nil
}
