package ecs

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

func newTags(in []ecsapi.Tag) (tag.Tags, error) {
	tags := tag.Tags{}
	for _, t := range in {
		tags[api.Val(t.Key)] = api.Val(t.Value)
	}
	if err := tags.Validate(); err != nil {
		return nil, invalid("%v", err)
	}
	return tags, nil
}

func wireTags(tags tag.Tags) []ecsapi.Tag {
	out := []ecsapi.Tag{}
	for k, v := range tags.All() {
		out = append(out, ecsapi.Tag{Key: &k, Value: &v})
	}
	return out
}

func (s *Service) tagResource(ctx context.Context, call *api.Call, in *ecsapi.TagResourceRequest) (*ecsapi.TagResourceResponse, error) {
	more, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	return nil, s.retag(ctx, call, api.Val(in.ResourceArn), func(tags tag.Tags) tag.Tags { return tags.With(more) })
}

func (s *Service) untagResource(ctx context.Context, call *api.Call, in *ecsapi.UntagResourceRequest) (*ecsapi.UntagResourceResponse, error) {
	return nil, s.retag(ctx, call, api.Val(in.ResourceArn), func(tags tag.Tags) tag.Tags { return tags.Without(in.TagKeys...) })
}

func (s *Service) listTagsForResource(ctx context.Context, call *api.Call, in *ecsapi.ListTagsForResourceRequest) (*ecsapi.ListTagsForResourceResponse, error) {
	tags, _, err := tagsOf(s.store.Snapshot(), scopeOf(call), api.Val(in.ResourceArn))
	if err != nil {
		return nil, err
	}
	return &ecsapi.ListTagsForResourceResponse{Tags: wireTags(tags)}, nil
}

func (s *Service) retag(ctx context.Context, call *api.Call, name string, change func(tag.Tags) tag.Tags) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		tags, put, err := tagsOf(tx, scopeOf(call), name)
		if err != nil {
			return err
		}
		tags = change(tags)
		if err := tags.Validate(); err != nil {
			return invalid("%v", err)
		}
		put(tx, tags)
		return nil
	})
}

// tagsOf finds the tags of a resource by its ARN, and how to replace them.
func tagsOf(r store.Reader, scope arn.Scope, name string) (tag.Tags, func(*store.Tx, tag.Tags), error) {
	a, err := arn.Parse(name)
	if err != nil || a.Service != "ecs" || a.Scope() != scope {
		return nil, nil, invalid("Invalid identifier: %s is no ARN of this service.", name)
	}
	for _, find := range []func(store.Reader, arn.Scope, string) (tag.Tags, func(*store.Tx, tag.Tags), bool){
		clusterTags, serviceTags, taskTags, definitionTags,
	} {
		if tags, put, ok := find(r, scope, name); ok {
			return tags, put, nil
		}
	}
	return nil, nil, invalid("The specified resource could not be found: %s", name)
}

func clusterTags(r store.Reader, scope arn.Scope, name string) (tag.Tags, func(*store.Tx, tag.Tags), bool) {
	c, err := findCluster(r, scope, &name)
	return c.Spec.Tags, func(tx *store.Tx, tags tag.Tags) { c.Spec.Tags = tags; Clusters.Put(tx, c) }, err == nil
}

func serviceTags(r store.Reader, scope arn.Scope, name string) (tag.Tags, func(*store.Tx, tag.Tags), bool) {
	id, ok := refer(scope, "service", name)
	svc, known := Services.Get(r, scope.Key(id))
	return svc.Spec.Tags, func(tx *store.Tx, tags tag.Tags) { svc.Spec.Tags = tags; Services.Put(tx, svc) }, ok && known
}

func taskTags(r store.Reader, scope arn.Scope, name string) (tag.Tags, func(*store.Tx, tag.Tags), bool) {
	id, ok := refer(scope, "task", name)
	t, known := Tasks.Get(r, scope.Key(id))
	return t.Spec.Tags, func(tx *store.Tx, tags tag.Tags) { t.Spec.Tags = tags; Tasks.Put(tx, t) }, ok && known
}

func definitionTags(r store.Reader, scope arn.Scope, name string) (tag.Tags, func(*store.Tx, tag.Tags), bool) {
	d, err := findDefinition(r, scope, name)
	return d.Tags, func(tx *store.Tx, tags tag.Tags) { d.Tags = tags; Definitions.Put(tx, d) }, err == nil
}
