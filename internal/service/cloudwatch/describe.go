package cloudwatch

import (
	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/arn"
	"apex/internal/dataplane/series"
)

// describeMetric returns a metric alarm as callers see it.
func describeMetric(scope arn.Scope, a Alarm) cloudwatchapi.MetricAlarm {
	spec, rule, state := a.Spec, a.Spec.Metric, a.state()
	out := cloudwatchapi.MetricAlarm{
		AlarmName: &spec.Name, AlarmArn: api.Ptr(AlarmARN(scope, spec.Name)), AlarmDescription: optional(spec.Description),
		AlarmConfigurationUpdatedTimestamp: &spec.Updated, ActionsEnabled: &spec.ActionsEnabled,
		OKActions: list(spec.OKActions), AlarmActions: list(spec.AlarmActions), InsufficientDataActions: list(spec.InsufficientActions),
		StateValue: &state.State, StateReason: &state.Reason, StateReasonData: optional(state.Data),
		StateUpdatedTimestamp: &state.Updated, StateTransitionedTimestamp: &state.Transitioned,
		EvaluationPeriods: api.Ptr(int64(rule.EvaluationPeriods)), DatapointsToAlarm: optionalInt(rule.DatapointsToAlarm),
		Threshold: &rule.Threshold, ComparisonOperator: &rule.Comparison,
		TreatMissingData: optional(rule.Missing), EvaluateLowSampleCountPercentile: optional(rule.LowSamples),
	}
	if state.Partial {
		out.EvaluationState = api.Ptr(cloudwatchapi.EvaluationStatePartialData)
	}
	if len(rule.Queries) > 0 {
		out.Metrics = describeQueries(rule.Queries)
		return out
	}
	stat := rule.Stat
	out.MetricName, out.Namespace, out.Unit = &stat.Name, &stat.Namespace, optional(stat.Unit)
	out.Period, out.Dimensions = api.Ptr(int64(stat.Period)), describeDimensions(stat.Dimensions)
	if isSimple(stat.Statistic) {
		out.Statistic = &stat.Statistic
	} else {
		out.ExtendedStatistic = &stat.Statistic
	}
	return out
}

// isSimple tells the statistics of the Statistic member from extended ones.
func isSimple(name string) bool {
	switch name {
	case "SampleCount", "Average", "Sum", "Minimum", "Maximum":
		return true
	}
	return false
}

// list returns a list that is there even if it is empty: clients compare.
func list(items []string) []string {
	if items == nil {
		return []string{}
	}
	return items
}

func describeDimensions(labels []series.Label) []cloudwatchapi.Dimension {
	out := []cloudwatchapi.Dimension{}
	for _, l := range labels {
		out = append(out, cloudwatchapi.Dimension{Name: &l.Name, Value: &l.Value})
	}
	return out
}

func describeQueries(queries []Query) []cloudwatchapi.MetricDataQuery {
	out := []cloudwatchapi.MetricDataQuery{}
	for _, q := range queries {
		one := cloudwatchapi.MetricDataQuery{
			Id: &q.ID, Expression: optional(q.Expression), Label: optional(q.Label),
			ReturnData: api.Ptr(!q.Hidden), Period: optionalInt(q.Period),
		}
		if s := q.Stat; s != nil {
			one.MetricStat = &cloudwatchapi.MetricStat{
				Metric: &cloudwatchapi.Metric{
					Namespace: &s.Namespace, MetricName: &s.Name, Dimensions: describeDimensions(s.Dimensions),
				},
				Period: api.Ptr(int64(s.Period)), Stat: &s.Statistic, Unit: optional(s.Unit),
			}
		}
		out = append(out, one)
	}
	return out
}

// describeComposite returns a composite alarm as callers see it.
func describeComposite(scope arn.Scope, a Alarm) cloudwatchapi.CompositeAlarm {
	spec, rule, state := a.Spec, a.Spec.Composite, a.state()
	out := cloudwatchapi.CompositeAlarm{
		AlarmName: &spec.Name, AlarmArn: api.Ptr(AlarmARN(scope, spec.Name)), AlarmDescription: optional(spec.Description),
		AlarmConfigurationUpdatedTimestamp: &spec.Updated, ActionsEnabled: &spec.ActionsEnabled, AlarmRule: &rule.Rule,
		OKActions: list(spec.OKActions), AlarmActions: list(spec.AlarmActions), InsufficientDataActions: list(spec.InsufficientActions),
		StateValue: &state.State, StateReason: &state.Reason, StateReasonData: optional(state.Data),
		StateUpdatedTimestamp: &state.Updated, StateTransitionedTimestamp: &state.Transitioned,
	}
	if rule.Suppressor != "" {
		out.ActionsSuppressor = &rule.Suppressor
		out.ActionsSuppressorWaitPeriod = api.Ptr(int64(rule.Wait))
		out.ActionsSuppressorExtensionPeriod = api.Ptr(int64(rule.Extension))
	}
	if s := state.Suppressed; s != nil {
		out.ActionsSuppressedBy, out.ActionsSuppressedReason = &s.By, &s.Reason
	}
	return out
}

// configuration is how history writes an alarm: in Terraform's and the API's
// member names, lower-camel as CloudWatch does.
func configuration(scope arn.Scope, a Alarm) map[string]any {
	spec := a.Spec
	out := map[string]any{
		"alarmName": spec.Name, "alarmArn": AlarmARN(scope, spec.Name), "alarmDescription": spec.Description,
		"actionsEnabled": spec.ActionsEnabled, "okActions": list(spec.OKActions), "alarmActions": list(spec.AlarmActions),
		"insufficientDataActions": list(spec.InsufficientActions), "stateValue": a.state().State,
		"stateUpdatedTimestamp": javaTime(a.state().Updated), "alarmConfigurationUpdatedTimestamp": javaTime(spec.Updated),
	}
	if rule := spec.Composite; rule != nil {
		out["alarmRule"] = rule.Rule
		return out
	}
	rule := spec.Metric
	out["evaluationPeriods"], out["threshold"] = rule.EvaluationPeriods, rule.Threshold
	out["comparisonOperator"], out["treatMissingData"] = rule.Comparison, rule.Missing
	if len(rule.Queries) == 0 {
		out["namespace"], out["metricName"], out["period"] = rule.Stat.Namespace, rule.Stat.Name, rule.Stat.Period
		out["statistic"], out["dimensions"] = rule.Stat.Statistic, describeDimensions(rule.Stat.Dimensions)
	}
	return out
}
