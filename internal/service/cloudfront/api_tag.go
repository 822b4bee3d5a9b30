package cloudfront

import (
	"context"
	"strings"

	"apex/internal/api"
	cf "apex/internal/api/cloudfrontapi"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// tagged finds the distribution that an ARN names: nothing else has tags.
func tagged(r store.Reader, call *api.Call, resource *string) (Item[cf.DistributionConfig], error) {
	a, err := arn.Parse(*resource)
	if err != nil || a.Service != "cloudfront" {
		return Item[cf.DistributionConfig]{}, cf.NewInvalidArgument("%s is not an ARN of CloudFront", *resource)
	}
	id, ok := strings.CutPrefix(a.Resource, "distribution/")
	i, found := Distributions.Get(r, scopeOf(call).Key(id))
	if !ok || !found || a.Account != call.Account {
		return i, cf.NewNoSuchResource("The specified resource does not exist: %s", *resource)
	}
	return i, nil
}

func (s *Service) retag(ctx context.Context, call *api.Call, resource *string, edit func(tag.Tags) (tag.Tags, error)) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		i, err := tagged(tx, call, resource)
		if err != nil {
			return err
		}
		if i.Spec.Tags, err = edit(i.Spec.Tags); err != nil {
			return err
		}
		Distributions.Put(tx, i)
		return nil
	})
}

func (s *Service) tagResource(ctx context.Context, call *api.Call, in *cf.TagResourceRequest) (*cf.TagResourceOutput, error) {
	return nil, s.retag(ctx, call, in.Resource, func(old tag.Tags) (tag.Tags, error) { return newTags(old, in.Tags) })
}

func (s *Service) untagResource(ctx context.Context, call *api.Call, in *cf.UntagResourceRequest) (*cf.UntagResourceOutput, error) {
	return nil, s.retag(ctx, call, in.Resource, func(old tag.Tags) (tag.Tags, error) { return old.Without(in.TagKeys.Items...), nil })
}

func (s *Service) listTags(_ context.Context, call *api.Call, in *cf.ListTagsForResourceRequest) (*cf.ListTagsForResourceResult, error) {
	i, err := tagged(s.store.Snapshot(), call, in.Resource)
	if err != nil {
		return nil, err
	}
	tags := &cf.Tags{Items: []cf.Tag{}}
	for k, v := range i.Spec.Tags.All() {
		tags.Items = append(tags.Items, cf.Tag{Key: &k, Value: &v})
	}
	return &cf.ListTagsForResourceResult{Tags: tags}, nil
}
