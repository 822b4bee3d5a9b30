package cloudwatch

import (
	"math"
	"time"

	"apex/internal/service/cloudwatch/statistic"
)

// extraPeriods is how many periods beyond an alarm's own are looked at, so that
// sparse data can be judged (CloudWatch: the evaluation range).
const extraPeriods = 2

// A point is what is known of one period.
type point struct {
	at      time.Time
	value   float64
	samples float64
	known   bool // false: the period has no datapoint
}

// A verdict is the state that an alarm ought to have. Keep means the one it has.
type verdict struct {
	state  string
	keep   bool
	reason string
	used   []point // the datapoints that were judged, the newest first
}

// breaches tells whether a value crosses the threshold.
func (r *MetricRule) breaches(v float64) bool {
	switch r.Comparison {
	case "GreaterThanOrEqualToThreshold":
		return v >= r.Threshold
	case "GreaterThanThreshold":
		return v > r.Threshold
	case "LessThanThreshold":
		return v < r.Threshold
	}
	return v <= r.Threshold
}

// needed is M, how many of the periods must breach.
func (r *MetricRule) needed() int {
	if r.DatapointsToAlarm > 0 {
		return r.DatapointsToAlarm
	}
	return r.EvaluationPeriods
}

// judge decides on an alarm's state. The points are those of the evaluation range,
// one for each period, the oldest first.
//
// If there are N datapoints in the range, the newest N are judged, however far
// apart they are. If there are fewer, all are, and the missing ones are made up as
// the alarm says (CloudWatch: how alarms treat missing data).
func judge(rule *MetricRule, points []point, current string) verdict {
	var real []point
	for i := len(points) - 1; i >= 0 && len(real) < rule.EvaluationPeriods; i-- {
		if points[i].known {
			real = append(real, points[i])
		}
	}
	if rule.LowSamples == "ignore" && tooFew(rule, real) {
		return verdict{keep: true}
	}
	breaching := 0
	for _, p := range real {
		if rule.breaches(p.value) {
			breaching++
		}
	}
	missing := rule.EvaluationPeriods - len(real)
	v := verdict{used: real, state: StateOK}
	switch {
	case breaching >= rule.needed():
		v.state = StateAlarm
	case missing == 0:
	case rule.Missing == "breaching":
		if breaching+missing >= rule.needed() {
			v.state = StateAlarm
		}
	case rule.Missing == "notBreaching", breaching < len(real):
		// As it should be, or a datapoint says that all is well.
	case rule.Missing == "ignore":
		return verdict{keep: true}
	case len(real) == 0:
		v.state = StateInsufficient
	case age(points) >= rule.needed():
		v.state = StateAlarm // all that is known breaches, and has for long enough
	default:
		return verdict{keep: true}
	}
	v.reason = reasonOf(rule, v, missing, current)
	return v
}

// age is how many periods ago the oldest datapoint is; the newest period is 1.
func age(points []point) int {
	for i, p := range points {
		if p.known {
			return len(points) - i
		}
	}
	return 0
}

// tooFew tells whether a percentile was computed of too few samples to mean
// anything: fewer than 10/(1-p), for p below a half 10/p.
func tooFew(rule *MetricRule, points []point) bool {
	stat, err := statistic.Parse(rule.Stat.Statistic)
	if err != nil || !stat.IsPercentile() || len(rule.Queries) > 0 {
		return false
	}
	share := stat.Percent() / 100
	need := 10 / math.Max(1-share, 1e-9)
	if share < 0.5 {
		need = 10 / math.Max(share, 1e-9)
	}
	for _, p := range points {
		if p.samples < need {
			return true
		}
	}
	return false
}
