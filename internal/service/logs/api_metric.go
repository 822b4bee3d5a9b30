package logs

import (
	"context"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/store"
)

func (s *Service) putMetricFilter(ctx context.Context, call *api.Call, in *logsapi.PutMetricFilterRequest) (*logsapi.PutMetricFilterOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		group, err := findGroup(tx, call, in.LogGroupName, nil)
		if err != nil {
			return err
		}
		filter := MetricFilter{Key: streamKey(group.Key, *in.FilterName), Spec: logsapi.MetricFilter{
			FilterName: in.FilterName, FilterPattern: in.FilterPattern, LogGroupName: &group.Spec.Name,
			MetricTransformations: in.MetricTransformations, CreationTime: api.Ptr(call.Now.UnixMilli()),
			ApplyOnTransformedLogs: in.ApplyOnTransformedLogs, FieldSelectionCriteria: in.FieldSelectionCriteria,
		}}
		if old, ok := MetricFilters.Get(tx, filter.Key); ok {
			filter.Spec.CreationTime = old.Spec.CreationTime
		}
		MetricFilters.Put(tx, filter)
		return nil
	})
}

func (s *Service) describeMetricFilters(_ context.Context, call *api.Call, in *logsapi.DescribeMetricFiltersRequest) (*logsapi.DescribeMetricFiltersResponse, error) {
	snap, prefix := s.store.Snapshot(), scopeOf(call).Prefix()
	if in.LogGroupName != nil {
		group, err := findGroup(snap, call, in.LogGroupName, nil)
		if err != nil {
			return nil, err
		}
		prefix = streamKey(group.Key, api.Val(in.FilterNamePrefix))
	} else if in.FilterNamePrefix != nil {
		return nil, logsapi.NewInvalidParameterException("filterNamePrefix needs a logGroupName.")
	}
	if (in.MetricName == nil) != (in.MetricNamespace == nil) {
		return nil, logsapi.NewInvalidParameterException("metricName and metricNamespace must be given together.")
	}
	all := []logsapi.MetricFilter{}
	for _, filter := range MetricFilters.Prefix(snap, prefix) {
		to := filter.Spec.MetricTransformations[0]
		if in.MetricName == nil || *in.MetricName == api.Val(to.MetricName) && *in.MetricNamespace == api.Val(to.MetricNamespace) {
			all = append(all, filter.Spec)
		}
	}
	out, err := &logsapi.DescribeMetricFiltersResponse{}, error(nil)
	out.MetricFilters, out.NextToken, err = page(all, in.NextToken, api.Or(in.Limit, 50))
	return out, err
}

func (s *Service) deleteMetricFilter(ctx context.Context, call *api.Call, in *logsapi.DeleteMetricFilterRequest) (*logsapi.DeleteMetricFilterOutput, error) {
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		group, err := findGroup(tx, call, in.LogGroupName, nil)
		if err != nil {
			return err
		}
		if !MetricFilters.Delete(tx, streamKey(group.Key, *in.FilterName)) {
			return logsapi.NewResourceNotFoundException("The specified metric filter does not exist.")
		}
		return nil
	})
}
