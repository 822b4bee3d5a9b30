package logs

import (
	"context"
	"log/slog"
	"time"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/dataplane/logfile"
	"apex/internal/dataplane/series"
	"apex/internal/service"
	"apex/internal/store"
)

// A Service serves the logs of all scopes.
type Service struct {
	env     service.Env
	store   *store.Store
	home    string
	log     *slog.Logger
	now     func() time.Time
	metrics *series.Store
	profile service.Profile
	writers *writers
	sweeper logfile.Sweeper
	running *runningQueries
	pauses  *pauses
	ended   chan struct{} // closed when the region stops, so that live tails end
}

// New returns the service.
func New(env service.Env) *Service {
	return &Service{
		env: env, store: env.Store, home: env.Home, log: env.Log, now: env.Now, metrics: env.Metrics, profile: env.Profile,
		writers: newWriters(), running: newRunningQueries(), pauses: newPauses(), ended: make(chan struct{}),
	}
}

// Stop closes the streams that PutLogEvents had open.
func (s *Service) Stop(context.Context) error { return s.writers.closeAll() }

// Routes returns the operations that the service answers.
func (s *Service) Routes() []api.Route {
	const (
		policies    = "services of the region write logs without them"
		unencrypted = "the key is kept; events are not encrypted with it"
	)
	return []api.Route{
		logsapi.CreateLogGroup.Handle(s.createLogGroup).Limited("KmsKeyId is kept; events are not encrypted with it"),
		logsapi.DescribeLogGroups.Handle(s.describeLogGroups),
		logsapi.DeleteLogGroup.Handle(s.deleteLogGroup),
		logsapi.PutRetentionPolicy.Handle(s.putRetentionPolicy),
		logsapi.DeleteRetentionPolicy.Handle(s.deleteRetentionPolicy),
		logsapi.CreateLogStream.Handle(s.createLogStream),
		logsapi.DescribeLogStreams.Handle(s.describeLogStreams),
		logsapi.DeleteLogStream.Handle(s.deleteLogStream),
		logsapi.PutLogEvents.Handle(s.putLogEvents).Limited("not into a stream that a running task writes"),
		logsapi.GetLogEvents.Handle(s.getLogEvents),
		logsapi.FilterLogEvents.Handle(s.filterLogEvents),
		logsapi.PutMetricFilter.Handle(s.putMetricFilter),
		logsapi.DescribeMetricFilters.Handle(s.describeMetricFilters),
		logsapi.DeleteMetricFilter.Handle(s.deleteMetricFilter),
		logsapi.TestMetricFilter.Handle(s.testMetricFilter),
		logsapi.PutSubscriptionFilter.Handle(s.putSubscriptionFilter).Limited("destinations: http and https URLs (an extension of ours), log groups, S3 buckets; no Kinesis, Firehose, Lambda, Destinations"),
		logsapi.DescribeSubscriptionFilters.Handle(s.describeSubscriptionFilters),
		logsapi.DeleteSubscriptionFilter.Handle(s.deleteSubscriptionFilter),
		logsapi.CreateExportTask.Handle(s.createExportTask),
		logsapi.DescribeExportTasks.Handle(s.describeExportTasks),
		logsapi.CancelExportTask.Handle(s.cancelExportTask),
		logsapi.PutResourcePolicy.Handle(s.putResourcePolicy).StoredOnly(policies),
		logsapi.DescribeResourcePolicies.Handle(s.describeResourcePolicies).StoredOnly(policies),
		logsapi.DeleteResourcePolicy.Handle(s.deleteResourcePolicy).StoredOnly(policies),
		logsapi.AssociateKmsKey.Handle(s.associateKMSKey).StoredOnly(unencrypted),
		logsapi.DisassociateKmsKey.Handle(s.disassociateKMSKey).StoredOnly(unencrypted),
		logsapi.PutLogGroupDeletionProtection.Handle(s.putLogGroupDeletionProtection),
		logsapi.StartLiveTail.HandleStream(s.startLiveTail).Limited("clients must not put stream- before the endpoint's name: apex env says how"),
		logsapi.StartQuery.Handle(s.startQuery).Limited("the language CWLI without pattern, diff, anomaly, unnest, filterIndex, lookup, join and SOURCE; count_distinct is exact up to 65,536 values, percentiles up to 4,096 and to one percent beyond"),
		logsapi.GetQueryResults.Handle(s.getQueryResults),
		logsapi.StopQuery.Handle(s.stopQuery),
		logsapi.DescribeQueries.Handle(s.describeQueries),
		logsapi.PutQueryDefinition.Handle(s.putQueryDefinition),
		logsapi.DescribeQueryDefinitions.Handle(s.describeQueryDefinitions),
		logsapi.DeleteQueryDefinition.Handle(s.deleteQueryDefinition),
		logsapi.GetLogGroupFields.Handle(s.getLogGroupFields),
		logsapi.GetLogRecord.Handle(s.getLogRecord),
		logsapi.TagResource.Handle(s.tagResource),
		logsapi.UntagResource.Handle(s.untagResource),
		logsapi.ListTagsForResource.Handle(s.listTagsForResource),
		logsapi.TagLogGroup.Handle(s.tagLogGroup),
		logsapi.UntagLogGroup.Handle(s.untagLogGroup),
		logsapi.ListTagsLogGroup.Handle(s.listTagsLogGroup),
	}
}
