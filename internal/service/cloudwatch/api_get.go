package cloudwatch

import (
	"context"
	"slices"
	"strconv"
	"time"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/service/cloudwatch/metricmath"
)

// The limits of GetMetricData (API reference).
const (
	maxQueries    = 500
	maxDatapoints = 100800
)

func (s *Service) getMetricData(_ context.Context, call *api.Call, in *cloudwatchapi.GetMetricDataInput) (*cloudwatchapi.GetMetricDataOutput, error) {
	if err := checkGet(in); err != nil {
		return nil, err
	}
	queries, err := queriesOf(in.MetricDataQueries)
	if err != nil {
		return nil, err
	}
	planned, err := planQueries(queries)
	if err != nil {
		return nil, err
	}
	r := newReading(planned, s.metrics, scopeOf(call).Prefix(), *in.StartTime, *in.EndTime)
	r.searches = true
	var found []metricmath.Series
	for _, q := range queries {
		if q.Hidden {
			continue
		}
		series, err := r.results(q)
		if err != nil {
			return nil, err
		}
		found = append(found, series...)
	}
	return answer(found, in)
}

func checkGet(in *cloudwatchapi.GetMetricDataInput) error {
	switch {
	case len(in.MetricDataQueries) == 0 || len(in.MetricDataQueries) > maxQueries:
		return invalid("The collection MetricDataQueries must have a size from 1 to %d.", maxQueries)
	case !in.StartTime.Before(*in.EndTime):
		return invalid("The parameter EndTime must be greater than StartTime.")
	case in.LabelOptions != nil && api.Or(in.LabelOptions.Timezone, "+0000") != "+0000":
		return invalid("LabelOptions.Timezone: labels of the region are in UTC.")
	}
	if n := api.Or(in.MaxDatapoints, 1); n < 1 || n > maxDatapoints {
		return invalid("MaxDatapoints must be from 1 to %d.", maxDatapoints)
	}
	return nil
}

// results computes what a query returns: one series, or those of an array.
func (r *reading) results(q Query) ([]metricmath.Series, error) {
	v, err := r.value(q.ID)
	if err != nil {
		return nil, asInvalid(err)
	}
	switch v := v.(type) {
	case metricmath.Series:
		v.ID = q.ID
		if q.Label != "" {
			v.Label = label(q.Label, v)
		} else if q.Expression != "" {
			v.Label = q.ID
		}
		return []metricmath.Series{v}, nil
	case metricmath.Array:
		all := slices.Clone(v)
		for i := range all {
			all[i].ID = q.ID
			if q.Label != "" {
				all[i].Label = label(q.Label, all[i])
			}
		}
		return all, nil
	}
	return nil, invalid("The expression of %s does not return a time series.", q.ID)
}

// asInvalid turns an error of metric math into the API's.
func asInvalid(err error) error {
	if fault, ok := err.(*metricmath.Error); ok {
		return invalid("%s", fault.Message)
	}
	return err
}

// answer writes the series, a page of datapoints at a time. The token is how many
// datapoints were given before.
func answer(found []metricmath.Series, in *cloudwatchapi.GetMetricDataInput) (*cloudwatchapi.GetMetricDataOutput, error) {
	skip := 0
	if in.NextToken != nil {
		n, err := strconv.Atoi(*in.NextToken)
		if err != nil || n < 0 {
			return nil, cloudwatchapi.NewInvalidNextToken("The next token is none that this operation gave")
		}
		skip = n
	}
	left, given := int(api.Or(in.MaxDatapoints, maxDatapoints)), skip
	out := &cloudwatchapi.GetMetricDataOutput{MetricDataResults: []cloudwatchapi.MetricDataResult{}, Messages: []cloudwatchapi.MessageData{}}
	descending := api.Or(in.ScanBy, "TimestampDescending") == "TimestampDescending"
	for _, s := range found {
		if skip > 0 && skip >= len(s.At) && len(s.At) > 0 {
			skip -= len(s.At)
			continue
		}
		first := skip
		last := min(len(s.At), first+left)
		skip = 0
		out.MetricDataResults = append(out.MetricDataResults, result(s, first, last, descending))
		left -= last - first
		given += last - first
		if last < len(s.At) {
			out.NextToken = api.Ptr(strconv.Itoa(given))
			return out, nil
		}
	}
	return out, nil
}

func result(s metricmath.Series, first, last int, descending bool) cloudwatchapi.MetricDataResult {
	one := cloudwatchapi.MetricDataResult{
		Id: &s.ID, Label: &s.Label, StatusCode: api.Ptr(cloudwatchapi.StatusCodeComplete),
		Timestamps: []time.Time{}, Values: []float64{},
	}
	if last < len(s.At) {
		one.StatusCode = api.Ptr(cloudwatchapi.StatusCodePartialData)
	}
	for i := first; i < last; i++ {
		from := i
		if descending {
			from = len(s.At) - 1 - i
		}
		one.Timestamps = append(one.Timestamps, time.Unix(s.At[from], 0).UTC())
		one.Values = append(one.Values, s.Values[from])
	}
	return one
}
