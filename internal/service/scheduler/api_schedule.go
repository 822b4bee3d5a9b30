package scheduler

import (
	"context"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/schedulerapi"
	"apex/internal/service/target"
	"apex/internal/store"
)

func (s *Service) createSchedule(ctx context.Context, call *api.Call, in *schedulerapi.CreateScheduleInput) (*schedulerapi.CreateScheduleOutput, error) {
	spec := specOf(schedulerapi.UpdateScheduleInput(*in), call.Now)
	spec.Token = api.Val(in.ClientToken)
	key := scheduleKey(scopeOf(call), spec.Group, spec.Name)
	return &schedulerapi.CreateScheduleOutput{ScheduleArn: api.Ptr(scheduleARN(key))}, s.store.Update(ctx, func(tx *store.Tx) error {
		if _, err := findGroup(tx, scopeOf(call), spec.Group); err != nil {
			return err
		}
		if old, ok := Schedules.Get(tx, key); ok {
			if spec.Token != "" && spec.Token == old.Spec.Token {
				return nil
			}
			return schedulerapi.NewConflictException("Schedule %s already exists.", spec.Name)
		}
		if err := check(tx, key, spec); err != nil {
			return err
		}
		Schedules.Put(tx, Schedule{Key: key, Spec: spec})
		return nil
	})
}

// specOf fills what a request leaves out.
func specOf(in schedulerapi.UpdateScheduleInput, now time.Time) ScheduleSpec {
	return ScheduleSpec{
		Group: api.Or(in.GroupName, defaultGroup), Name: *in.Name, Description: in.Description,
		Expression: *in.ScheduleExpression, Timezone: api.Or(in.ScheduleExpressionTimezone, "UTC"),
		State: api.Or(in.State, schedulerapi.ScheduleStateEnabled), Window: in.FlexibleTimeWindow,
		Start: in.StartDate, End: in.EndDate, After: api.Or(in.ActionAfterCompletion, schedulerapi.ActionAfterCompletionNone),
		Key: in.KmsKeyArn, Target: *in.Target, Created: now, Modified: now,
	}
}

// updateSchedule replaces a schedule: what the request leaves out is as if it had
// never been set.
func (s *Service) updateSchedule(ctx context.Context, call *api.Call, in *schedulerapi.UpdateScheduleInput) (*schedulerapi.UpdateScheduleOutput, error) {
	spec := specOf(*in, call.Now)
	key := scheduleKey(scopeOf(call), spec.Group, spec.Name)
	return &schedulerapi.UpdateScheduleOutput{ScheduleArn: api.Ptr(scheduleARN(key))}, s.store.Update(ctx, func(tx *store.Tx) error {
		old, err := findSchedule(tx, call, in.GroupName, spec.Name)
		if err != nil {
			return err
		}
		if err := check(tx, key, spec); err != nil {
			return err
		}
		spec.Created, spec.Token = old.Spec.Created, old.Spec.Token
		old.Spec = spec
		Schedules.Put(tx, old)
		return nil
	})
}

func findSchedule(r store.Reader, call *api.Call, group *string, name string) (Schedule, error) {
	in := api.Or(group, defaultGroup)
	if _, err := findGroup(r, scopeOf(call), in); err != nil {
		return Schedule{}, err
	}
	own, ok := Schedules.Get(r, scheduleKey(scopeOf(call), in, name))
	if !ok {
		return own, schedulerapi.NewResourceNotFoundException("Schedule %s does not exist.", name)
	}
	return own, nil
}

func (s *Service) getSchedule(_ context.Context, call *api.Call, in *schedulerapi.GetScheduleInput) (*schedulerapi.GetScheduleOutput, error) {
	own, err := findSchedule(s.store.Snapshot(), call, in.GroupName, *in.Name)
	if err != nil {
		return nil, err
	}
	spec, t := own.Spec, own.Spec.Target
	retries := schedulerapi.RetryPolicy{}
	if t.RetryPolicy != nil {
		retries = *t.RetryPolicy
	}
	t.RetryPolicy = &schedulerapi.RetryPolicy{
		MaximumEventAgeInSeconds: api.Ptr(api.Or(retries.MaximumEventAgeInSeconds, defaultAge)),
		MaximumRetryAttempts:     api.Ptr(api.Or(retries.MaximumRetryAttempts, defaultRetries)),
	}
	return &schedulerapi.GetScheduleOutput{
		ActionAfterCompletion: &spec.After, Arn: api.Ptr(scheduleARN(own.Key)), CreationDate: &spec.Created,
		Description: spec.Description, EndDate: spec.End, FlexibleTimeWindow: spec.Window, GroupName: &spec.Group,
		KmsKeyArn: spec.Key, LastModificationDate: &spec.Modified, Name: &spec.Name,
		ScheduleExpression: &spec.Expression, ScheduleExpressionTimezone: &spec.Timezone, StartDate: spec.Start,
		State: &spec.State, Target: &t,
	}, nil
}

// drop deletes a schedule and what it has sent and has not arrived.
func drop(tx *store.Tx, key string) {
	Schedules.Delete(tx, key)
	target.Forget(tx, deliveryPrefix(key))
}

func (s *Service) deleteSchedule(ctx context.Context, call *api.Call, in *schedulerapi.DeleteScheduleInput) (*schedulerapi.DeleteScheduleOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		own, err := findSchedule(tx, call, in.GroupName, *in.Name)
		if err == nil {
			drop(tx, own.Key)
		}
		return err
	})
}

func (s *Service) listSchedules(_ context.Context, call *api.Call, in *schedulerapi.ListSchedulesInput) (*schedulerapi.ListSchedulesOutput, error) {
	prefix := scopeOf(call).Prefix()
	if in.GroupName != nil {
		prefix += *in.GroupName + "/"
	}
	found := []schedulerapi.ScheduleSummary{}
	for _, own := range Schedules.Prefix(s.store.Snapshot(), prefix) {
		spec := own.Spec
		if !strings.HasPrefix(spec.Name, api.Val(in.NamePrefix)) || in.State != nil && *in.State != spec.State {
			continue
		}
		found = append(found, schedulerapi.ScheduleSummary{
			Arn: api.Ptr(scheduleARN(own.Key)), CreationDate: &spec.Created, GroupName: &spec.Group, LastModificationDate: &spec.Modified,
			Name: &spec.Name, State: &spec.State, Target: &schedulerapi.TargetSummary{Arn: spec.Target.Arn},
		})
	}
	found, next, err := page(found, in.MaxResults, in.NextToken)
	return &schedulerapi.ListSchedulesOutput{Schedules: found, NextToken: next}, err
}
