package events

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/eventsapi"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

func tagsOf(in []eventsapi.Tag) (tag.Tags, error) {
	tags := tag.Tags{}
	for _, t := range in {
		tags[*t.Key] = *t.Value
	}
	if err := tags.Validate(); err != nil {
		return nil, invalid("%v", err)
	}
	return tags, nil
}

func (s *Service) listTags(_ context.Context, _ *api.Call, in *eventsapi.ListTagsForResourceRequest) (*eventsapi.ListTagsForResourceResponse, error) {
	out := &eventsapi.ListTagsForResourceResponse{Tags: []eventsapi.Tag{}}
	name, err := arn.Parse(*in.ResourceARN)
	if err != nil {
		return nil, invalid("Parameter ResourceARN is not valid.")
	}
	found, ok := Find(s.store.Snapshot(), name)
	if !ok {
		return nil, eventsapi.NewResourceNotFoundException("%s does not exist.", *in.ResourceARN)
	}
	for key, value := range found.Tags.All() {
		out.Tags = append(out.Tags, eventsapi.Tag{Key: &key, Value: &value})
	}
	return out, nil
}

func (s *Service) tagResource(ctx context.Context, _ *api.Call, in *eventsapi.TagResourceRequest) (*eventsapi.TagResourceResponse, error) {
	more, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	return nil, s.retag(ctx, *in.ResourceARN, func(old tag.Tags) tag.Tags { return old.With(more) })
}

func (s *Service) untagResource(ctx context.Context, _ *api.Call, in *eventsapi.UntagResourceRequest) (*eventsapi.UntagResourceResponse, error) {
	return nil, s.retag(ctx, *in.ResourceARN, func(old tag.Tags) tag.Tags { return old.Without(in.TagKeys...) })
}

// retag edits the tags of a bus or rule.
func (s *Service) retag(ctx context.Context, text string, edit func(tag.Tags) tag.Tags) error {
	name, err := arn.Parse(text)
	if err != nil {
		return invalid("Parameter ResourceARN is not valid.")
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		found, ok := Find(tx, name)
		tags := edit(found.Tags)
		switch {
		case !ok:
			return eventsapi.NewResourceNotFoundException("%s does not exist.", text)
		case len(tags) > tag.MaxCount:
			return invalid("Too many tags.")
		}
		if bus, isBus := strings.CutPrefix(name.Resource, "event-bus/"); isBus {
			b, err := findBus(tx, name.Scope(), bus)
			b.Spec.Tags = tags
			Buses.Put(tx, b)
			return err
		}
		Rules.Modify(tx, ruleKey(name), func(r *Rule) { r.Spec.Tags = tags })
		return nil
	})
}
