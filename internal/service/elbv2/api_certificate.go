package elbv2

import (
	"context"
	"slices"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/store"
)

// maxCertificates is how many a listener has beside its default one.
const maxCertificates = 25

func (s *Service) addListenerCertificates(ctx context.Context, call *api.Call, in *elbv2api.AddListenerCertificatesInput) (*elbv2api.AddListenerCertificatesOutput, error) {
	out := &elbv2api.AddListenerCertificatesOutput{Certificates: []elbv2api.Certificate{}}
	return out, s.changeCertificates(ctx, in.ListenerArn, func(tx *store.Tx, t *TLSSpec) error {
		for _, c := range in.Certificates {
			name := api.Val(c.CertificateArn)
			if err := usable(tx, name, call.Now); err != nil {
				return err
			}
			if !slices.Contains(t.More, name) {
				t.More = append(slices.Clip(t.More), name)
			}
			out.Certificates = append(out.Certificates, elbv2api.Certificate{CertificateArn: &name, IsDefault: api.Ptr(false)})
		}
		if len(t.More) > maxCertificates {
			return elbv2api.NewTooManyCertificatesException("%d certificates are the most of a listener", maxCertificates)
		}
		return nil
	})
}

func (s *Service) removeListenerCertificates(ctx context.Context, call *api.Call, in *elbv2api.RemoveListenerCertificatesInput) (*elbv2api.RemoveListenerCertificatesOutput, error) {
	return nil, s.changeCertificates(ctx, in.ListenerArn, func(_ *store.Tx, t *TLSSpec) error {
		for _, c := range in.Certificates {
			name := api.Val(c.CertificateArn)
			if name == t.Certificate && !slices.Contains(t.More, name) {
				return elbv2api.NewOperationNotPermittedException("The default certificate cannot be removed")
			}
			t.More = slices.DeleteFunc(slices.Clone(t.More), func(n string) bool { return n == name })
		}
		return nil
	})
}

// changeCertificates edits the TLS of an HTTPS listener in one transaction.
func (s *Service) changeCertificates(ctx context.Context, name *string, edit func(*store.Tx, *TLSSpec) error) error {
	return s.env.Store.Update(ctx, func(tx *store.Tx) error {
		l, ok := Listeners.Get(tx, keyOf(api.Val(name)))
		if !ok {
			return listenerNotFound(api.Val(name))
		}
		if l.Spec.TLS == nil {
			return invalid("Certificates can be specified for HTTPS listeners only")
		}
		changed := *l.Spec.TLS
		if err := edit(tx, &changed); err != nil {
			return err
		}
		Listeners.Modify(tx, l.Key, func(l *Listener) { l.Spec.TLS = &changed })
		return nil
	})
}

func (s *Service) describeListenerCertificates(_ context.Context, call *api.Call, in *elbv2api.DescribeListenerCertificatesInput) (*elbv2api.DescribeListenerCertificatesOutput, error) {
	l, ok := Listeners.Get(s.env.Store.Snapshot(), keyOf(api.Val(in.ListenerArn)))
	if !ok {
		return nil, listenerNotFound(api.Val(in.ListenerArn))
	}
	all := []elbv2api.Certificate{}
	for i, name := range l.certificates() {
		all = append(all, elbv2api.Certificate{CertificateArn: &name, IsDefault: api.Ptr(i == 0)})
	}
	part, next, err := page(all, func(c *elbv2api.Certificate) string { return *c.CertificateArn }, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	return &elbv2api.DescribeListenerCertificatesOutput{Certificates: part, NextMarker: next}, nil
}
