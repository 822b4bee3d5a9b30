package cloudwatch

import (
	"context"
	"iter"
	"slices"
	"strings"

	"apex/internal/api"
	"apex/internal/api/cloudwatchapi"
	"apex/internal/arn"
	"apex/internal/page"
	"apex/internal/store"
)

// pageOfAlarms is how many alarms a page holds unless MaxRecords says.
const pageOfAlarms = 50

func (s *Service) describeAlarms(_ context.Context, call *api.Call, in *cloudwatchapi.DescribeAlarmsInput) (*cloudwatchapi.DescribeAlarmsOutput, error) {
	if in.AlarmNames != nil && in.AlarmNamePrefix != nil {
		return nil, cloudwatchapi.NewInvalidParameterCombinationException("AlarmNames and AlarmNamePrefix must not be given together.")
	}
	snap, scope := s.store.Snapshot(), scopeOf(call)
	found, next, ok := page.Rows(func(after string) iter.Seq2[string, Alarm] {
		if in.AlarmNames != nil {
			return alarmsNamed(snap, scope, in.AlarmNames, after)
		}
		return Alarms.After(snap, scope.Key(api.Val(in.AlarmNamePrefix)), after)
	}, func(a Alarm) bool { return wanted(snap, scope, a, in) }, in.NextToken, int(api.Or(in.MaxRecords, pageOfAlarms)))
	if !ok {
		return nil, cloudwatchapi.NewInvalidNextToken("The next token is none that this operation gave")
	}
	out := &cloudwatchapi.DescribeAlarmsOutput{
		NextToken: next, MetricAlarms: []cloudwatchapi.MetricAlarm{}, CompositeAlarms: []cloudwatchapi.CompositeAlarm{},
	}
	for _, alarm := range found {
		if alarm.Spec.Metric != nil {
			out.MetricAlarms = append(out.MetricAlarms, describeMetric(scope, alarm))
		} else {
			out.CompositeAlarms = append(out.CompositeAlarms, describeComposite(scope, alarm))
		}
	}
	return out, nil
}

// alarmsNamed yields the alarms of the names that there are, in order.
func alarmsNamed(r store.Reader, scope arn.Scope, names []string, after string) iter.Seq2[string, Alarm] {
	return func(yield func(string, Alarm) bool) {
		for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
			alarm, ok := Alarms.Get(r, scope.Key(name))
			if ok && alarm.Key > after && !yield(alarm.Key, alarm) {
				return
			}
		}
	}
}

// wanted tells whether an alarm passes the filters of DescribeAlarms. Composite
// alarms want to be asked for by type.
func wanted(r store.Reader, scope arn.Scope, alarm Alarm, in *cloudwatchapi.DescribeAlarmsInput) bool {
	name := alarm.Spec.Name
	types := in.AlarmTypes
	if types == nil && in.ChildrenOfAlarmName == nil && in.ParentsOfAlarmName == nil {
		types = []string{"MetricAlarm"}
	}
	switch {
	case types != nil && !slices.Contains(types, alarm.Kind()):
		return false
	case in.AlarmNames != nil && !slices.Contains(in.AlarmNames, name):
		return false
	case in.StateValue != nil && alarm.state().State != *in.StateValue:
		return false
	case in.ActionPrefix != nil && !hasAction(alarm.Spec, *in.ActionPrefix):
		return false
	case in.ParentsOfAlarmName != nil && !slices.Contains(childrenOf(scope, alarm), nameOf(scope, *in.ParentsOfAlarmName)):
		return false
	}
	if in.ChildrenOfAlarmName != nil {
		parent, _ := Alarms.Get(r, scope.Key(nameOf(scope, *in.ChildrenOfAlarmName)))
		return slices.Contains(childrenOf(scope, parent), name)
	}
	return true
}

func hasAction(spec AlarmSpec, prefix string) bool {
	begins := func(action string) bool { return strings.HasPrefix(action, prefix) }
	return slices.ContainsFunc(spec.OKActions, begins) || slices.ContainsFunc(spec.AlarmActions, begins) ||
		slices.ContainsFunc(spec.InsufficientActions, begins)
}

func (s *Service) describeAlarmsForMetric(_ context.Context, call *api.Call, in *cloudwatchapi.DescribeAlarmsForMetricInput) (*cloudwatchapi.DescribeAlarmsForMetricOutput, error) {
	labels, err := labelsOf(in.Dimensions)
	if err != nil {
		return nil, err
	}
	out := &cloudwatchapi.DescribeAlarmsForMetricOutput{MetricAlarms: []cloudwatchapi.MetricAlarm{}}
	for _, alarm := range Alarms.Prefix(s.store.Snapshot(), scopeOf(call).Prefix()) {
		rule := alarm.Spec.Metric
		if rule == nil || len(rule.Queries) > 0 {
			continue
		}
		stat := rule.Stat
		if stat.Namespace == *in.Namespace && stat.Name == *in.MetricName && slices.Equal(stat.Dimensions, labels) &&
			(in.Period == nil || int(*in.Period) == stat.Period) && api.Or(in.Unit, stat.Unit) == stat.Unit &&
			api.Or(in.Statistic, stat.Statistic) == stat.Statistic && api.Or(in.ExtendedStatistic, stat.Statistic) == stat.Statistic {
			out.MetricAlarms = append(out.MetricAlarms, describeMetric(scopeOf(call), alarm))
		}
	}
	return out, nil
}

func (s *Service) deleteAlarms(ctx context.Context, call *api.Call, in *cloudwatchapi.DeleteAlarmsInput) (*cloudwatchapi.DeleteAlarmsOutput, error) {
	scope := scopeOf(call)
	return nil, s.update(ctx, func(tx *store.Tx) error {
		for _, name := range in.AlarmNames {
			alarm, ok := Alarms.Get(tx, scope.Key(name))
			if !ok {
				return cloudwatchapi.NewResourceNotFound("Unable to find alarm %s.", name)
			}
			if alarm.Spec.Composite != nil && len(in.AlarmNames) > 1 {
				return invalid("Only one composite alarm can be deleted per operation, and no metric alarm with it.")
			}
			if parents := parentsOf(tx, scope, name); len(parents) > 0 {
				return invalid("Cannot delete %s as there are composite alarm(s) depending on it: %s", name, strings.Join(parents, ", "))
			}
			deleteAlarm(tx, alarm, call.Now)
		}
		return nil
	})
}

func (s *Service) enableAlarmActions(ctx context.Context, call *api.Call, in *cloudwatchapi.EnableAlarmActionsInput) (*cloudwatchapi.EnableAlarmActionsOutput, error) {
	return nil, s.setActions(ctx, call, in.AlarmNames, true)
}

func (s *Service) disableAlarmActions(ctx context.Context, call *api.Call, in *cloudwatchapi.DisableAlarmActionsInput) (*cloudwatchapi.DisableAlarmActionsOutput, error) {
	return nil, s.setActions(ctx, call, in.AlarmNames, false)
}

// setActions turns actions on or off. Names that there are not are passed over,
// as AWS does.
func (s *Service) setActions(ctx context.Context, call *api.Call, names []string, on bool) error {
	return s.update(ctx, func(tx *store.Tx) error {
		for _, name := range names {
			alarm, ok := Alarms.Get(tx, scopeOf(call).Key(name))
			if !ok || alarm.Spec.ActionsEnabled == on {
				continue
			}
			spec := alarm.Spec
			spec.ActionsEnabled = on
			putAlarm(tx, alarm.Key, spec, call.Now)
		}
		return nil
	})
}

func (s *Service) setAlarmState(ctx context.Context, call *api.Call, in *cloudwatchapi.SetAlarmStateInput) (*cloudwatchapi.SetAlarmStateOutput, error) {
	data := api.Val(in.StateReasonData)
	if data != "" && !isJSON(data) {
		return nil, cloudwatchapi.NewInvalidFormatFault("StateReasonData is not valid JSON.")
	}
	return nil, s.update(ctx, func(tx *store.Tx) error {
		ok := Alarms.Modify(tx, scopeOf(call).Key(*in.AlarmName), func(alarm *Alarm) {
			alarm.Spec.Forced = &Forced{State: *in.StateValue, Reason: *in.StateReason, Data: data, At: call.Now}
		})
		if !ok {
			return cloudwatchapi.NewResourceNotFound("Unable to find alarm %s.", *in.AlarmName)
		}
		return nil
	})
}
