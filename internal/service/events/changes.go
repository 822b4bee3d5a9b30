package events

import (
	"context"

	"apex/internal/arn"
	"apex/internal/service/cloudwatch"
	"apex/internal/service/ecs"
	"apex/internal/store"
)

// memory is the state of things when events told of them last. A region that starts
// begins with what it finds: changes while it was down have no events.
type memory map[store.Changed]string

// watch tells of changes of tasks, deployments and alarms until the region ends.
func (s *Service) watch(ctx context.Context) error {
	w := s.store.Watch(ecs.Tasks, ecs.Services, cloudwatch.Alarms)
	defer w.Close()
	seen, snap := memory{}, s.store.Snapshot()
	for key := range ecs.Tasks.All(snap) {
		seen.look(snap, store.Changed{Table: ecs.Tasks.Name(), Key: key})
	}
	for key := range ecs.Services.All(snap) {
		seen.look(snap, store.Changed{Table: ecs.Services.Name(), Key: key})
	}
	for key := range cloudwatch.Alarms.All(snap) {
		seen.look(snap, store.Changed{Table: cloudwatch.Alarms.Name(), Key: key})
	}
	for {
		changed, snap, err := w.Next(ctx)
		if err != nil {
			return nil // the region ends
		}
		for _, what := range changed {
			before, known := seen[what]
			n, ok := seen.look(snap, what)
			if !ok || known && before == n.state || n.event.Source == "" {
				continue
			}
			if a, isAlarm := n.detail.(alarmDetail); isAlarm {
				a.PreviousState = map[string]any{"value": before}
				n.detail = a
			}
			scope, _ := arn.SplitKey(what.Key)
			if err := s.emit(ctx, scope, n.event, n.detail, s.now().UTC()); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "event not sent", "type", n.event.DetailType, "of", what.Key, "error", err)
			}
		}
	}
}

// A notice is what there is to tell of a thing, and its state.
type notice struct {
	state  string
	event  Event
	detail any
}

// look reads the state of a thing and remembers it; of what is gone nothing.
func (m memory) look(r store.Reader, what store.Changed) (notice, bool) {
	n, ok := noticeOf(r, what)
	if !ok {
		delete(m, what)
		return n, false
	}
	m[what] = n.state
	return n, true
}

// alarmDetail is the detail of "CloudWatch Alarm State Change".
type alarmDetail struct {
	AlarmName     string         `json:"alarmName"`
	State         map[string]any `json:"state"`
	PreviousState map[string]any `json:"previousState"`
	Configuration map[string]any `json:"configuration"`
}

func noticeOf(r store.Reader, what store.Changed) (notice, bool) {
	switch what.Table {
	case ecs.Tasks.Name():
		v, ok := ecs.ViewTask(r, what.Key)
		return notice{v.Last + " " + v.Desired, Event{Source: "aws.ecs", DetailType: "ECS Task State Change", Resources: []string{v.ARN}}, v.Detail}, ok
	case ecs.Services.Name():
		v, ok := ecs.ViewDeployment(r, what.Key)
		return deploymentNotice(v), ok
	case cloudwatch.Alarms.Name():
		a, ok := cloudwatch.Alarms.Get(r, what.Key)
		return alarmNotice(a), ok
	}
	return notice{}, false
}

func deploymentNotice(v ecs.DeploymentView) notice {
	level := "INFO"
	if v.State == "FAILED" {
		level = "ERROR"
	}
	n := notice{state: v.ID + " " + v.State}
	if v.State == "" {
		return n
	}
	n.event = Event{Source: "aws.ecs", DetailType: "ECS Deployment State Change", Resources: []string{v.ServiceARN}}
	n.detail = map[string]any{
		"eventType": level, "eventName": "SERVICE_DEPLOYMENT_" + v.State, "deploymentId": v.ID, "reason": v.Reason,
	}
	return n
}

func alarmNotice(a cloudwatch.Alarm) notice {
	n := notice{state: a.Status.State}
	if a.Status.State == "" {
		return n
	}
	scope, name := arn.SplitKey(a.Key)
	n.event = Event{Source: "aws.cloudwatch", DetailType: "CloudWatch Alarm State Change", Resources: []string{scope.ARN("cloudwatch", "alarm:"+name)}}
	n.detail = alarmDetail{
		AlarmName:     name,
		State:         map[string]any{"value": a.Status.State, "reason": a.Status.Reason, "reasonData": a.Status.Data, "timestamp": a.Status.Updated.UTC().Format("2006-01-02T15:04:05.000+0000")},
		Configuration: map[string]any{"description": a.Spec.Description},
	}
	return n
}
