package autoscaling

import (
	"context"
	"fmt"
	"slices"
	"time"

	"apex/internal/api"
	"apex/internal/api/autoscalingapi"
	"apex/internal/awsid"
	"apex/internal/service/timetable"
	"apex/internal/store"
)

func (s *Service) putAction(ctx context.Context, call *api.Call, in *autoscalingapi.PutScheduledActionRequest) (*autoscalingapi.PutScheduledActionResponse, error) {
	o, err := ownerOf(in.ServiceNamespace, in.ResourceId, in.ScalableDimension)
	if err != nil {
		return nil, err
	}
	target := scopeOf(call).Key(o.id())
	key := target + "|" + *in.ScheduledActionName
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		if _, ok := Targets.Get(tx, target); !ok {
			return noTarget(o)
		}
		a, known := Actions.Get(tx, key)
		spec := a.Spec
		if !known {
			if in.Schedule == nil {
				return autoscalingapi.NewValidationException("Scheduled action %s: Schedule is needed", *in.ScheduledActionName)
			}
			spec = ActionSpec{Owner: o, Name: *in.ScheduledActionName, Timezone: "UTC", Created: call.Now}
			spec.ARN = scopeOf(call).ARN("autoscaling", "scheduledAction:"+awsid.UUID()+":resource/"+o.Namespace+"/"+o.Resource+":scheduledActionName/"+spec.Name)
		}
		spec.Schedule, spec.Timezone = api.Or(in.Schedule, spec.Schedule), api.Or(in.Timezone, spec.Timezone)
		spec.Start, spec.End, spec.Changed = in.StartTime, in.EndTime, call.Now
		if err := spec.check(); err != nil {
			return err
		}
		if in.ScalableTargetAction != nil {
			spec.Bounds = in.ScalableTargetAction
		}
		Actions.Put(tx, Action{Key: key, Spec: spec, Status: a.Status})
		return nil
	})
}

func (s *Service) deleteAction(ctx context.Context, call *api.Call, in *autoscalingapi.DeleteScheduledActionRequest) (*autoscalingapi.DeleteScheduledActionResponse, error) {
	o, err := ownerOf(in.ServiceNamespace, in.ResourceId, in.ScalableDimension)
	if err != nil {
		return nil, err
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		if !Actions.Delete(tx, scopeOf(call).Key(o.id())+"|"+*in.ScheduledActionName) {
			return autoscalingapi.NewObjectNotFoundException("No scheduled action found for service namespace: %s, resource ID: %s, scheduled action name: %s", o.Namespace, o.Resource, *in.ScheduledActionName)
		}
		return nil
	})
}

func (s *Service) describeActions(_ context.Context, call *api.Call, in *autoscalingapi.DescribeScheduledActionsRequest) (*autoscalingapi.DescribeScheduledActionsResponse, error) {
	out := &autoscalingapi.DescribeScheduledActionsResponse{ScheduledActions: []autoscalingapi.ScheduledAction{}}
	p, err := newPager(in.NextToken, in.MaxResults)
	if err != nil {
		return nil, err
	}
	for key, a := range Actions.Prefix(s.store.Snapshot(), scopeOf(call).Key(api.Val(in.ServiceNamespace)+"|")) {
		spec := a.Spec
		if p.skip(key) || len(in.ScheduledActionNames) > 0 && !slices.Contains(in.ScheduledActionNames, spec.Name) ||
			!wanted(in.ResourceId, spec.Owner.Resource) || !wanted(in.ScalableDimension, spec.Owner.Dimension) {
			continue
		}
		if !p.take(key) {
			break
		}
		out.ScheduledActions = append(out.ScheduledActions, autoscalingapi.ScheduledAction{
			ScheduledActionName: &spec.Name, ScheduledActionARN: &spec.ARN, CreationTime: &spec.Created,
			ServiceNamespace: &spec.Owner.Namespace, ResourceId: &spec.Owner.Resource, ScalableDimension: &spec.Owner.Dimension,
			Schedule: &spec.Schedule, Timezone: &spec.Timezone, StartTime: spec.Start, EndTime: spec.End,
			ScalableTargetAction: spec.Bounds,
		})
	}
	out.NextToken = p.next()
	return out, nil
}

// check refuses a schedule or zone that cannot be read.
func (a ActionSpec) check() error {
	if _, err := a.schedule(); err != nil {
		return autoscalingapi.NewValidationException("%v", err)
	}
	if a.Start != nil && a.End != nil && !a.Start.Before(*a.End) {
		return autoscalingapi.NewValidationException("StartTime must be before EndTime")
	}
	return nil
}

func (a ActionSpec) schedule() (timetable.Schedule, error) {
	zone, err := time.LoadLocation(a.Timezone)
	if err != nil {
		return timetable.Schedule{}, fmt.Errorf("time zone %q is not known", a.Timezone)
	}
	return timetable.Parse(a.Schedule, zone)
}
