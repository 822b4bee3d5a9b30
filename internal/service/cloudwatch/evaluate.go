package cloudwatch

import (
	"time"

	"apex/internal/arn"
	"apex/internal/dataplane/series"
	"apex/internal/service/cloudwatch/metricmath"
)

// settle is how long after the end of a period it is evaluated: until then its
// last samples may come.
const settle = 300 * time.Millisecond

// queries returns what the rule reads, as queries of which one is not hidden.
func (r *MetricRule) queries() []Query {
	if len(r.Queries) > 0 {
		return r.Queries
	}
	return []Query{{ID: "m", Stat: &r.Stat}}
}

// periodSeconds is the period that the rule was given.
func (r *MetricRule) periodSeconds() int { return periodOf(r.queries()) }

// period is the period that a rule is evaluated by.
func (s *Service) period(rule *MetricRule) time.Duration {
	return max(time.Second, s.profile.Period(time.Duration(rule.periodSeconds())*time.Second))
}

// evaluate reads what an alarm watches, up to the last period that has ended, and
// decides on its state.
func (s *Service) evaluate(alarm Alarm, now time.Time) (verdict, AlarmStatus) {
	rule, status := alarm.Spec.Metric, alarm.state()
	points, err := s.points(alarm, now)
	var found verdict
	if err != nil {
		found = verdict{state: StateInsufficient, reason: "Unable to evaluate the alarm: " + err.Error()}
	} else {
		found = judge(rule, points, status.State)
	}
	if found.keep || found.state == status.State {
		return found, alarm.Status
	}
	next := status
	next.State, next.Reason, next.Updated, next.Transitioned = found.state, found.reason, now, now
	next.Data = reasonData(rule, points, rule.Stat.Unit, rule.periodSeconds(), now)
	return found, next
}

// points reads the evaluation range of an alarm, one point for each period.
func (s *Service) points(alarm Alarm, now time.Time) ([]point, error) {
	rule := alarm.Spec.Metric
	period := s.period(rule)
	end := now.Add(-settle).Truncate(period)
	start := end.Add(-time.Duration(rule.EvaluationPeriods+extraPeriods) * period)
	planned, err := planQueries(rule.queries())
	if err != nil {
		return nil, err
	}
	reading := newReading(planned, s.metrics, scopeOfKey(alarm.Key).Prefix(), start, end)
	reading.period = func(seconds int) time.Duration {
		return max(time.Second, s.profile.Period(time.Duration(seconds)*time.Second))
	}
	for _, q := range rule.queries() {
		if q.Hidden {
			continue
		}
		results, err := reading.results(q)
		if err != nil {
			return nil, err
		}
		return pointsOf(results, reading.samples[q.ID], start, end, period), nil
	}
	return nil, invalid("no query returns data")
}

// pointsOf lays a series out over its periods. What an expression returns beyond
// one series is not looked at.
func pointsOf(results []metricmath.Series, samples map[int64]float64, start, end time.Time, period time.Duration) []point {
	var points []point
	for at := start; at.Before(end); at = at.Add(period) {
		p := point{at: at, samples: samples[at.Unix()]}
		if len(results) > 0 {
			for i, t := range results[0].At {
				if t == at.Unix() {
					p.value, p.known = results[0].Values[i], true
				}
			}
		}
		points = append(points, p)
	}
	return points
}

// An Explanation is what an alarm would decide now, for people: the datapoints of
// its evaluation range and the state they lead to.
type Explanation struct {
	Period time.Duration
	Points []series.Sample // known datapoints, the oldest first
	State  string          // empty: as it is
	Reason string
}

// Explain evaluates an alarm of a metric without changing it.
func (s *Service) Explain(scope arn.Scope, name string) (Explanation, bool) {
	alarm, ok := Alarms.Get(s.store.Snapshot(), scope.Key(name))
	if !ok || alarm.Spec.Metric == nil {
		return Explanation{}, false
	}
	out := Explanation{Period: s.period(alarm.Spec.Metric)}
	points, err := s.points(alarm, s.now())
	if err != nil {
		out.Reason = err.Error()
		return out, true
	}
	for _, p := range points {
		if p.known {
			out.Points = append(out.Points, series.Sample{At: p.at, Value: p.value, Count: p.samples})
		}
	}
	found := judge(alarm.Spec.Metric, points, alarm.state().State)
	out.State, out.Reason = found.state, found.reason
	return out, true
}
