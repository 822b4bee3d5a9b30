package scheduler

import (
	"context"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/ecsapi"
	"apex/internal/api/schedulerapi"
	"apex/internal/arn"
	"apex/internal/controller"
	"apex/internal/service/target"
	"apex/internal/store"
)

// principal is who takes on the roles of schedules.
const principal = "scheduler.amazonaws.com"

// longest is how long the controller sleeps at most: a clock that is set forward
// must not keep a schedule waiting.
const longest = time.Hour

// Controllers returns what looks when schedules are due.
func (s *Service) Controllers() []controller.Controller {
	return []controller.Controller{controller.New(controller.Spec[Schedule, ScheduleStatus]{
		Name: "scheduler/schedule", Table: Schedules,
		Status:    func(s *Schedule) *ScheduleStatus { return &s.Status },
		Reconcile: s.reconcile,
	})}
}

// reconcile sends what is due, notes it in the same transaction, and waits for the
// next time.
func (s *Service) reconcile(ctx context.Context, snap store.Snapshot, key string) (ScheduleStatus, error) {
	seen, ok := Schedules.Get(snap, key)
	if !ok {
		return ScheduleStatus{}, nil
	}
	now := s.now().UTC()
	p := planFor(seen, now)
	status := seen.Status
	if !p.due.IsZero() {
		status = ScheduleStatus{Looked: now, Last: p.due}
		err := s.store.Update(ctx, func(tx *store.Tx) error {
			own, ok := Schedules.Get(tx, key)
			if !ok || !own.Spec.Modified.Equal(seen.Spec.Modified) {
				status = own.Status
				return nil // changed meanwhile: it is looked at again anyway
			}
			own.Status = status
			Schedules.Put(tx, own)
			target.Deliveries.Put(tx, deliveryOf(own, p))
			return nil
		})
		if err != nil {
			return seen.Status, err
		}
	}
	if p.finished && !p.due.IsZero() && seen.Spec.After == schedulerapi.ActionAfterCompletionDelete {
		return status, controller.Remove
	}
	if p.next.IsZero() {
		return status, nil
	}
	return status, controller.Again(min(p.next.Sub(now), longest))
}

// deliveryOf is what is sent for one occasion.
func deliveryOf(own Schedule, p plan) target.Delivery {
	scope, _ := arn.SplitKey(own.Key)
	t := own.Spec.Target
	to := target.Target{ARN: *t.Arn, Role: *t.RoleArn, Retries: defaultRetries, MaxAge: defaultAge * time.Second}
	if t.RetryPolicy != nil {
		to.Retries = api.Or(t.RetryPolicy.MaximumRetryAttempts, defaultRetries)
		to.MaxAge = time.Duration(api.Or(t.RetryPolicy.MaximumEventAgeInSeconds, defaultAge)) * time.Second
	}
	if t.DeadLetterConfig != nil {
		to.DeadLetters = api.Val(t.DeadLetterConfig.Arn)
	}
	if t.SqsParameters != nil {
		to.Group = api.Val(t.SqsParameters.MessageGroupId)
	}
	if e := t.EventBridgeParameters; e != nil {
		to.Event = &target.Event{Source: api.Val(e.Source), DetailType: api.Val(e.DetailType)}
	}
	if t.EcsParameters != nil {
		to.Task = taskOf(own.Spec.Name, t.EcsParameters)
	}
	return target.Delivery{
		Key: deliveryPrefix(own.Key) + p.due.UTC().Format(time.RFC3339),
		Spec: target.DeliverySpec{
			Target: to, Service: principal, Source: scheduleARN(own.Key), Account: scope.Account, Region: scope.Region,
			Input: inputOf(own, p), At: p.due, NotBefore: p.from,
		},
	}
}

func deliveryPrefix(schedule string) string { return "scheduler:" + schedule + ":" }

// inputOf fills the words that Scheduler knows into the input (user guide, Context
// attributes).
func inputOf(own Schedule, p plan) string {
	return strings.NewReplacer(
		"<aws.scheduler.schedule-arn>", scheduleARN(own.Key),
		"<aws.scheduler.scheduled-time>", p.due.UTC().Format(time.RFC3339),
		"<aws.scheduler.execution-id>", "scheduler-"+p.due.UTC().Format("20060102T150405Z"),
		"<aws.scheduler.attempt-number>", "1",
	).Replace(api.Val(own.Spec.Target.Input))
}

// taskOf is the RunTask call of a target.
func taskOf(name string, p *schedulerapi.EcsParameters) *ecsapi.RunTaskRequest {
	in := &ecsapi.RunTaskRequest{
		TaskDefinition: p.TaskDefinitionArn, Count: p.TaskCount, LaunchType: p.LaunchType, PlatformVersion: p.PlatformVersion,
		Group: p.Group, EnableECSManagedTags: p.EnableECSManagedTags, EnableExecuteCommand: p.EnableExecuteCommand,
		PropagateTags: p.PropagateTags, ReferenceId: p.ReferenceId, StartedBy: api.Ptr("chronos-schedule/" + name[:min(len(name), 19)]),
	}
	if n := p.NetworkConfiguration; n != nil && n.AwsvpcConfiguration != nil {
		vpc := n.AwsvpcConfiguration
		in.NetworkConfiguration = &ecsapi.NetworkConfiguration{AwsvpcConfiguration: &ecsapi.AwsVpcConfiguration{
			AssignPublicIp: vpc.AssignPublicIp, SecurityGroups: vpc.SecurityGroups, Subnets: vpc.Subnets,
		}}
	}
	for _, item := range p.CapacityProviderStrategy {
		in.CapacityProviderStrategy = append(in.CapacityProviderStrategy, ecsapi.CapacityProviderStrategyItem{Base: item.Base, CapacityProvider: item.CapacityProvider, Weight: item.Weight})
	}
	for _, t := range p.Tags {
		in.Tags = append(in.Tags, ecsapi.Tag{Key: api.Ptr(t["key"]), Value: api.Ptr(t["value"])})
	}
	return in
}
