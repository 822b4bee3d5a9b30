package cloudwatch

import (
	"cmp"
	"slices"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/dataplane/series"
	"apex/internal/service/cloudwatch/statistic"
)

// labelsOf reads dimensions, in the order of their names.
func labelsOf(dimensions []cloudwatchapi.Dimension) ([]series.Label, error) {
	labels := []series.Label{}
	for _, d := range dimensions {
		labels = append(labels, series.Label{Name: *d.Name, Value: *d.Value})
	}
	slices.SortFunc(labels, func(a, b series.Label) int { return cmp.Compare(a.Name, b.Name) })
	for i := range len(labels) - 1 {
		if labels[i].Name == labels[i+1].Name {
			return nil, cloudwatchapi.NewInvalidParameterValueException("Invalid list of dimensions: %s is there twice.", labels[i].Name)
		}
	}
	return labels, nil
}

// checkPeriod refuses a period, in seconds, that CloudWatch has no slots for.
func checkPeriod(period int64) error {
	switch {
	case period == 1, period == 5, period == 10, period == 20, period == 30, period > 0 && period%60 == 0 && period <= 86400:
		return nil
	}
	return cloudwatchapi.NewInvalidParameterValueException("Invalid Period: %d: want 1, 5, 10, 20, 30 or a multiple of 60 up to 86400.", period)
}

// queriesOf reads metric math.
func queriesOf(queries []cloudwatchapi.MetricDataQuery) ([]Query, error) {
	var out []Query
	seen := map[string]bool{}
	for _, in := range queries {
		q := Query{
			ID: *in.Id, Expression: api.Val(in.Expression), Label: api.Val(in.Label),
			Hidden: !api.Or(in.ReturnData, true), Period: int(api.Val(in.Period)),
		}
		if err := checkQuery(in, seen); err != nil {
			return nil, err
		}
		if in.MetricStat != nil {
			stat, err := statOf(in.MetricStat)
			if err != nil {
				return nil, err
			}
			q.Stat = &stat
		}
		out = append(out, q)
	}
	return out, nil
}

func checkQuery(in cloudwatchapi.MetricDataQuery, seen map[string]bool) error {
	id := *in.Id
	switch {
	case !isIdentifier(id):
		return invalid("The value %s for parameter MetricDataQueries.member.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.", id)
	case seen[id]:
		return invalid("The values for parameter id in MetricDataQueries are not unique.")
	case (in.MetricStat == nil) == (in.Expression == nil):
		return invalid("The parameter MetricDataQueries.member of id %s must have either MetricStat or Expression.", id)
	case in.AccountId != nil:
		return invalid("MetricDataQueries.member.AccountId: the region has no cross-account observability.")
	case in.Period != nil && in.MetricStat != nil:
		return invalid("Period of %s belongs into its MetricStat.", id)
	}
	seen[id] = true
	if in.Period != nil {
		return checkPeriod(*in.Period)
	}
	return nil
}

func isIdentifier(id string) bool {
	for i, r := range id {
		letter := r >= 'a' && r <= 'z'
		more := letter || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_'
		if i == 0 && !letter || !more {
			return false
		}
	}
	return id != ""
}

func statOf(in *cloudwatchapi.MetricStat) (Stat, error) {
	if in.Metric.Namespace == nil || in.Metric.MetricName == nil {
		return Stat{}, invalid("MetricStat.Metric needs a Namespace and a MetricName.")
	}
	if err := checkPeriod(*in.Period); err != nil {
		return Stat{}, err
	}
	if _, err := statistic.Parse(*in.Stat); err != nil {
		return Stat{}, invalid("The value %s for parameter MetricStat.Stat is not supported.", *in.Stat)
	}
	labels, err := labelsOf(in.Metric.Dimensions)
	return Stat{
		Namespace: *in.Metric.Namespace, Name: *in.Metric.MetricName, Dimensions: labels,
		Period: int(*in.Period), Statistic: *in.Stat, Unit: api.Val(in.Unit),
	}, err
}
