package cloudfront

import (
	"context"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
)

func describeAccessControl(i *Item[cf.OriginAccessControlConfig]) *cf.OriginAccessControl {
	return &cf.OriginAccessControl{Id: api.Ptr(i.ID()), OriginAccessControlConfig: &i.Spec.Config}
}

func (s *Service) createAccessControl(ctx context.Context, call *api.Call, in *cf.CreateOriginAccessControlRequest) (*cf.CreateOriginAccessControlResult, error) {
	i, err := s.accessControls.create(ctx, s.store, call, *in.OriginAccessControlConfig, nil)
	if err != nil {
		return nil, err
	}
	return &cf.CreateOriginAccessControlResult{OriginAccessControl: describeAccessControl(&i), ETag: &i.Spec.ETag, Location: location("origin-access-control", i.ID())}, nil
}

func (s *Service) getAccessControl(_ context.Context, call *api.Call, in *cf.GetOriginAccessControlRequest) (*cf.GetOriginAccessControlResult, error) {
	i, err := s.accessControls.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetOriginAccessControlResult{OriginAccessControl: describeAccessControl(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) getAccessControlConfig(_ context.Context, call *api.Call, in *cf.GetOriginAccessControlConfigRequest) (*cf.GetOriginAccessControlConfigResult, error) {
	i, err := s.accessControls.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetOriginAccessControlConfigResult{OriginAccessControlConfig: &i.Spec.Config, ETag: &i.Spec.ETag}, nil
}

func (s *Service) updateAccessControl(ctx context.Context, call *api.Call, in *cf.UpdateOriginAccessControlRequest) (*cf.UpdateOriginAccessControlResult, error) {
	i, err := s.accessControls.update(ctx, s.store, call, in.Id, in.IfMatch, *in.OriginAccessControlConfig)
	if err != nil {
		return nil, err
	}
	return &cf.UpdateOriginAccessControlResult{OriginAccessControl: describeAccessControl(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) deleteAccessControl(ctx context.Context, call *api.Call, in *cf.DeleteOriginAccessControlRequest) (*cf.DeleteOriginAccessControlOutput, error) {
	return nil, s.accessControls.remove(ctx, s.store, call, in.Id, in.IfMatch)
}

func (s *Service) listAccessControls(_ context.Context, call *api.Call, in *cf.ListOriginAccessControlsRequest) (*cf.ListOriginAccessControlsResult, error) {
	page, err := s.accessControls.list(s.store.Snapshot(), call, in.Marker, in.MaxItems, nil)
	if err != nil {
		return nil, err
	}
	list := &cf.OriginAccessControlList{Marker: api.Ptr(api.Val(in.Marker)), IsTruncated: api.Ptr(page.next != nil), NextMarker: page.next, MaxItems: &page.limit, Quantity: page.quantity()}
	for _, i := range page.items {
		list.Items = append(list.Items, cf.OriginAccessControlSummary{
			Id: api.Ptr(i.ID()), Name: i.Spec.Config.Name, Description: api.Ptr(api.Val(i.Spec.Config.Description)), SigningProtocol: i.Spec.Config.SigningProtocol,
			SigningBehavior: i.Spec.Config.SigningBehavior, OriginAccessControlOriginType: i.Spec.Config.OriginAccessControlOriginType,
		})
	}
	return &cf.ListOriginAccessControlsResult{OriginAccessControlList: list}, nil
}
