package events

import (
	"log/slog"
	"time"

	"apex/internal/api"
	"apex/internal/api/eventsapi"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves the buses and rules of all scopes.
type Service struct {
	store *store.Store
	log   *slog.Logger
	now   func() time.Time
}

// New returns the service.
func New(env service.Env) *Service { return &Service{store: env.Store, log: env.Log, now: env.Now} }

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	const buses = "KMS keys and the bus's dead-letter queue are kept and given back"
	return []api.Route{
		eventsapi.CreateEventBus.Handle(s.createEventBus).Limited(buses),
		eventsapi.DeleteEventBus.Handle(s.deleteEventBus),
		eventsapi.DeleteRule.Handle(s.deleteRule),
		eventsapi.DescribeEventBus.Handle(s.describeEventBus),
		eventsapi.DescribeRule.Handle(s.describeRule),
		eventsapi.DisableRule.Handle(s.disableRule),
		eventsapi.EnableRule.Handle(s.enableRule),
		eventsapi.ListEventBuses.Handle(s.listEventBuses),
		eventsapi.ListRuleNamesByTarget.Handle(s.listRuleNamesByTarget),
		eventsapi.ListRules.Handle(s.listRules),
		eventsapi.ListTagsForResource.Handle(s.listTags),
		eventsapi.ListTargetsByRule.Handle(s.listTargetsByRule),
		eventsapi.PutEvents.Handle(s.putEvents),
		eventsapi.PutPermission.Handle(s.putPermission),
		eventsapi.PutRule.Handle(s.putRule).Limited("the region's own events: task and service state changes of ECS, state changes of alarms"),
		eventsapi.PutTargets.Handle(s.putTargets).Limited("targets: ECS tasks, SNS, SQS, log groups and event buses"),
		eventsapi.RemovePermission.Handle(s.removePermission),
		eventsapi.RemoveTargets.Handle(s.removeTargets),
		eventsapi.TagResource.Handle(s.tagResource),
		eventsapi.TestEventPattern.Handle(s.testEventPattern),
		eventsapi.UntagResource.Handle(s.untagResource),
		eventsapi.UpdateEventBus.Handle(s.updateEventBus).Limited(buses),
	}
}
