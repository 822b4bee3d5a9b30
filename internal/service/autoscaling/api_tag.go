package autoscaling

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/autoscalingapi"
	"apex/internal/store"
	"apex/internal/tag"
)

func (s *Service) tagResource(ctx context.Context, call *api.Call, in *autoscalingapi.TagResourceRequest) (*autoscalingapi.TagResourceResponse, error) {
	return nil, s.changeTags(ctx, call, *in.ResourceARN, func(t tag.Tags) tag.Tags { return t.With(in.Tags) })
}

func (s *Service) untagResource(ctx context.Context, call *api.Call, in *autoscalingapi.UntagResourceRequest) (*autoscalingapi.UntagResourceResponse, error) {
	return nil, s.changeTags(ctx, call, *in.ResourceARN, func(t tag.Tags) tag.Tags { return t.Without(in.TagKeys...) })
}

func (s *Service) changeTags(ctx context.Context, call *api.Call, name string, change func(tag.Tags) tag.Tags) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		t, ok := findTarget(tx, call, name)
		if !ok {
			return noResource(name)
		}
		tags := change(t.Spec.Tags)
		if err := tags.Validate(); err != nil {
			return autoscalingapi.NewValidationException("%v", err)
		}
		Targets.Modify(tx, t.Key, func(t *Target) { t.Spec.Tags = tags })
		return nil
	})
}

func (s *Service) listTags(_ context.Context, call *api.Call, in *autoscalingapi.ListTagsForResourceRequest) (*autoscalingapi.ListTagsForResourceResponse, error) {
	t, ok := findTarget(s.store.Snapshot(), call, *in.ResourceARN)
	if !ok {
		return nil, noResource(*in.ResourceARN)
	}
	return &autoscalingapi.ListTagsForResourceResponse{Tags: tag.Tags{}.With(t.Spec.Tags)}, nil
}

func findTarget(r store.Reader, call *api.Call, name string) (Target, bool) {
	for _, t := range Targets.Prefix(r, scopeOf(call).Prefix()) {
		if t.Spec.ARN == name {
			return t, true
		}
	}
	return Target{}, false
}

func noResource(name string) error {
	return autoscalingapi.NewResourceNotFoundException("The specified resource doesn't exist: %s", name)
}
