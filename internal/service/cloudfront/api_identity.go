package cloudfront

import (
	"context"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
	"apex/internal/awsid"
)

func describeIdentity(i *Item[cf.CloudFrontOriginAccessIdentityConfig]) *cf.CloudFrontOriginAccessIdentity {
	return &cf.CloudFrontOriginAccessIdentity{Id: api.Ptr(i.ID()), S3CanonicalUserId: &i.Spec.CanonicalUser, CloudFrontOriginAccessIdentityConfig: &i.Spec.Config}
}

// canonicalUser is how S3 knows an identity.
func canonicalUser(s *Spec[cf.CloudFrontOriginAccessIdentityConfig]) { s.CanonicalUser = awsid.Hex(96) }

func (s *Service) createIdentity(ctx context.Context, call *api.Call, in *cf.CreateCloudFrontOriginAccessIdentityRequest) (*cf.CreateCloudFrontOriginAccessIdentityResult, error) {
	i, err := s.identities.create(ctx, s.store, call, *in.CloudFrontOriginAccessIdentityConfig, canonicalUser)
	if err != nil {
		return nil, err
	}
	return &cf.CreateCloudFrontOriginAccessIdentityResult{CloudFrontOriginAccessIdentity: describeIdentity(&i), ETag: &i.Spec.ETag, Location: location("origin-access-identity/cloudfront", i.ID())}, nil
}

func (s *Service) getIdentity(_ context.Context, call *api.Call, in *cf.GetCloudFrontOriginAccessIdentityRequest) (*cf.GetCloudFrontOriginAccessIdentityResult, error) {
	i, err := s.identities.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetCloudFrontOriginAccessIdentityResult{CloudFrontOriginAccessIdentity: describeIdentity(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) getIdentityConfig(_ context.Context, call *api.Call, in *cf.GetCloudFrontOriginAccessIdentityConfigRequest) (*cf.GetCloudFrontOriginAccessIdentityConfigResult, error) {
	i, err := s.identities.get(s.store.Snapshot(), call, in.Id)
	if err != nil {
		return nil, err
	}
	return &cf.GetCloudFrontOriginAccessIdentityConfigResult{CloudFrontOriginAccessIdentityConfig: &i.Spec.Config, ETag: &i.Spec.ETag}, nil
}

func (s *Service) updateIdentity(ctx context.Context, call *api.Call, in *cf.UpdateCloudFrontOriginAccessIdentityRequest) (*cf.UpdateCloudFrontOriginAccessIdentityResult, error) {
	i, err := s.identities.update(ctx, s.store, call, in.Id, in.IfMatch, *in.CloudFrontOriginAccessIdentityConfig)
	if err != nil {
		return nil, err
	}
	return &cf.UpdateCloudFrontOriginAccessIdentityResult{CloudFrontOriginAccessIdentity: describeIdentity(&i), ETag: &i.Spec.ETag}, nil
}

func (s *Service) deleteIdentity(ctx context.Context, call *api.Call, in *cf.DeleteCloudFrontOriginAccessIdentityRequest) (*cf.DeleteCloudFrontOriginAccessIdentityOutput, error) {
	return nil, s.identities.remove(ctx, s.store, call, in.Id, in.IfMatch)
}

func (s *Service) listIdentities(_ context.Context, call *api.Call, in *cf.ListCloudFrontOriginAccessIdentitiesRequest) (*cf.ListCloudFrontOriginAccessIdentitiesResult, error) {
	page, err := s.identities.list(s.store.Snapshot(), call, in.Marker, in.MaxItems, nil)
	if err != nil {
		return nil, err
	}
	list := &cf.CloudFrontOriginAccessIdentityList{Marker: api.Ptr(api.Val(in.Marker)), IsTruncated: api.Ptr(page.next != nil), NextMarker: page.next, MaxItems: &page.limit, Quantity: page.quantity()}
	for _, i := range page.items {
		list.Items = append(list.Items, cf.CloudFrontOriginAccessIdentitySummary{
			Id: api.Ptr(i.ID()), S3CanonicalUserId: &i.Spec.CanonicalUser, Comment: i.Spec.Config.Comment,
		})
	}
	return &cf.ListCloudFrontOriginAccessIdentitiesResult{CloudFrontOriginAccessIdentityList: list}, nil
}
