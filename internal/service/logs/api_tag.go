package logs

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/tag"
)

// groupFrom returns the name of the group that an ARN names, with or without
// ":*" behind it.
func groupFrom(call *api.Call, resource *string) (*string, error) {
	name, ok := strings.CutPrefix(api.Val(resource), scopeOf(call).ARN("logs", "log-group:"))
	if !ok {
		return nil, logsapi.NewInvalidParameterException("The ARN %s names no log group of this account and region.", api.Val(resource))
	}
	return api.Ptr(strings.TrimSuffix(name, ":*")), nil
}

func (s *Service) addTags(ctx context.Context, call *api.Call, name *string, more tag.Tags) error {
	return s.change(ctx, call, name, func(own *Group) error {
		tags := own.Spec.Tags.With(more)
		if len(tags) > tag.MaxCount {
			return logsapi.NewTooManyTagsException("A resource can have no more than %d tags.", tag.MaxCount)
		}
		if err := tags.Validate(); err != nil {
			return logsapi.NewInvalidParameterException("%v", err)
		}
		own.Spec.Tags = tags
		return nil
	})
}

func (s *Service) removeTags(ctx context.Context, call *api.Call, name *string, keys []string) error {
	return s.change(ctx, call, name, func(own *Group) error {
		own.Spec.Tags = own.Spec.Tags.Without(keys...)
		return nil
	})
}

func (s *Service) tags(call *api.Call, name *string) (map[string]string, error) {
	group, err := findGroup(s.store.Snapshot(), call, name, nil)
	if err != nil {
		return nil, err
	}
	return group.Spec.Tags.With(nil), nil
}

func (s *Service) tagResource(ctx context.Context, call *api.Call, in *logsapi.TagResourceRequest) (*logsapi.TagResourceOutput, error) {
	name, err := groupFrom(call, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return nil, s.addTags(ctx, call, name, in.Tags)
}

func (s *Service) untagResource(ctx context.Context, call *api.Call, in *logsapi.UntagResourceRequest) (*logsapi.UntagResourceOutput, error) {
	name, err := groupFrom(call, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return nil, s.removeTags(ctx, call, name, in.TagKeys)
}

func (s *Service) listTagsForResource(_ context.Context, call *api.Call, in *logsapi.ListTagsForResourceRequest) (*logsapi.ListTagsForResourceResponse, error) {
	name, err := groupFrom(call, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	tags, err := s.tags(call, name)
	return &logsapi.ListTagsForResourceResponse{Tags: tags}, err
}

func (s *Service) tagLogGroup(ctx context.Context, call *api.Call, in *logsapi.TagLogGroupRequest) (*logsapi.TagLogGroupOutput, error) {
	return nil, s.addTags(ctx, call, in.LogGroupName, in.Tags)
}

func (s *Service) untagLogGroup(ctx context.Context, call *api.Call, in *logsapi.UntagLogGroupRequest) (*logsapi.UntagLogGroupOutput, error) {
	return nil, s.removeTags(ctx, call, in.LogGroupName, in.Tags)
}

func (s *Service) listTagsLogGroup(_ context.Context, call *api.Call, in *logsapi.ListTagsLogGroupRequest) (*logsapi.ListTagsLogGroupResponse, error) {
	tags, err := s.tags(call, in.LogGroupName)
	return &logsapi.ListTagsLogGroupResponse{Tags: tags}, err
}
