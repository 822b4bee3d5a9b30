package cloudwatch

import (
	"context"
	"math"
	"strings"
	"time"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/dataplane/series"
)

// The limits of PutMetricData (API reference).
const (
	maxData   = 1000
	maxValues = 150
	oldest    = 14 * 24 * time.Hour
	newest    = 2 * time.Hour
	maxValue  = 1 << 120 * 1 << 120 * 1 << 120 // 2^360
)

// A datum is one of a request, read.
type datum struct {
	id      series.ID
	unit    string
	samples []series.Sample
	set     *series.Set
}

func (s *Service) putMetricData(_ context.Context, call *api.Call, in *cloudwatchapi.PutMetricDataInput) (*cloudwatchapi.PutMetricDataOutput, error) {
	if strings.HasPrefix(*in.Namespace, "AWS/") {
		return nil, cloudwatchapi.NewInvalidParameterValueException("The value AWS/ for parameter Namespace is invalid.")
	}
	if len(in.MetricData) > maxData {
		return nil, cloudwatchapi.NewInvalidParameterValueException("The collection MetricData must not have a size greater than %d.", maxData)
	}
	var all []datum
	for i := range in.MetricData {
		one, err := readDatum(call, *in.Namespace, &in.MetricData[i])
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	for _, d := range all { // all are good: none of a bad request is kept
		if err := s.keep(d); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (s *Service) keep(d datum) error {
	if d.set != nil {
		return s.metrics.AddSet(d.id, d.unit, *d.set)
	}
	return s.metrics.Add(d.id, d.unit, d.samples...)
}

func readDatum(call *api.Call, namespace string, in *cloudwatchapi.MetricDatum) (datum, error) {
	labels, err := labelsOf(in.Dimensions)
	if err != nil {
		return datum{}, err
	}
	d := datum{
		id:   series.ID{Scope: scopeOf(call).Prefix(), Space: namespace, Name: *in.MetricName, Labels: labels},
		unit: api.Val(in.Unit),
	}
	at := api.Or(in.Timestamp, call.Now)
	switch {
	case at.Before(call.Now.Add(-oldest)) || at.After(call.Now.Add(newest)):
		return d, cloudwatchapi.NewInvalidParameterValueException("The parameter MetricData.member.Timestamp must be no more than two weeks in the past and two hours in the future.")
	case in.StorageResolution != nil && *in.StorageResolution != 1 && *in.StorageResolution != 60:
		return d, cloudwatchapi.NewInvalidParameterValueException("StorageResolution must be 1 or 60.")
	}
	return d, d.fill(in, at)
}

// fill reads the values of a datum: one value, many with counts, or a set.
func (d *datum) fill(in *cloudwatchapi.MetricDatum, at time.Time) error {
	given := 0
	for _, is := range []bool{in.Value != nil, in.Values != nil, in.StatisticValues != nil} {
		if is {
			given++
		}
	}
	switch {
	case given == 0:
		return cloudwatchapi.NewMissingRequiredParameterException("At least one of the parameters must be specified: Value, Values, StatisticValues.")
	case given > 1:
		return cloudwatchapi.NewInvalidParameterCombinationException("The parameters Value, Values and StatisticValues are mutually exclusive.")
	case in.Counts != nil && len(in.Counts) != len(in.Values):
		return cloudwatchapi.NewInvalidParameterCombinationException("The parameters MetricData.member.Values and MetricData.member.Counts must be of the same size.")
	case len(in.Values) > maxValues:
		return cloudwatchapi.NewInvalidParameterValueException("The collection MetricData.member.Values must not have a size greater than %d.", maxValues)
	}
	if set := in.StatisticValues; set != nil {
		return d.fillSet(set, at)
	}
	values := in.Values
	if in.Value != nil {
		values = []float64{*in.Value}
	}
	for i, v := range values {
		sample := series.Sample{At: at, Value: v}
		if in.Counts != nil {
			if sample.Count = in.Counts[i]; sample.Count == 0 {
				continue
			}
		}
		if !sane(v) || !sane(sample.Count) || sample.Count < 0 {
			return insane("Value")
		}
		d.samples = append(d.samples, sample)
	}
	return nil
}

func (d *datum) fillSet(in *cloudwatchapi.StatisticSet, at time.Time) error {
	set := series.Set{At: at, Count: *in.SampleCount, Sum: *in.Sum, Min: *in.Minimum, Max: *in.Maximum}
	if !sane(set.Count) || !sane(set.Sum) || !sane(set.Min) || !sane(set.Max) || set.Count <= 0 {
		return insane("StatisticValues")
	}
	if set.Min > set.Max {
		return cloudwatchapi.NewInvalidParameterValueException("The parameter MetricData.member.StatisticValues has a Minimum greater than its Maximum.")
	}
	d.set = &set
	return nil
}

// sane tells the numbers that CloudWatch takes: no NaN, no infinity, -2^360 to
// 2^360.
func sane(v float64) bool { return math.Abs(v) <= maxValue }

func insane(member string) error {
	return cloudwatchapi.NewInvalidParameterValueException("The value of parameter MetricData.member.%s must be a number from -2^360 to 2^360.", member)
}
