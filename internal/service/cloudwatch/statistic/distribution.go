package statistic

import (
	"apex/internal/dataplane/series"
)

// distribution computes a statistic of the samples between two bounds.
func (s Statistic) distribution(slot *series.Slot) (float64, bool) {
	if !slot.Distributed() {
		return 0, false
	}
	count, sum := 0.0, 0.0
	if s.byValue {
		count, sum = between(slot, s.low, s.high)
	} else {
		count, sum = trimmed(slot, s.low/100*slot.Count, s.high/100*slot.Count)
	}
	switch s.kind {
	case trimmedCount:
		return count, true
	case trimmedSum:
		return sum, true
	case percentileRank:
		return 100 * count / slot.Count, true
	case winsorizedMean:
		return s.winsorized(slot), true
	}
	return sum / count, count > 0
}

// between counts and sums the samples whose values lie in (low, high].
func between(slot *series.Slot, low, high float64) (count, sum float64) {
	for value, n := range slot.Values() {
		if value > low && value <= high {
			count += n
			sum += n * value
		}
	}
	return count, sum
}

// trimmed counts and sums the samples that rank in (from, to], in the order of
// their values. A value may fall in part.
func trimmed(slot *series.Slot, from, to float64) (count, sum float64) {
	seen := 0.0
	for value, n := range slot.Values() {
		part := min(seen+n, to) - max(seen, from)
		if part > 0 {
			count += part
			sum += part * value
		}
		seen += n
	}
	return count, sum
}

// winsorized is the mean of all samples, those outside the bounds counted as if
// they lay on them.
func (s Statistic) winsorized(slot *series.Slot) float64 {
	low, high := s.low, s.high
	if !s.byValue {
		low, high = slot.Min, slot.Max
		if s.low > 0 {
			low, _ = slot.Percentile(s.low)
		}
		if s.high < 100 {
			high, _ = slot.Percentile(s.high)
		}
	}
	sum := 0.0
	for value, n := range slot.Values() {
		sum += n * min(max(value, low), high)
	}
	return sum / slot.Count
}
