package route53

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/route53api"
	"apex/internal/store"
	"apex/internal/tag"
)

// tagsOf returns the tags of a hosted zone or a health check.
func tagsOf(r store.Reader, call *api.Call, kind, id string) (tag.Tags, error) {
	if kind == route53api.TagResourceTypeHealthcheck {
		h, err := findCheck(r, call, &id)
		return h.Spec.Tags, err
	}
	z, err := find(r, scopeOf(call), &id)
	return z.Spec.Tags, err
}

func (s *Service) changeTags(ctx context.Context, call *api.Call, in *route53api.ChangeTagsForResourceRequest) (*route53api.ChangeTagsForResourceResponse, error) {
	if len(in.AddTags)+len(in.RemoveTagKeys) == 0 {
		return nil, route53api.NewInvalidInput("You must specify at least one of AddTags and RemoveTagKeys")
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		old, err := tagsOf(tx, call, *in.ResourceType, *in.ResourceId)
		if err != nil {
			return err
		}
		tags := old.Without(in.RemoveTagKeys...)
		for _, t := range in.AddTags {
			tags[api.Val(t.Key)] = api.Val(t.Value)
		}
		if err := tags.Validate(); err != nil {
			return route53api.NewInvalidInput("%v", err)
		}
		if *in.ResourceType == route53api.TagResourceTypeHealthcheck {
			HealthChecks.Modify(tx, scopeOf(call).Key(*in.ResourceId), func(h *HealthCheck) { h.Spec.Tags = tags })
			return nil
		}
		HostedZones.Modify(tx, scopeOf(call).Key(bareID(*in.ResourceId)), func(z *HostedZone) { z.Spec.Tags = tags })
		return nil
	})
}

func tagSet(r store.Reader, call *api.Call, kind, id string) (*route53api.ResourceTagSet, error) {
	tags, err := tagsOf(r, call, kind, id)
	if err != nil {
		return nil, err
	}
	set := &route53api.ResourceTagSet{ResourceType: &kind, ResourceId: api.Ptr(bareID(id)), Tags: []route53api.Tag{}}
	for k, v := range tags.All() {
		set.Tags = append(set.Tags, route53api.Tag{Key: &k, Value: &v})
	}
	return set, nil
}

func (s *Service) listTags(_ context.Context, call *api.Call, in *route53api.ListTagsForResourceRequest) (*route53api.ListTagsForResourceResponse, error) {
	set, err := tagSet(s.store.Snapshot(), call, *in.ResourceType, *in.ResourceId)
	return &route53api.ListTagsForResourceResponse{ResourceTagSet: set}, err
}

func (s *Service) listTagsOfSeveral(_ context.Context, call *api.Call, in *route53api.ListTagsForResourcesRequest) (*route53api.ListTagsForResourcesResponse, error) {
	snap, out := s.store.Snapshot(), &route53api.ListTagsForResourcesResponse{ResourceTagSets: []route53api.ResourceTagSet{}}
	for _, id := range in.ResourceIds {
		set, err := tagSet(snap, call, *in.ResourceType, id)
		if err != nil {
			return nil, err
		}
		out.ResourceTagSets = append(out.ResourceTagSets, *set)
	}
	return out, nil
}
