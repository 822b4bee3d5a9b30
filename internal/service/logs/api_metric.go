package logs

import (
	"context"
	"strconv"
	"strings"

	"apex/internal/api"
	"apex/internal/api/logsapi"
	"apex/internal/service/logs/pattern"
	"apex/internal/store"
)

// The bounds of metric filters (source: AWS's quotas).
const (
	maxMetricFilters = 100 // of a group
	maxDimensions    = 3
)

func (s *Service) putMetricFilter(ctx context.Context, call *api.Call, in *logsapi.PutMetricFilterRequest) (*logsapi.PutMetricFilterOutput, error) {
	if _, err := parsePattern(in.FilterPattern); err != nil {
		return nil, err
	}
	for _, to := range in.MetricTransformations {
		if err := checkTransformation(to); err != nil {
			return nil, err
		}
	}
	if strings.ContainsAny(*in.FilterName, ":*") {
		return nil, logsapi.NewInvalidParameterException("1 validation error detected: Value '%s' at 'filterName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*", *in.FilterName)
	}
	return nil, s.store.Update(ctx, func(tx *store.Tx) error {
		group, err := findStandard(tx, call, in.LogGroupName)
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
		} else if len(keysOf(tx, MetricFilters, group.Key)) >= maxMetricFilters {
			return logsapi.NewLimitExceededException("Resource limit exceeded.")
		}
		MetricFilters.Put(tx, filter)
		return nil
	})
}

// checkTransformation refuses what no metric can be made with.
func checkTransformation(to logsapi.MetricTransformation) error {
	value := api.Val(to.MetricValue)
	if _, err := strconv.ParseFloat(value, 64); err != nil && !strings.HasPrefix(value, "$") {
		return logsapi.NewInvalidParameterException("Invalid metric transformation: metricValue must be a number or a selector beginning with $")
	}
	if to.DefaultValue != nil && len(to.Dimensions) > 0 {
		return logsapi.NewInvalidParameterException("Invalid metric transformation: dimensions and default value are mutually exclusive properties.")
	}
	if len(to.Dimensions) > maxDimensions {
		return logsapi.NewInvalidParameterException("Invalid metric transformation: at most %d dimensions.", maxDimensions)
	}
	for name, selector := range to.Dimensions {
		if !strings.HasPrefix(selector, "$") {
			return logsapi.NewInvalidParameterException("Invalid metric transformation: dimension value of %s must be a selector beginning with $", name)
		}
	}
	return nil
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
	out.MetricFilters, out.NextToken, err = paged(all, func(f *logsapi.MetricFilter) string { return *f.LogGroupName + "\x00" + *f.FilterName }, in.NextToken, api.Or(in.Limit, 50))
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

func (s *Service) testMetricFilter(_ context.Context, _ *api.Call, in *logsapi.TestMetricFilterRequest) (*logsapi.TestMetricFilterResponse, error) {
	p, err := parsePattern(in.FilterPattern)
	if err != nil {
		return nil, err
	}
	out := &logsapi.TestMetricFilterResponse{Matches: []logsapi.MetricFilterMatchRecord{}}
	for i, message := range in.LogEventMessages {
		if match, ok := p.Find(message); ok {
			out.Matches = append(out.Matches, logsapi.MetricFilterMatchRecord{
				EventNumber: api.Ptr(int64(i + 1)), EventMessage: &message, ExtractedValues: p.Values(match),
			})
		}
	}
	return out, nil
}

// samples takes the metric's value and its dimensions, as labels, from a match;
// ok is false if one of them is not there.
func sample(to logsapi.MetricTransformation, match pattern.Match) (value float64, labels []string, ok bool) {
	text := api.Val(to.MetricValue)
	if strings.HasPrefix(text, "$") {
		if text, ok = match.Value(text); !ok {
			return 0, nil, false
		}
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, nil, false
	}
	for name, selector := range to.Dimensions {
		label, found := match.Value(selector)
		if !found || label == "" {
			return 0, nil, false
		}
		labels = append(labels, name, label)
	}
	return value, labels, true
}
