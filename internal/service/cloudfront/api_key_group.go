package cloudfront

import (
	"context"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
)

func describeKeyGroup(i *Item[cf.KeyGroupConfig]) *cf.KeyGroup {
	return &cf.KeyGroup{Id: api.Ptr(i.ID()), LastModifiedTime: &i.Spec.ModifiedAt, KeyGroupConfig: &i.Spec.Config}
}

func (s *Service) createKeyGroup(ctx context.Context, call *api.Call, in *cf.CreateKeyGroupRequest) (*cf.CreateKeyGroupResult, error) {
	i, err := s.keyGroups.create(ctx, s.store, call, *in.KeyGroupConfig, nil)
	if err != nil {
		return nil, err
	}
	return &cf.CreateKeyGroupResult{KeyGroup: describeKeyGroup(&i), ETag: &i.Spec.ETag, Location: location("key-group", i.ID())}, nil
}

func (s *Service) getKeyGroup(_ context.Context, call *api.Call, in *cf.GetKeyGroupRequest) (*cf.GetKeyGroupResult, error) {
	i, err := s.keyGroups.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetKeyGroupResult{KeyGroup: describeKeyGroup(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) getKeyGroupConfig(_ context.Context, call *api.Call, in *cf.GetKeyGroupConfigRequest) (*cf.GetKeyGroupConfigResult, error) {
	i, err := s.keyGroups.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetKeyGroupConfigResult{KeyGroupConfig: &i.Spec.Config, ETag: &i.Spec.ETag}, nil
}

func (s *Service) updateKeyGroup(ctx context.Context, call *api.Call, in *cf.UpdateKeyGroupRequest) (*cf.UpdateKeyGroupResult, error) {
	i, err := s.keyGroups.update(ctx, s.store, call, in.Id, in.IfMatch, *in.KeyGroupConfig)
	if err != nil {
		return nil, err
	}
	return &cf.UpdateKeyGroupResult{KeyGroup: describeKeyGroup(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) deleteKeyGroup(ctx context.Context, call *api.Call, in *cf.DeleteKeyGroupRequest) (*cf.DeleteKeyGroupOutput, error) {
	return nil, s.keyGroups.remove(ctx, s.store, call, in.Id, in.IfMatch)
}

func (s *Service) listKeyGroups(_ context.Context, call *api.Call, in *cf.ListKeyGroupsRequest) (*cf.ListKeyGroupsResult, error) {
	page, err := s.keyGroups.list(s.store.Snapshot(), call, in.Marker, in.MaxItems, nil)
	if err != nil {
		return nil, err
	}
	list := &cf.KeyGroupList{NextMarker: page.next, MaxItems: &page.limit, Quantity: page.quantity()}
	for _, i := range page.items {
		list.Items = append(list.Items, cf.KeyGroupSummary{KeyGroup: describeKeyGroup(&i)})
	}
	return &cf.ListKeyGroupsResult{KeyGroupList: list}, nil
}
