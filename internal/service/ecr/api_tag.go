package ecr

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/ecrapi"
	"apex/internal/tag"
)

// nameFrom returns the name of the repository that an ARN of the caller's scope
// names.
func nameFrom(call *api.Call, resource *string) (*string, error) {
	name, ok := strings.CutPrefix(api.Val(resource), scopeOf(call).ARN("ecr", "repository/"))
	if !ok {
		return nil, ecrapi.NewInvalidParameterException("Invalid parameter at 'resourceArn' failed to satisfy constraint: 'Invalid ARN'")
	}
	return &name, nil
}

func (s *Service) tagResource(ctx context.Context, call *api.Call, in *ecrapi.TagResourceRequest) (*ecrapi.TagResourceResponse, error) {
	name, err := nameFrom(call, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	more, err := tagsFrom(in.Tags)
	if err != nil {
		return nil, err
	}
	_, err = s.change(ctx, call, nil, name, func(own *Repository) error {
		own.Spec.Tags = own.Spec.Tags.With(more)
		if len(own.Spec.Tags) > tag.MaxCount {
			return ecrapi.NewTooManyTagsException("The repository would have more than %d tags", tag.MaxCount)
		}
		return nil
	})
	return nil, err
}

func (s *Service) untagResource(ctx context.Context, call *api.Call, in *ecrapi.UntagResourceRequest) (*ecrapi.UntagResourceResponse, error) {
	name, err := nameFrom(call, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	_, err = s.change(ctx, call, nil, name, func(own *Repository) error {
		own.Spec.Tags = own.Spec.Tags.Without(in.TagKeys...)
		return nil
	})
	return nil, err
}

func (s *Service) listTagsForResource(_ context.Context, call *api.Call, in *ecrapi.ListTagsForResourceRequest) (*ecrapi.ListTagsForResourceResponse, error) {
	name, err := nameFrom(call, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	repository, err := find(s.store.Snapshot(), call, nil, name)
	if err != nil {
		return nil, err
	}
	out := &ecrapi.ListTagsForResourceResponse{Tags: []ecrapi.Tag{}}
	for k, v := range repository.Spec.Tags.All() {
		out.Tags = append(out.Tags, ecrapi.Tag{Key: &k, Value: &v})
	}
	return out, nil
}

// tagsFrom checks the tags of a request.
func tagsFrom(list []ecrapi.Tag) (tag.Tags, error) {
	tags := tag.Tags{}
	for _, t := range list {
		tags[api.Val(t.Key)] = api.Val(t.Value)
	}
	if err := tags.Validate(); err != nil {
		return nil, ecrapi.NewInvalidTagParameterException("%v", err)
	}
	return tags, nil
}
