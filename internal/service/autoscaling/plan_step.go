package autoscaling

import (
	"math"
	"strconv"
	"time"

	"apex/internal/api"
	"apex/internal/api/autoscalingapi"
)

// step is a step scaling policy.
type step struct {
	Adjustment string // AdjustmentType
	Steps      []autoscalingapi.StepAdjustment
	Magnitude  int64 // least change of a percentage; 0 for none
	For        time.Duration
	Alarms     []breach
}

// A breach is an alarm that calls a step scaling policy, and how far its metric
// is over the alarm's threshold.
type breach struct {
	alarm
	Over  float64 // metric less threshold
	Known bool
	Below bool // the alarm is on when the metric is under its threshold
}

// wishes are what the policy wants for each alarm that is on.
func (s *step) wishes(in input, r rule, now time.Time) []wish {
	var all []wish
	for _, b := range s.Alarms {
		if b.State != stateAlarm || !b.Known {
			continue
		}
		adjustment, ok := s.find(b)
		if !ok {
			continue
		}
		w := wish{policy: r.Name, alarm: b.Name, capacity: s.apply(in.Capacity, adjustment)}
		switch {
		case w.capacity > in.Capacity:
			w.outward(in, r, s.For, now, func(base int64) int64 { return s.apply(base, adjustment) })
		case w.capacity < in.Capacity:
			w.inward(in, r, s.For, now)
		}
		all = append(all, w)
	}
	return all
}

// find returns the adjustment of the step that a breach lies in. A step holds its
// lower bound when the metric is above the threshold, and its upper bound when it
// is below (Application Auto Scaling user guide, Step scaling).
func (s *step) find(b breach) (int64, bool) {
	for _, a := range s.Steps {
		low, high := api.Or(a.MetricIntervalLowerBound, math.Inf(-1)), api.Or(a.MetricIntervalUpperBound, math.Inf(1))
		inside := b.Over >= low && b.Over < high
		if b.Below {
			inside = b.Over > low && b.Over <= high
		}
		if inside {
			return api.Val(a.ScalingAdjustment), true
		}
	}
	return 0, false
}

// apply changes a capacity by an adjustment.
func (s *step) apply(capacity, adjustment int64) int64 {
	switch s.Adjustment {
	case autoscalingapi.AdjustmentTypeExactCapacity:
		return adjustment
	case autoscalingapi.AdjustmentTypePercentChangeInCapacity:
		change := truncated(float64(capacity) * float64(adjustment) / 100)
		switch {
		case adjustment > 0:
			change = max(change, s.Magnitude)
		case adjustment < 0:
			change = min(change, -s.Magnitude)
		}
		return max(capacity+change, 0)
	}
	return max(capacity+adjustment, 0)
}

// truncated rounds a change towards zero, but never to none.
func truncated(change float64) int64 {
	switch {
	case change > 0 && change < 1:
		return 1
	case change < 0 && change > -1:
		return -1
	}
	return int64(change)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
