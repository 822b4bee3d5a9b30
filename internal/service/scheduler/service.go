package scheduler

import (
	"time"

	"apex/internal/api"
	"apex/internal/api/schedulerapi"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves the schedules of all scopes.
type Service struct {
	store *store.Store
	now   func() time.Time
}

// New returns the service.
func New(env service.Env) *Service { return &Service{store: env.Store, now: env.Now} }

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	const targets = "targets: ECS tasks, SNS, SQS, event buses, and any operation that the region serves; KMS keys are kept and given back"
	return []api.Route{
		schedulerapi.CreateSchedule.Handle(s.createSchedule).Limited(targets),
		schedulerapi.CreateScheduleGroup.Handle(s.createGroup),
		schedulerapi.DeleteSchedule.Handle(s.deleteSchedule),
		schedulerapi.DeleteScheduleGroup.Handle(s.deleteGroup),
		schedulerapi.GetSchedule.Handle(s.getSchedule),
		schedulerapi.GetScheduleGroup.Handle(s.getGroup),
		schedulerapi.ListScheduleGroups.Handle(s.listGroups),
		schedulerapi.ListSchedules.Handle(s.listSchedules),
		schedulerapi.ListTagsForResource.Handle(s.listTags),
		schedulerapi.TagResource.Handle(s.tagResource),
		schedulerapi.UntagResource.Handle(s.untagResource),
		schedulerapi.UpdateSchedule.Handle(s.updateSchedule).Limited(targets),
	}
}
