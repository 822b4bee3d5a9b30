package kms

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/kmsapi"
	"apex/internal/tag"
)

// newTags lays the tags of a call over those of a key.
func newTags(old tag.Tags, list []kmsapi.Tag) (tag.Tags, error) {
	more := tag.Tags{}
	for _, t := range list {
		more[api.Val(t.TagKey)] = api.Val(t.TagValue)
	}
	all := old.With(more)
	if len(all) > tag.MaxCount {
		return nil, kmsapi.NewLimitExceededException("%d tags are more than %d", len(all), tag.MaxCount)
	}
	if err := all.Validate(); err != nil {
		return nil, kmsapi.NewTagException("%v", err)
	}
	return all, nil
}

func (s *Service) tagResource(ctx context.Context, call *api.Call, in *kmsapi.TagResourceRequest) (*kmsapi.TagResourceOutput, error) {
	_, err := s.change(ctx, call, in.KeyId, func(k *Key) (err error) {
		if err := k.changeable(); err != nil {
			return err
		}
		k.Spec.Tags, err = newTags(k.Spec.Tags, in.Tags)
		return err
	})
	return nil, err
}

func (s *Service) untagResource(ctx context.Context, call *api.Call, in *kmsapi.UntagResourceRequest) (*kmsapi.UntagResourceOutput, error) {
	_, err := s.change(ctx, call, in.KeyId, func(k *Key) error {
		k.Spec.Tags = k.Spec.Tags.Without(in.TagKeys...)
		return k.changeable()
	})
	return nil, err
}

func (s *Service) listResourceTags(_ context.Context, call *api.Call, in *kmsapi.ListResourceTagsRequest) (*kmsapi.ListResourceTagsResponse, error) {
	k, err := findKey(s.store.Snapshot(), call, in.KeyId)
	if err != nil {
		return nil, err
	}
	var all []kmsapi.Tag
	for key, value := range k.Spec.Tags.All() {
		all = append(all, kmsapi.Tag{TagKey: &key, TagValue: &value})
	}
	tags, next, err := page(all, func(t kmsapi.Tag) string { return *t.TagKey }, in.Marker, api.Or(in.Limit, 50))
	return &kmsapi.ListResourceTagsResponse{Tags: tags, NextMarker: next, Truncated: truncated(next)}, err
}
