package cloudwatch

import (
	"context"
	"strings"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/arn"
	"apex/internal/service/cloudwatch/statistic"
	"apex/internal/store"
	"apex/internal/tag"
)

// maxPerAccount bounds the alarms of an account and region (AWS: 5,000 metric
// alarms by default, raised on request).
const maxPerAccount = 5000

func (s *Service) putMetricAlarm(ctx context.Context, call *api.Call, in *cloudwatchapi.PutMetricAlarmInput) (*cloudwatchapi.PutMetricAlarmOutput, error) {
	rule, err := metricRuleOf(in)
	if err != nil {
		return nil, err
	}
	spec := AlarmSpec{
		Name: *in.AlarmName, Description: api.Val(in.AlarmDescription), ActionsEnabled: api.Or(in.ActionsEnabled, true),
		OKActions: in.OKActions, AlarmActions: in.AlarmActions, InsufficientActions: in.InsufficientDataActions,
		Metric: rule, Tags: tagsOf(in.Tags),
	}
	return nil, s.putChecked(ctx, call, spec)
}

// putChecked puts an alarm of a caller.
func (s *Service) putChecked(ctx context.Context, call *api.Call, spec AlarmSpec) error {
	if err := checkActions(spec); err != nil {
		return err
	}
	if err := spec.Tags.Validate(); err != nil {
		return invalid("%v", err)
	}
	key := scopeOf(call).Key(spec.Name)
	return s.update(ctx, func(tx *store.Tx) error {
		old, known := Alarms.Get(tx, key)
		if known && (old.Spec.Metric == nil) != (spec.Metric == nil) {
			return invalid("The alarm %s is a %s: its type cannot change.", spec.Name, old.Kind())
		}
		if !known && Alarms.Len(tx) >= maxPerAccount {
			return cloudwatchapi.NewLimitExceededFault("The maximum number of alarms, %d, has been reached.", maxPerAccount)
		}
		if spec.Composite != nil {
			if err := checkComposite(tx, scopeOf(call), spec); err != nil {
				return err
			}
		}
		putAlarm(tx, key, spec, call.Now)
		return nil
	})
}

// checkActions refuses an action that nothing here would carry out.
func checkActions(spec AlarmSpec) error {
	for _, actions := range [][]string{spec.OKActions, spec.AlarmActions, spec.InsufficientActions} {
		for _, action := range actions {
			name, err := arn.Parse(action)
			switch {
			case err != nil:
				return invalid("Invalid arn syntax: %s", action)
			case name.Service == "sns", name.Service == "autoscaling":
			default:
				return invalid("The action %s: alarms of the region notify SNS topics and scaling policies; %s actions are not built.", action, name.Service)
			}
		}
	}
	return nil
}

// metricRuleOf reads the rule of a metric alarm, and refuses what AWS does.
func metricRuleOf(in *cloudwatchapi.PutMetricAlarmInput) (*MetricRule, error) {
	rule := &MetricRule{
		EvaluationPeriods: int(*in.EvaluationPeriods), DatapointsToAlarm: int(api.Val(in.DatapointsToAlarm)),
		Threshold: api.Val(in.Threshold), Comparison: *in.ComparisonOperator,
		Missing: api.Val(in.TreatMissingData), LowSamples: api.Val(in.EvaluateLowSampleCountPercentile),
	}
	if err := checkRule(in, rule); err != nil {
		return nil, err
	}
	if in.Metrics != nil {
		return rule, readQueries(in, rule)
	}
	return rule, readStat(in, rule)
}

func checkRule(in *cloudwatchapi.PutMetricAlarmInput, rule *MetricRule) error {
	switch {
	case in.EvaluationCriteria != nil || in.EvaluationInterval != nil:
		return invalid("EvaluationCriteria and EvaluationInterval: alarms on queries are not built.")
	case in.ThresholdMetricId != nil || strings.Contains(rule.Comparison, "Lower") || strings.Contains(rule.Comparison, "Upper"):
		return invalid("Anomaly detection models are not built: alarms need a Threshold.")
	case in.Threshold == nil:
		return invalid("Exactly one of Threshold and ThresholdMetricId must be specified.")
	case rule.DatapointsToAlarm > rule.EvaluationPeriods:
		return invalid("The parameter 'DatapointsToAlarm' must be less than or equal to 'EvaluationPeriods'.")
	}
	switch rule.Missing {
	case "", "breaching", "notBreaching", "ignore", "missing":
	default:
		return cloudwatchapi.NewInvalidParameterValueException("TreatMissingData %s: want breaching, notBreaching, ignore or missing.", rule.Missing)
	}
	switch rule.LowSamples {
	case "", "evaluate", "ignore":
		return nil
	}
	return cloudwatchapi.NewInvalidParameterValueException("EvaluateLowSampleCountPercentile %s: want evaluate or ignore.", rule.LowSamples)
}

func readStat(in *cloudwatchapi.PutMetricAlarmInput, rule *MetricRule) error {
	switch {
	case in.MetricName == nil || in.Namespace == nil || in.Period == nil:
		return cloudwatchapi.NewMissingRequiredParameterException("The request must contain either the parameter Metrics, or MetricName, Namespace and Period.")
	case (in.Statistic == nil) == (in.ExtendedStatistic == nil):
		return cloudwatchapi.NewInvalidParameterCombinationException("Exactly one of Statistic and ExtendedStatistic must be specified.")
	}
	name := api.Or(in.Statistic, api.Val(in.ExtendedStatistic))
	if _, err := statistic.Parse(name); err != nil {
		return invalid("%v", err)
	}
	if err := checkSpan(*in.Period, rule); err != nil {
		return err
	}
	labels, err := labelsOf(in.Dimensions)
	rule.Stat = Stat{
		Namespace: *in.Namespace, Name: *in.MetricName, Dimensions: labels,
		Period: int(*in.Period), Statistic: name, Unit: api.Val(in.Unit),
	}
	return err
}

func readQueries(in *cloudwatchapi.PutMetricAlarmInput, rule *MetricRule) error {
	if in.MetricName != nil || in.Namespace != nil || in.Statistic != nil || in.ExtendedStatistic != nil || in.Dimensions != nil || in.Period != nil || in.Unit != nil {
		return cloudwatchapi.NewInvalidParameterCombinationException("The parameters MetricName, Namespace, Dimensions, Period, Unit, Statistic and ExtendedStatistic must not be given beside Metrics.")
	}
	queries, err := queriesOf(in.Metrics)
	if err != nil {
		return err
	}
	rule.Queries = queries
	returned := 0
	for _, q := range queries {
		if !q.Hidden {
			returned++
		}
	}
	if returned != 1 {
		return invalid("Exactly one element of the Metrics list should return data.")
	}
	if _, err := planQueries(queries); err != nil {
		return err
	}
	return checkSpan(int64(periodOf(queries)), rule)
}

// checkSpan refuses an alarm that looks back too far: a day, or a week of periods
// of an hour and more.
func checkSpan(period int64, rule *MetricRule) error {
	if err := checkPeriod(period); err != nil {
		return err
	}
	limit := int64(86400)
	if period >= 3600 {
		limit *= 7
	}
	if period*int64(rule.EvaluationPeriods) > limit {
		return invalid("Metrics cannot be checked across more than %d seconds (EvaluationPeriods * Period must be <= %d)", limit, limit)
	}
	return nil
}

func tagsOf(tags []cloudwatchapi.Tag) tag.Tags {
	out := tag.Tags{}
	for _, t := range tags {
		out[*t.Key] = *t.Value
	}
	return out
}
