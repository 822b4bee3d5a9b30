package elbv2

import (
	"context"
	"regexp"
	"slices"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/awsid"
	"apex/internal/store"
)

var trustStoreForm = regexp.MustCompile(`^([a-zA-Z0-9]+-)*[a-zA-Z0-9]+$`)

func trustStoreNotFound(name string) *api.Error {
	return elbv2api.NewTrustStoreNotFoundException("Trust store '%s' not found", name)
}

func (s *Service) createTrustStore(ctx context.Context, call *api.Call, in *elbv2api.CreateTrustStoreInput) (*elbv2api.CreateTrustStoreOutput, error) {
	name := api.Val(in.Name)
	if !trustStoreForm.MatchString(name) {
		return nil, invalid("The trust store name '%s' is not valid", name)
	}
	if in.CaCertificatesBundleS3ObjectVersion != nil {
		return nil, notBuilt("versions of objects")
	}
	tags, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	made := TrustStore{Key: scopeOf(call).Key("truststore/" + name + "/" + awsid.Hex(16)), Spec: TrustStoreSpec{
		Name: name, Tags: tags, CreatedAt: call.Now,
		Bundle: Bundle{api.Val(in.CaCertificatesBundleS3Bucket), api.Val(in.CaCertificatesBundleS3Key), call.Now},
	}}
	err = s.env.Store.Update(ctx, func(tx *store.Tx) error {
		for range TrustStores.Prefix(tx, scopeOf(call).Key("truststore/"+name+"/")) {
			return elbv2api.NewDuplicateTrustStoreNameException("A trust store with the name '%s' exists", name)
		}
		TrustStores.Put(tx, made)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &elbv2api.CreateTrustStoreOutput{TrustStores: []elbv2api.TrustStore{describeTrustStore(&made)}}, nil
}

func (s *Service) modifyTrustStore(ctx context.Context, call *api.Call, in *elbv2api.ModifyTrustStoreInput) (*elbv2api.ModifyTrustStoreOutput, error) {
	if in.CaCertificatesBundleS3ObjectVersion != nil {
		return nil, notBuilt("versions of objects")
	}
	var changed TrustStore
	err := s.env.Store.Update(ctx, func(tx *store.Tx) error {
		key := keyOf(api.Val(in.TrustStoreArn))
		if _, ok := TrustStores.Get(tx, key); !ok {
			return trustStoreNotFound(api.Val(in.TrustStoreArn))
		}
		TrustStores.Modify(tx, key, func(t *TrustStore) {
			t.Spec.Bundle = Bundle{api.Val(in.CaCertificatesBundleS3Bucket), api.Val(in.CaCertificatesBundleS3Key), call.Now}
			changed = *t
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &elbv2api.ModifyTrustStoreOutput{TrustStores: []elbv2api.TrustStore{describeTrustStore(&changed)}}, nil
}

func (s *Service) deleteTrustStore(ctx context.Context, call *api.Call, in *elbv2api.DeleteTrustStoreInput) (*elbv2api.DeleteTrustStoreOutput, error) {
	return nil, s.env.Store.Update(ctx, func(tx *store.Tx) error {
		name := api.Val(in.TrustStoreArn)
		if _, ok := TrustStores.Get(tx, keyOf(name)); !ok {
			return trustStoreNotFound(name)
		}
		if len(trustUsers(tx, name)) > 0 {
			return elbv2api.NewTrustStoreInUseException("Trust store '%s' is in use by a listener", name)
		}
		TrustStores.Delete(tx, keyOf(name))
		return nil
	})
}

func (s *Service) describeTrustStores(_ context.Context, call *api.Call, in *elbv2api.DescribeTrustStoresInput) (*elbv2api.DescribeTrustStoresOutput, error) {
	var found []TrustStore
	seen := map[string]bool{}
	for _, t := range TrustStores.Prefix(s.env.Store.Snapshot(), scopeOf(call).Prefix()) {
		seen[t.ARN()], seen[t.Spec.Name] = true, true
		if (len(in.TrustStoreArns) == 0 || slices.Contains(in.TrustStoreArns, t.ARN())) &&
			(len(in.Names) == 0 || slices.Contains(in.Names, t.Spec.Name)) {
			found = append(found, t)
		}
	}
	for _, name := range append(slices.Clone(in.TrustStoreArns), in.Names...) {
		if !seen[name] {
			return nil, trustStoreNotFound(name)
		}
	}
	part, next, err := page(found, func(t *TrustStore) string { return t.Key }, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	out := &elbv2api.DescribeTrustStoresOutput{TrustStores: []elbv2api.TrustStore{}, NextMarker: next}
	for i := range part {
		out.TrustStores = append(out.TrustStores, describeTrustStore(&part[i]))
	}
	return out, nil
}

func (s *Service) describeTrustStoreAssociations(_ context.Context, call *api.Call, in *elbv2api.DescribeTrustStoreAssociationsInput) (*elbv2api.DescribeTrustStoreAssociationsOutput, error) {
	snap := s.env.Store.Snapshot()
	name := api.Val(in.TrustStoreArn)
	if _, ok := TrustStores.Get(snap, keyOf(name)); !ok {
		return nil, trustStoreNotFound(name)
	}
	part, next, err := page(trustUsers(snap, name), func(l *Listener) string { return l.Key }, in.Marker, in.PageSize)
	if err != nil {
		return nil, err
	}
	out := &elbv2api.DescribeTrustStoreAssociationsOutput{TrustStoreAssociations: []elbv2api.TrustStoreAssociation{}, NextMarker: next}
	for i := range part {
		out.TrustStoreAssociations = append(out.TrustStoreAssociations, elbv2api.TrustStoreAssociation{ResourceArn: api.Ptr(part[i].ARN())})
	}
	return out, nil
}
