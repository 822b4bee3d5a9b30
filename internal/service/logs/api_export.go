package logs

import (
	"cmp"
	"context"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/arn"
	"apex/internal/awsid"
	"apex/internal/page"
	"apex/internal/service/s3"
	"apex/internal/store"
)

// exportUnder is the prefix of an export's keys unless one is given.
const exportUnder = "exportedlogs"

func (s *Service) createExportTask(ctx context.Context, call *api.Call, in *logsapi.CreateExportTaskRequest) (*logsapi.CreateExportTaskResponse, error) {
	if *in.From > *in.To {
		return nil, logsapi.NewInvalidParameterException("From must not be after to.")
	}
	task := Export{Spec: ExportSpec{
		ID: awsid.UUID(), Name: api.Val(in.TaskName), StreamPrefix: api.Val(in.LogStreamNamePrefix),
		From: time.UnixMilli(*in.From), To: time.UnixMilli(*in.To),
		Bucket: *in.Destination, Under: strings.Trim(api.Or(in.DestinationPrefix, exportUnder), "/"), Created: call.Now,
	}}
	task.Key = scopeOf(call).Key(task.Spec.ID)
	return &logsapi.CreateExportTaskResponse{TaskId: &task.Spec.ID}, s.store.Update(ctx, func(tx *store.Tx) error {
		group, err := findStandard(tx, call, in.LogGroupName)
		if err != nil {
			return err
		}
		if b, ok := s3.Buckets.Get(tx, *in.Destination); !ok || b.Spec.Account != call.Account {
			return logsapi.NewInvalidParameterException("The given bucket does not exist. Please make sure the bucket is valid.")
		}
		for _, other := range Exports.Prefix(tx, scopeOf(call).Prefix()) {
			if !other.ended() {
				return logsapi.NewLimitExceededException("Resource limit exceeded.") // one at a time, as AWS
			}
		}
		task.Spec.Group = group.Key
		Exports.Put(tx, task)
		return nil
	})
}

func (e Export) code() string { return cmp.Or(e.Status.Code, logsapi.ExportTaskStatusCodePending) }

func (e Export) ended() bool { return e.Status.Code != "" }

func (s *Service) describeExportTasks(_ context.Context, call *api.Call, in *logsapi.DescribeExportTasksRequest) (*logsapi.DescribeExportTasksResponse, error) {
	all := []logsapi.ExportTask{}
	for _, task := range Exports.Prefix(s.store.Snapshot(), scopeOf(call).Prefix()) {
		if (in.TaskId == nil || *in.TaskId == task.Spec.ID) && (in.StatusCode == nil || *in.StatusCode == task.code()) {
			all = append(all, task.describe())
		}
	}
	if in.TaskId != nil && len(all) == 0 {
		return nil, logsapi.NewResourceNotFoundException("The specified export task does not exist.")
	}
	out, err := &logsapi.DescribeExportTasksResponse{}, error(nil)
	out.ExportTasks, out.NextToken, err = paged(all, func(e *logsapi.ExportTask) string {
		return page.Newest(time.UnixMilli(*e.ExecutionInfo.CreationTime), *e.TaskId)
	}, in.NextToken, api.Or(in.Limit, 50))
	return out, err
}

func (e Export) describe() logsapi.ExportTask {
	_, group := arn.SplitKey(e.Spec.Group)
	return logsapi.ExportTask{
		TaskId: &e.Spec.ID, TaskName: optional(e.Spec.Name), LogGroupName: &group, From: api.Ptr(e.Spec.From.UnixMilli()), To: api.Ptr(e.Spec.To.UnixMilli()),
		Destination: &e.Spec.Bucket, DestinationPrefix: &e.Spec.Under,
		Status:        &logsapi.ExportTaskStatus{Code: api.Ptr(e.code()), Message: optional(e.Status.Message)},
		ExecutionInfo: &logsapi.ExportTaskExecutionInfo{CreationTime: api.Ptr(e.Spec.Created.UnixMilli()), CompletionTime: milli(e.Status.Completed)},
	}
}

func (s *Service) cancelExportTask(ctx context.Context, call *api.Call, in *logsapi.CancelExportTaskRequest) (*logsapi.CancelExportTaskOutput, error) {
	key := scopeOf(call).Key(*in.TaskId)
	err := s.store.Update(ctx, func(tx *store.Tx) error {
		task, ok := Exports.Get(tx, key)
		if !ok {
			return logsapi.NewResourceNotFoundException("The specified export task does not exist.")
		}
		if task.ended() {
			return logsapi.NewInvalidOperationException("The specified export task has already finished.")
		}
		Exports.Modify(tx, key, func(own *Export) { own.Spec.Cancelled = true })
		return nil
	})
	if err == nil {
		s.running.cancel(key)
	}
	return nil, err
}
