package servicediscovery

import (
	"context"
	"strings"

	"apex/internal/api"
	sd "apex/internal/api/servicediscoveryapi"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

// newTags lays a call's tags over a resource's.
func newTags(old tag.Tags, list []sd.Tag) (tag.Tags, error) {
	more := tag.Tags{}
	for _, t := range list {
		more[*t.Key] = *t.Value
	}
	all := old.With(more)
	if len(all) > tag.MaxCount {
		return nil, sd.NewTooManyTagsException("%d tags are more than %d", len(all), tag.MaxCount)
	}
	if err := all.Validate(); err != nil {
		return nil, sd.NewInvalidInput("%v", err)
	}
	return all, nil
}

// retag edits the tags of a namespace or a service.
func retag(tx *store.Tx, call *api.Call, name string, edit func(tag.Tags) (tag.Tags, error)) error {
	a, err := arn.Parse(name)
	kind, id, _ := strings.Cut(a.Resource, "/")
	key := scopeOf(call).Key(id)
	if err != nil || a.Service != signingName || a.Scope() != scopeOf(call) {
		return sd.NewInvalidInput("%s is not the ARN of a namespace or a service", name)
	}
	found := false
	switch kind {
	case "namespace":
		found = Namespaces.Modify(tx, key, func(n *Namespace) { n.Spec.Tags, err = edit(n.Spec.Tags) })
	case "service":
		found = Services.Modify(tx, key, func(e *Entry) { e.Spec.Tags, err = edit(e.Spec.Tags) })
	}
	if !found {
		return sd.NewResourceNotFoundException("The resource %s does not exist", name)
	}
	return err
}

func (s *Service) tagResource(ctx context.Context, call *api.Call, in *sd.TagResourceRequest) (*sd.TagResourceResponse, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		return retag(tx, call, *in.ResourceARN, func(old tag.Tags) (tag.Tags, error) { return newTags(old, in.Tags) })
	})
}

func (s *Service) untagResource(ctx context.Context, call *api.Call, in *sd.UntagResourceRequest) (*sd.UntagResourceResponse, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		return retag(tx, call, *in.ResourceARN, func(old tag.Tags) (tag.Tags, error) { return old.Without(in.TagKeys...), nil })
	})
}

func (s *Service) listTags(_ context.Context, call *api.Call, in *sd.ListTagsForResourceRequest) (*sd.ListTagsForResourceResponse, error) {
	snap := s.store.Snapshot()
	a, err := arn.Parse(*in.ResourceARN)
	if err != nil || a.Service != signingName {
		return nil, sd.NewInvalidInput("%s is not the ARN of a namespace or a service", *in.ResourceARN)
	}
	_, id, _ := strings.Cut(a.Resource, "/")
	n, isNamespace := Namespaces.Get(snap, scopeOf(call).Key(id))
	e, isService := Services.Get(snap, scopeOf(call).Key(id))
	if !isNamespace && !isService {
		return nil, sd.NewResourceNotFoundException("The resource %s does not exist", *in.ResourceARN)
	}
	out := &sd.ListTagsForResourceResponse{Tags: []sd.Tag{}}
	for k, v := range n.Spec.Tags.With(e.Spec.Tags).All() {
		out.Tags = append(out.Tags, sd.Tag{Key: &k, Value: &v})
	}
	return out, nil
}
