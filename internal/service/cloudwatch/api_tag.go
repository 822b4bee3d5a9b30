package cloudwatch

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/store"
	"apex/internal/tag"
)

// retag changes the tags of the resource that an ARN names.
func (s *Service) retag(ctx context.Context, call *api.Call, resource string, edit func(tag.Tags) tag.Tags) error {
	return s.update(ctx, func(tx *store.Tx) error {
		var err error
		change := func(tags *tag.Tags) {
			*tags = edit(*tags)
			if fault := tags.Validate(); fault != nil {
				err = invalid("%v", fault)
			}
		}
		found := false
		if name, ok := strings.CutPrefix(resource, AlarmARN(scopeOf(call), "")); ok {
			found = Alarms.Modify(tx, scopeOf(call).Key(name), func(a *Alarm) { change(&a.Spec.Tags) })
		} else if name, ok := strings.CutPrefix(resource, dashboardARN(call.Account, "")); ok {
			found = Dashboards.Modify(tx, dashboardKey(call, name), func(d *Dashboard) { change(&d.Tags) })
		}
		if !found {
			return noResource(resource)
		}
		return err
	})
}

func noResource(resource string) error {
	return cloudwatchapi.NewResourceNotFoundException("The resource %s does not exist.", resource).Typed("ResourceNotFoundException")
}

func (s *Service) tagResource(ctx context.Context, call *api.Call, in *cloudwatchapi.TagResourceInput) (*cloudwatchapi.TagResourceOutput, error) {
	return nil, s.retag(ctx, call, *in.ResourceARN, func(tags tag.Tags) tag.Tags { return tags.With(tagsOf(in.Tags)) })
}

func (s *Service) untagResource(ctx context.Context, call *api.Call, in *cloudwatchapi.UntagResourceInput) (*cloudwatchapi.UntagResourceOutput, error) {
	return nil, s.retag(ctx, call, *in.ResourceARN, func(tags tag.Tags) tag.Tags { return tags.Without(in.TagKeys...) })
}

func (s *Service) listTagsForResource(_ context.Context, call *api.Call, in *cloudwatchapi.ListTagsForResourceInput) (*cloudwatchapi.ListTagsForResourceOutput, error) {
	snap := s.store.Snapshot()
	var tags tag.Tags
	found := false
	if name, ok := strings.CutPrefix(*in.ResourceARN, AlarmARN(scopeOf(call), "")); ok {
		var alarm Alarm
		alarm, found = Alarms.Get(snap, scopeOf(call).Key(name))
		tags = alarm.Spec.Tags
	} else if name, ok := strings.CutPrefix(*in.ResourceARN, dashboardARN(call.Account, "")); ok {
		var dashboard Dashboard
		dashboard, found = Dashboards.Get(snap, dashboardKey(call, name))
		tags = dashboard.Tags
	}
	if !found {
		return nil, noResource(*in.ResourceARN)
	}
	out := &cloudwatchapi.ListTagsForResourceOutput{Tags: []cloudwatchapi.Tag{}}
	for k, v := range tags.All() {
		out.Tags = append(out.Tags, cloudwatchapi.Tag{Key: &k, Value: &v})
	}
	return out, nil
}
