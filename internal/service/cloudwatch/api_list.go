package cloudwatch

import (
	"context"
	"slices"
	"time"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/dataplane/series"
)

// listed is how long a metric without data is listed; recent is that of
// RecentlyActive.
const (
	listed = 14 * 24 * time.Hour
	recent = 3 * time.Hour
)

func (s *Service) listMetrics(_ context.Context, call *api.Call, in *cloudwatchapi.ListMetricsInput) (*cloudwatchapi.ListMetricsOutput, error) {
	if api.Val(in.IncludeLinkedAccounts) || in.OwningAccount != nil {
		return nil, cloudwatchapi.NewInvalidParameterValueException("The region has no cross-account observability.")
	}
	since := call.Now.Add(-listed)
	if in.RecentlyActive != nil {
		since = call.Now.Add(-recent)
	}
	var found []series.ID
	for _, id := range s.metrics.List(scopeOf(call).Prefix()) {
		if matches(id, in) && !s.metrics.Seen(id).Before(since) {
			found = append(found, id)
		}
	}
	found, next, err := paged(found, func(id *series.ID) string { return id.Key() }, in.NextToken, 500)
	if err != nil {
		return nil, err
	}
	out := &cloudwatchapi.ListMetricsOutput{NextToken: next, Metrics: []cloudwatchapi.Metric{}}
	for _, id := range found {
		out.Metrics = append(out.Metrics, cloudwatchapi.Metric{
			Namespace: &id.Space, MetricName: &id.Name, Dimensions: describeDimensions(id.Labels),
		})
	}
	return out, nil
}

// matches tells whether a metric passes the filters of ListMetrics: all dimensions
// that are named, with their values where those are given.
func matches(id series.ID, in *cloudwatchapi.ListMetricsInput) bool {
	if in.Namespace != nil && *in.Namespace != id.Space || in.MetricName != nil && *in.MetricName != id.Name {
		return false
	}
	for _, filter := range in.Dimensions {
		if !slices.ContainsFunc(id.Labels, func(l series.Label) bool {
			return l.Name == *filter.Name && (filter.Value == nil || l.Value == *filter.Value)
		}) {
			return false
		}
	}
	return true
}
