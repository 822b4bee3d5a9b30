package wafv2

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/wafv2api"
	"apex/internal/arn"
	"apex/internal/service"
	"apex/internal/store"
	"apex/internal/tag"
)

// Find returns what deciding on access must know of an item.
func Find(r store.Reader, name arn.ARN) (service.Resource, bool) {
	item, err := findARN(r, name.String())
	return service.Resource{Policy: item.Spec.Policy, Tags: item.Spec.Tags}, err == nil
}

func (s *Service) listTags(_ context.Context, _ *api.Call, in *wafv2api.ListTagsForResourceRequest) (*wafv2api.ListTagsForResourceResponse, error) {
	item, err := findARN(s.store.Snapshot(), *in.ResourceARN)
	info := &wafv2api.TagInfoForResource{ResourceARN: in.ResourceARN, TagList: []wafv2api.Tag{}}
	for key, value := range item.Spec.Tags.All() {
		info.TagList = append(info.TagList, wafv2api.Tag{Key: &key, Value: &value})
	}
	return &wafv2api.ListTagsForResourceResponse{TagInfoForResource: info}, err
}

func (s *Service) tagResource(ctx context.Context, _ *api.Call, in *wafv2api.TagResourceRequest) (*wafv2api.TagResourceResponse, error) {
	more, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	return nil, s.changeARN(ctx, *in.ResourceARN, func(spec *ItemSpec) error {
		if spec.Tags = spec.Tags.With(more); len(spec.Tags) > tag.MaxCount {
			return wafv2api.NewWAFLimitsExceededException("AWS WAF couldn’t perform the operation because a resource has at most %d tags.", tag.MaxCount)
		}
		return nil
	})
}

func (s *Service) untagResource(ctx context.Context, _ *api.Call, in *wafv2api.UntagResourceRequest) (*wafv2api.UntagResourceResponse, error) {
	return nil, s.changeARN(ctx, *in.ResourceARN, func(spec *ItemSpec) error {
		spec.Tags = spec.Tags.Without(in.TagKeys...)
		return nil
	})
}

// sampled answers that no request was inspected, which is so.
func (s *Service) sampled(_ context.Context, _ *api.Call, in *wafv2api.GetSampledRequestsRequest) (*wafv2api.GetSampledRequestsResponse, error) {
	_, err := findARN(s.store.Snapshot(), *in.WebAclArn)
	return &wafv2api.GetSampledRequestsResponse{SampledRequests: []wafv2api.SampledHTTPRequest{}, PopulationSize: new(int64), TimeWindow: in.TimeWindow}, err
}

// rateKeys answers that no address is limited, which is so.
func (s *Service) rateKeys(_ context.Context, call *api.Call, in *wafv2api.GetRateBasedStatementManagedKeysRequest) (*wafv2api.GetRateBasedStatementManagedKeysResponse, error) {
	_, err := find(s.store.Snapshot(), call, KindACL, in.Scope, in.WebACLId, in.WebACLName)
	return &wafv2api.GetRateBasedStatementManagedKeysResponse{
		ManagedKeysIPV4: &wafv2api.RateBasedStatementManagedKeysIPSet{IPAddressVersion: api.Ptr("IPV4"), Addresses: []string{}},
		ManagedKeysIPV6: &wafv2api.RateBasedStatementManagedKeysIPSet{IPAddressVersion: api.Ptr("IPV6"), Addresses: []string{}},
	}, err
}
