package cloudwatch

import (
	"log/slog"
	"time"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/dataplane/series"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves CloudWatch for all scopes.
type Service struct {
	store   *store.Store
	metrics *series.Store
	profile service.Profile
	log     *slog.Logger
	now     func() time.Time
}

// New returns the service.
func New(env service.Env) *Service {
	return &Service{store: env.Store, metrics: env.Metrics, profile: env.Profile, log: env.Log, now: env.Now}
}

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	return []api.Route{
		cloudwatchapi.DeleteAlarms.Handle(s.deleteAlarms),
		cloudwatchapi.DescribeAlarmHistory.Handle(s.describeAlarmHistory),
		cloudwatchapi.DescribeAlarms.Handle(s.describeAlarms),
		cloudwatchapi.DescribeAlarmsForMetric.Handle(s.describeAlarmsForMetric),
		cloudwatchapi.DisableAlarmActions.Handle(s.disableAlarmActions),
		cloudwatchapi.EnableAlarmActions.Handle(s.enableAlarmActions),
		cloudwatchapi.PutCompositeAlarm.Handle(s.putCompositeAlarm),
		cloudwatchapi.PutMetricAlarm.Handle(s.putMetricAlarm).Limited("no anomaly detection; actions of SNS and of scaling policies"),
		cloudwatchapi.SetAlarmState.Handle(s.setAlarmState),
		cloudwatchapi.GetMetricData.Handle(s.getMetricData).Limited("no Metrics Insights SQL, no anomaly detection band"),
		cloudwatchapi.GetMetricStatistics.Handle(s.getMetricStatistics),
		cloudwatchapi.ListMetrics.Handle(s.listMetrics),
		cloudwatchapi.PutMetricData.Handle(s.putMetricData),
		cloudwatchapi.DeleteDashboards.Handle(s.deleteDashboards),
		cloudwatchapi.GetDashboard.Handle(s.getDashboard),
		cloudwatchapi.ListDashboards.Handle(s.listDashboards),
		cloudwatchapi.PutDashboard.Handle(s.putDashboard).Limited("kept and checked; nothing draws it"),
		cloudwatchapi.ListTagsForResource.Handle(s.listTagsForResource),
		cloudwatchapi.TagResource.Handle(s.tagResource),
		cloudwatchapi.UntagResource.Handle(s.untagResource),
	}
}
