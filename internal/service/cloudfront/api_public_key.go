package cloudfront

import (
	"context"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
)

func describePublicKey(i *Item[cf.PublicKeyConfig]) *cf.PublicKey {
	return &cf.PublicKey{Id: api.Ptr(i.ID()), CreatedTime: &i.Spec.CreatedAt, PublicKeyConfig: &i.Spec.Config}
}

func (s *Service) createPublicKey(ctx context.Context, call *api.Call, in *cf.CreatePublicKeyRequest) (*cf.CreatePublicKeyResult, error) {
	i, err := s.publicKeys.create(ctx, s.store, call, *in.PublicKeyConfig, nil)
	if err != nil {
		return nil, err
	}
	return &cf.CreatePublicKeyResult{PublicKey: describePublicKey(&i), ETag: &i.Spec.ETag, Location: location("public-key", i.ID())}, nil
}

func (s *Service) getPublicKey(_ context.Context, call *api.Call, in *cf.GetPublicKeyRequest) (*cf.GetPublicKeyResult, error) {
	i, err := s.publicKeys.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetPublicKeyResult{PublicKey: describePublicKey(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) getPublicKeyConfig(_ context.Context, call *api.Call, in *cf.GetPublicKeyConfigRequest) (*cf.GetPublicKeyConfigResult, error) {
	i, err := s.publicKeys.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetPublicKeyConfigResult{PublicKeyConfig: &i.Spec.Config, ETag: &i.Spec.ETag}, nil
}

func (s *Service) updatePublicKey(ctx context.Context, call *api.Call, in *cf.UpdatePublicKeyRequest) (*cf.UpdatePublicKeyResult, error) {
	i, err := s.publicKeys.update(ctx, s.store, call, in.Id, in.IfMatch, *in.PublicKeyConfig)
	if err != nil {
		return nil, err
	}
	return &cf.UpdatePublicKeyResult{PublicKey: describePublicKey(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) deletePublicKey(ctx context.Context, call *api.Call, in *cf.DeletePublicKeyRequest) (*cf.DeletePublicKeyOutput, error) {
	return nil, s.publicKeys.remove(ctx, s.store, call, in.Id, in.IfMatch)
}

func (s *Service) listPublicKeys(_ context.Context, call *api.Call, in *cf.ListPublicKeysRequest) (*cf.ListPublicKeysResult, error) {
	page, err := s.publicKeys.list(s.store.Snapshot(), call, in.Marker, in.MaxItems, nil)
	if err != nil {
		return nil, err
	}
	list := &cf.PublicKeyList{NextMarker: page.next, MaxItems: &page.limit, Quantity: page.quantity()}
	for _, i := range page.items {
		list.Items = append(list.Items, cf.PublicKeySummary{
			Id: api.Ptr(i.ID()), Name: i.Spec.Config.Name, CreatedTime: &i.Spec.CreatedAt, EncodedKey: i.Spec.Config.EncodedKey, Comment: i.Spec.Config.Comment,
		})
	}
	return &cf.ListPublicKeysResult{PublicKeyList: list}, nil
}
