package elbv2

import (
	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/dataplane/balancer"
	"apex/internal/store"
)

// The modes of mutual authentication.
const (
	mutualOff         = "off"
	mutualPassthrough = "passthrough"
	mutualVerify      = "verify"
)

// A MutualSpec says what clients of an HTTPS listener show of themselves.
type MutualSpec struct {
	Mode         string // empty is off
	TrustStore   string // the ARN, of mode verify
	IgnoreExpiry bool
	Advertise    bool
}

// mutualOf checks what a call says of mutual authentication.
func mutualOf(r store.Reader, m *elbv2api.MutualAuthenticationAttributes) (MutualSpec, error) {
	mode, name := api.Or(m.Mode, mutualOff), api.Val(m.TrustStoreArn)
	spec := MutualSpec{
		Mode: mode, TrustStore: name, IgnoreExpiry: api.Val(m.IgnoreClientCertificateExpiry),
		Advertise: api.Val(m.AdvertiseTrustStoreCaNames) == elbv2api.AdvertiseTrustStoreCaNamesEnumOn,
	}
	switch {
	case mode != mutualOff && mode != mutualPassthrough && mode != mutualVerify:
		return spec, invalid("Mutual authentication mode '%s' must be one of off, passthrough, verify", mode)
	case mode != mutualVerify && (name != "" || spec.IgnoreExpiry || spec.Advertise):
		return spec, invalid("A trust store and its options can be specified for mutual authentication mode 'verify' only")
	case mode == mutualOff:
		return MutualSpec{}, nil
	case mode == mutualVerify && name == "":
		return spec, invalid("A trust store must be specified for mutual authentication mode 'verify'")
	case mode == mutualVerify:
		t, ok := TrustStores.Get(r, keyOf(name))
		if !ok {
			return spec, trustStoreNotFound(name)
		}
		if t.Status.Authorities == "" {
			return spec, elbv2api.NewTrustStoreNotReadyException("Trust store '%s' is not active: %s", name, t.Status.Fault)
		}
	}
	return spec, nil
}

func (m MutualSpec) describe() *elbv2api.MutualAuthenticationAttributes {
	out := &elbv2api.MutualAuthenticationAttributes{Mode: api.Ptr(mutualOff)}
	if m.Mode == "" {
		return out
	}
	out.Mode = &m.Mode
	if m.Mode == mutualVerify {
		out.TrustStoreArn, out.IgnoreClientCertificateExpiry = &m.TrustStore, &m.IgnoreExpiry
		out.TrustStoreAssociationStatus = api.Ptr(elbv2api.TrustStoreAssociationStatusEnumActive)
		out.AdvertiseTrustStoreCaNames = api.Ptr(elbv2api.AdvertiseTrustStoreCaNamesEnumOff)
		if m.Advertise {
			out.AdvertiseTrustStoreCaNames = api.Ptr(elbv2api.AdvertiseTrustStoreCaNamesEnumOn)
		}
	}
	return out
}

// config is the mode as a balancer serves it; nil is off.
func (m MutualSpec) config(r store.Reader) *balancer.Mutual {
	switch m.Mode {
	case mutualPassthrough:
		return &balancer.Mutual{}
	case mutualVerify:
		t, _ := TrustStores.Get(r, keyOf(m.TrustStore)) // it cannot be deleted while it is used
		return &balancer.Mutual{Verify: true, Authorities: t.Status.Authorities, IgnoreExpiry: m.IgnoreExpiry, Advertise: m.Advertise}
	}
	return nil
}
