package ssm

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/ssmapi"
	"apex/internal/tag"
)

// newTags lays the tags of a call over those of a parameter.
func newTags(old tag.Tags, list []ssmapi.Tag) (tag.Tags, error) {
	more := tag.Tags{}
	for _, t := range list {
		more[api.Val(t.Key)] = api.Val(t.Value)
	}
	all := old.With(more)
	if len(all) > tag.MaxCount {
		return nil, ssmapi.NewTooManyTagsError("%d tags are more than %d", len(all), tag.MaxCount)
	}
	if err := all.Validate(); err != nil {
		return nil, invalid("%v", err)
	}
	return all, nil
}

// tagged refuses the resources of which none is built.
func tagged(kind *string) error {
	if api.Val(kind) != ssmapi.ResourceTypeForTaggingParameter {
		return ssmapi.NewInvalidResourceType("The resource type %s is not built: only parameters are.", api.Val(kind))
	}
	return nil
}

func noResource(id *string) func() error {
	return func() error {
		return ssmapi.NewInvalidResourceId("The resource ID %s isn't valid. Verify that you entered the correct ID and try again.", api.Val(id))
	}
}

func (s *Service) addTagsToResource(ctx context.Context, call *api.Call, in *ssmapi.AddTagsToResourceRequest) (*ssmapi.AddTagsToResourceResult, error) {
	if err := tagged(in.ResourceType); err != nil {
		return nil, err
	}
	return nil, s.change(ctx, call, in.ResourceId, noResource(in.ResourceId), func(p *Parameter) (err error) {
		p.Spec.Tags, err = newTags(p.Spec.Tags, in.Tags)
		return err
	})
}

func (s *Service) removeTagsFromResource(ctx context.Context, call *api.Call, in *ssmapi.RemoveTagsFromResourceRequest) (*ssmapi.RemoveTagsFromResourceResult, error) {
	if err := tagged(in.ResourceType); err != nil {
		return nil, err
	}
	return nil, s.change(ctx, call, in.ResourceId, noResource(in.ResourceId), func(p *Parameter) error {
		p.Spec.Tags = p.Spec.Tags.Without(in.TagKeys...)
		return nil
	})
}

func (s *Service) listTagsForResource(_ context.Context, call *api.Call, in *ssmapi.ListTagsForResourceRequest) (*ssmapi.ListTagsForResourceResult, error) {
	if err := tagged(in.ResourceType); err != nil {
		return nil, err
	}
	name, _ := split(scopeOf(call), api.Val(in.ResourceId))
	p, ok := lookup(s.env.Store.Snapshot(), scopeOf(call), api.Val(in.ResourceId), name)
	if !ok {
		return nil, noResource(in.ResourceId)()
	}
	out := &ssmapi.ListTagsForResourceResult{TagList: []ssmapi.Tag{}}
	for k, v := range p.Spec.Tags.All() {
		out.TagList = append(out.TagList, ssmapi.Tag{Key: &k, Value: &v})
	}
	return out, nil
}
