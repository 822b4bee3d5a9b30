package elbv2

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/elbv2api"
	"apex/internal/store"
	"apex/internal/tag"
)

// newTags checks the tags that a resource is made with.
func newTags(list []elbv2api.Tag) (tag.Tags, error) {
	tags := tag.Tags{}
	for _, t := range list {
		key := api.Val(t.Key)
		if _, twice := tags[key]; twice {
			return nil, elbv2api.NewDuplicateTagKeysException("Tag key '%s' is given twice", key)
		}
		tags[key] = api.Val(t.Value)
	}
	if len(tags) > tag.MaxCount {
		return nil, elbv2api.NewTooManyTagsException("%d tags are more than %d", len(tags), tag.MaxCount)
	}
	if err := tags.Validate(); err != nil {
		return nil, invalid("%v", err)
	}
	return tags, nil
}

func (s *Service) addTags(ctx context.Context, call *api.Call, in *elbv2api.AddTagsInput) (*elbv2api.AddTagsOutput, error) {
	more, err := newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	return nil, s.changeTags(ctx, in.ResourceArns, func(t tag.Tags) tag.Tags { return t.With(more) })
}

func (s *Service) removeTags(ctx context.Context, call *api.Call, in *elbv2api.RemoveTagsInput) (*elbv2api.RemoveTagsOutput, error) {
	return nil, s.changeTags(ctx, in.ResourceArns, func(t tag.Tags) tag.Tags { return t.Without(in.TagKeys...) })
}

func (s *Service) changeTags(ctx context.Context, arns []string, change func(tag.Tags) tag.Tags) error {
	return s.env.Store.Update(ctx, func(tx *store.Tx) error {
		for _, name := range arns {
			tags, err := tagsOf(tx, name)
			if err != nil {
				return err
			}
			if tags = change(tags); len(tags) > tag.MaxCount {
				return elbv2api.NewTooManyTagsException("%s: %d tags are more than %d", name, len(tags), tag.MaxCount)
			}
			putTags(tx, keyOf(name), tags)
		}
		return nil
	})
}

// kindOf returns the kind of resource that an ARN names.
func kindOf(name string) string {
	parts := strings.SplitN(name, ":", 6)
	kind, _, _ := strings.Cut(parts[len(parts)-1], "/")
	return kind
}

// tagsOf returns the tags of any resource.
func tagsOf(r store.Reader, name string) (tag.Tags, error) {
	key := keyOf(name)
	switch kindOf(name) {
	case "loadbalancer":
		if b, ok := LoadBalancers.Get(r, key); ok {
			return b.Spec.Tags, nil
		}
		return nil, balancerNotFound(name)
	case "listener":
		if l, ok := Listeners.Get(r, key); ok {
			return l.Spec.Tags, nil
		}
		return nil, listenerNotFound(name)
	case "listener-rule":
		if rule, ok := Rules.Get(r, key); ok {
			return rule.Spec.Tags, nil
		}
		return nil, ruleNotFound(name)
	case "targetgroup":
		if g, ok := TargetGroups.Get(r, key); ok {
			return g.Spec.Tags, nil
		}
		return nil, groupNotFound(name)
	}
	if t, ok := TrustStores.Get(r, key); ok {
		return t.Spec.Tags, nil
	}
	return nil, invalid("'%s' is not a valid resource ARN", name)
}

func putTags(tx *store.Tx, key string, tags tag.Tags) {
	switch kindOf(arnOf(key)) {
	case "loadbalancer":
		LoadBalancers.Modify(tx, key, func(b *LoadBalancer) { b.Spec.Tags = tags })
	case "listener":
		Listeners.Modify(tx, key, func(l *Listener) { l.Spec.Tags = tags })
	case "listener-rule":
		Rules.Modify(tx, key, func(r *Rule) { r.Spec.Tags = tags })
	case "targetgroup":
		TargetGroups.Modify(tx, key, func(g *TargetGroup) { g.Spec.Tags = tags })
	case "truststore":
		TrustStores.Modify(tx, key, func(t *TrustStore) { t.Spec.Tags = tags })
	}
}

func (s *Service) describeTags(_ context.Context, call *api.Call, in *elbv2api.DescribeTagsInput) (*elbv2api.DescribeTagsOutput, error) {
	if len(in.ResourceArns) > maxDescribedTags {
		return nil, invalid("Up to %d resources can be described at once", maxDescribedTags)
	}
	snap := s.env.Store.Snapshot()
	out := &elbv2api.DescribeTagsOutput{TagDescriptions: []elbv2api.TagDescription{}}
	for _, name := range in.ResourceArns {
		tags, err := tagsOf(snap, name)
		if err != nil {
			return nil, err
		}
		d := elbv2api.TagDescription{ResourceArn: api.Ptr(name), Tags: []elbv2api.Tag{}}
		for k, v := range tags.All() {
			d.Tags = append(d.Tags, elbv2api.Tag{Key: api.Ptr(k), Value: api.Ptr(v)})
		}
		out.TagDescriptions = append(out.TagDescriptions, d)
	}
	return out, nil
}

const maxDescribedTags = 20
