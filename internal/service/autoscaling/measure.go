package autoscaling

import (
	"time"

	"apex/internal/api"
	"apex/internal/api/autoscalingapi"
	"apex/internal/arn"
	"apex/internal/service/cloudwatch"
	"apex/internal/store"
)

// Cooldowns of a policy that names none (Application Auto Scaling user guide, of
// ECS).
const defaultCooldown = 300 * time.Second

// rules puts the policies of a target together with what their alarms say.
func (s *Service) rules(r store.Reader, t Target) []rule {
	scope, _ := arn.SplitKey(t.Key)
	var list []rule
	for _, p := range Policies.Prefix(r, t.Key+"|") {
		one := rule{Name: p.Spec.Name, Last: t.Status.Cooldowns[p.Spec.Name]}
		if p.Spec.TargetTracking != nil {
			one.Tracking = s.tracking(r, scope, p.Spec)
		} else {
			one.Step = s.step(r, scope, p.Spec)
		}
		list = append(list, one)
	}
	return list
}

func (s *Service) tracking(r store.Reader, scope arn.Scope, spec PolicySpec) *tracking {
	c := spec.TargetTracking
	t := &tracking{
		Target: api.Val(c.TargetValue), NoScaleIn: api.Val(c.DisableScaleIn),
		OutFor: s.cooldown(c.ScaleOutCooldown), InFor: s.cooldown(c.ScaleInCooldown),
		High: stateOf(r, scope, spec.alarmName("High")), Low: stateOf(r, scope, spec.alarmName("Low")),
	}
	if high, ok := cloudwatch.Alarms.Get(r, scope.Key(spec.alarmName("High"))); ok {
		t.Metric, t.Known = mean(s.values(scope, high, highPeriods))
	}
	return t
}

func stateOf(r store.Reader, scope arn.Scope, name string) alarm {
	state, _ := cloudwatch.StateOf(r, scope, name)
	return alarm{name, state}
}

func (s *Service) step(r store.Reader, scope arn.Scope, spec PolicySpec) *step {
	c := spec.Step
	one := &step{
		Adjustment: api.Val(c.AdjustmentType), Steps: c.StepAdjustments, Magnitude: api.Val(c.MinAdjustmentMagnitude), For: s.cooldown(c.Cooldown),
	}
	for _, a := range alarmsOf(r, scope, spec.ARN) {
		b := breach{alarm: stateOf(r, scope, a.Spec.Name)}
		if m := a.Spec.Metric; m != nil {
			var v float64
			v, b.Known = aggregate(api.Val(c.MetricAggregationType), s.values(scope, a, max(m.EvaluationPeriods, 1)))
			b.Over = v - m.Threshold
			b.Below = m.Comparison == "LessThanThreshold" || m.Comparison == "LessThanOrEqualToThreshold"
		}
		one.Alarms = append(one.Alarms, b)
	}
	return one
}

func (s *Service) cooldown(seconds *int64) time.Duration {
	d := defaultCooldown
	if seconds != nil {
		d = time.Duration(*seconds) * time.Second
	}
	return s.profile.CooldownFor(d)
}

// values are the last n periods of what an alarm watches, as far as they are
// known, the oldest first.
func (s *Service) values(scope arn.Scope, a cloudwatch.Alarm, n int) []float64 {
	seen, _ := s.alarms.Explain(scope, a.Spec.Name)
	var values []float64
	for _, p := range seen.Points[max(len(seen.Points)-n, 0):] {
		values = append(values, p.Value)
	}
	return values
}

func mean(values []float64) (float64, bool) {
	return aggregate(autoscalingapi.MetricAggregationTypeAverage, values)
}

// aggregate makes one value of a step policy's datapoints.
func aggregate(kind string, values []float64) (v float64, ok bool) {
	for i, each := range values {
		switch {
		case i == 0:
			v = each
		case kind == autoscalingapi.MetricAggregationTypeMinimum:
			v = min(v, each)
		case kind == autoscalingapi.MetricAggregationTypeMaximum:
			v = max(v, each)
		default:
			v += each
		}
	}
	if len(values) > 0 && kind != autoscalingapi.MetricAggregationTypeMinimum && kind != autoscalingapi.MetricAggregationTypeMaximum {
		v /= float64(len(values))
	}
	return v, len(values) > 0
}
