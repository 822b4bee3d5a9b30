package cloudwatch

import (
	"context"
	"time"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/dataplane/series"
	"apex/internal/service/cloudwatch/statistic"
)

// maxStatisticPoints is how many datapoints GetMetricStatistics answers at most.
const maxStatisticPoints = 1440

func (s *Service) getMetricStatistics(_ context.Context, call *api.Call, in *cloudwatchapi.GetMetricStatisticsInput) (*cloudwatchapi.GetMetricStatisticsOutput, error) {
	if err := checkStatistics(in); err != nil {
		return nil, err
	}
	labels, err := labelsOf(in.Dimensions)
	if err != nil {
		return nil, err
	}
	extended := map[string]statistic.Statistic{}
	for _, name := range in.ExtendedStatistics {
		if extended[name], err = statistic.Parse(name); err != nil {
			return nil, invalid("%v", err)
		}
	}
	id := series.ID{Scope: scopeOf(call).Prefix(), Space: *in.Namespace, Name: *in.MetricName, Labels: labels}
	out := &cloudwatchapi.GetMetricStatisticsOutput{Label: in.MetricName, Datapoints: []cloudwatchapi.Datapoint{}}
	unit := unitOf(s.metrics, id)
	if in.Unit != nil && *in.Unit != unit {
		return out, nil
	}
	period := time.Duration(*in.Period) * time.Second
	for _, slot := range s.metrics.Read(id, in.StartTime.Truncate(period), *in.EndTime, period) {
		out.Datapoints = append(out.Datapoints, datapoint(&slot, unit, in.Statistics, extended))
	}
	return out, nil
}

func checkStatistics(in *cloudwatchapi.GetMetricStatisticsInput) error {
	if err := checkPeriod(*in.Period); err != nil {
		return err
	}
	switch {
	case len(in.Statistics) == 0 && len(in.ExtendedStatistics) == 0:
		return cloudwatchapi.NewMissingRequiredParameterException("Must specify either Statistics or ExtendedStatistics.")
	case !in.StartTime.Before(*in.EndTime):
		return invalid("The parameter StartTime must be less than the parameter EndTime.")
	}
	if points := int64(in.EndTime.Sub(*in.StartTime).Seconds()) / *in.Period; points > maxStatisticPoints {
		return cloudwatchapi.NewInvalidParameterCombinationException("You have requested up to %d datapoints, which exceeds the limit of %d. You may reduce the datapoints requested by increasing Period, or decreasing the time range.", points, maxStatisticPoints)
	}
	return nil
}

func datapoint(slot *series.Slot, unit string, simple []string, extended map[string]statistic.Statistic) cloudwatchapi.Datapoint {
	point := cloudwatchapi.Datapoint{Timestamp: &slot.Start, Unit: &unit}
	for _, name := range simple {
		switch name {
		case "SampleCount":
			point.SampleCount = &slot.Count
		case "Sum":
			point.Sum = &slot.Sum
		case "Minimum":
			point.Minimum = &slot.Min
		case "Maximum":
			point.Maximum = &slot.Max
		case "Average":
			point.Average = api.Ptr(slot.Sum / slot.Count)
		}
	}
	for name, stat := range extended {
		if v, ok := stat.Of(slot); ok {
			if point.ExtendedStatistics == nil {
				point.ExtendedStatistics = map[string]float64{}
			}
			point.ExtendedStatistics[name] = v
		}
	}
	return point
}
