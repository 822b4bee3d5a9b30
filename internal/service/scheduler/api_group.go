package scheduler

import (
	"context"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/schedulerapi"
	"apex/internal/arn"
	"apex/internal/store"
	"apex/internal/tag"
)

func (s *Service) createGroup(ctx context.Context, call *api.Call, in *schedulerapi.CreateScheduleGroupInput) (*schedulerapi.CreateScheduleGroupOutput, error) {
	if !isName(*in.Name) {
		return nil, bad("1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$", *in.Name)
	}
	tags, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	key := scopeOf(call).Key(*in.Name)
	return &schedulerapi.CreateScheduleGroupOutput{ScheduleGroupArn: api.Ptr(groupARN(key))}, s.store.Update(ctx, func(tx *store.Tx) error {
		if old, err := findGroup(tx, scopeOf(call), *in.Name); err == nil {
			if in.ClientToken != nil && *in.ClientToken == old.Spec.Token {
				return nil
			}
			return schedulerapi.NewConflictException("Schedule group %s already exists.", *in.Name)
		}
		Groups.Put(tx, Group{Key: key, Spec: GroupSpec{Name: *in.Name, Tags: tags, Token: api.Val(in.ClientToken), Created: call.Now, Modified: call.Now}})
		return nil
	})
}

func (s *Service) getGroup(_ context.Context, call *api.Call, in *schedulerapi.GetScheduleGroupInput) (*schedulerapi.GetScheduleGroupOutput, error) {
	g, err := findGroup(s.store.Snapshot(), scopeOf(call), *in.Name)
	if err != nil {
		return nil, err
	}
	out := schedulerapi.GetScheduleGroupOutput(summaryOf(g))
	return &out, nil
}

func summaryOf(g Group) schedulerapi.ScheduleGroupSummary {
	return schedulerapi.ScheduleGroupSummary{
		Arn: api.Ptr(groupARN(g.Key)), CreationDate: &g.Spec.Created, LastModificationDate: &g.Spec.Modified,
		Name: &g.Spec.Name, State: api.Ptr(schedulerapi.ScheduleGroupStateActive),
	}
}

// deleteGroup deletes a group and the schedules in it.
func (s *Service) deleteGroup(ctx context.Context, call *api.Call, in *schedulerapi.DeleteScheduleGroupInput) (*schedulerapi.DeleteScheduleGroupOutput, error) {
	if *in.Name == defaultGroup {
		return nil, bad("The default schedule group cannot be deleted.")
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		g, err := findGroup(tx, scopeOf(call), *in.Name)
		if err != nil {
			return err
		}
		Groups.Delete(tx, g.Key)
		for key := range Schedules.Prefix(tx, g.Key+"/") {
			drop(tx, key)
		}
		return nil
	})
}

func (s *Service) listGroups(_ context.Context, call *api.Call, in *schedulerapi.ListScheduleGroupsInput) (*schedulerapi.ListScheduleGroupsOutput, error) {
	snap, scope := s.store.Snapshot(), scopeOf(call)
	found := []schedulerapi.ScheduleGroupSummary{}
	if g, err := findGroup(snap, scope, defaultGroup); err == nil && strings.HasPrefix(defaultGroup, api.Val(in.NamePrefix)) {
		found = append(found, summaryOf(g))
	}
	for _, g := range Groups.Prefix(snap, scope.Key(api.Val(in.NamePrefix))) {
		if g.Spec.Name != defaultGroup {
			found = append(found, summaryOf(g))
		}
	}
	found, next, err := page(found, in.MaxResults, in.NextToken)
	return &schedulerapi.ListScheduleGroupsOutput{ScheduleGroups: found, NextToken: next}, err
}

func tagsOf(in []schedulerapi.Tag) (tag.Tags, error) {
	tags := tag.Tags{}
	for _, t := range in {
		tags[*t.Key] = *t.Value
	}
	if err := tags.Validate(); err != nil {
		return nil, bad("%v", err)
	}
	return tags, nil
}

// taggedGroup returns the group that an ARN names: nothing else has tags.
func taggedGroup(r store.Reader, text string) (Group, error) {
	name, err := arn.Parse(text)
	group, ok := strings.CutPrefix(name.Resource, "schedule-group/")
	if err != nil || name.Service != "scheduler" || !ok {
		return Group{}, bad("Provided ResourceArn is not in correct format.")
	}
	return findGroup(r, name.Scope(), group)
}

func (s *Service) listTags(_ context.Context, _ *api.Call, in *schedulerapi.ListTagsForResourceInput) (*schedulerapi.ListTagsForResourceOutput, error) {
	g, err := taggedGroup(s.store.Snapshot(), *in.ResourceArn)
	out := &schedulerapi.ListTagsForResourceOutput{Tags: []schedulerapi.Tag{}}
	for key, value := range g.Spec.Tags.All() {
		out.Tags = append(out.Tags, schedulerapi.Tag{Key: &key, Value: &value})
	}
	return out, err
}

func (s *Service) tagResource(ctx context.Context, call *api.Call, in *schedulerapi.TagResourceInput) (*schedulerapi.TagResourceOutput, error) {
	more, err := tagsOf(in.Tags)
	if err != nil {
		return nil, err
	}
	return nil, s.retag(ctx, *in.ResourceArn, call.Now, func(old tag.Tags) tag.Tags { return old.With(more) })
}

func (s *Service) untagResource(ctx context.Context, call *api.Call, in *schedulerapi.UntagResourceInput) (*schedulerapi.UntagResourceOutput, error) {
	return nil, s.retag(ctx, *in.ResourceArn, call.Now, func(old tag.Tags) tag.Tags { return old.Without(in.TagKeys...) })
}

func (s *Service) retag(ctx context.Context, text string, now time.Time, edit func(tag.Tags) tag.Tags) error {
	return s.store.Update(ctx, func(tx *store.Tx) error {
		g, err := taggedGroup(tx, text)
		if err != nil {
			return err
		}
		if g.Spec.Tags = edit(g.Spec.Tags); len(g.Spec.Tags) > tag.MaxCount {
			return schedulerapi.NewServiceQuotaExceededException("Too many tags.")
		}
		g.Spec.Modified = now
		Groups.Put(tx, g)
		return nil
	})
}
