package balancer

import (
	"slices"
	"time"
)

// What follows decides which targets get how much: functions of figures and
// times alone.

// failsOpen reports whether requests go to all targets, the unhealthy ones too,
// because too few are healthy: an answer from a doubtful target beats none.
func failsOpen(healthy, total int, least Threshold) bool {
	return healthy < max(least.Count, 1) || 100*healthy < least.Percent*total
}

// leastShare is what a target gets of a full share at the beginning of its slow
// start.
const leastShare = 0.01

// slowShare is what a target gets of a full share so long after its slow start
// began: it grows in a straight line over the given time.
func slowShare(elapsed, over time.Duration) float64 {
	if over <= 0 || elapsed >= over {
		return 1
	}
	return max(float64(elapsed)/float64(over), leastShare)
}

// ramps reports whether a target that has become healthy starts slowly: only
// beside one that carries a full share, and not if it was registered into a
// group that had no healthy target.
func ramps(over time.Duration, exempt bool, fullPeers int) bool {
	return over > 0 && !exempt && fullPeers > 0
}

// draw returns the index that a number r, random in [0, 1), falls on if each
// index has so much weight; -1 if none has any.
func draw(weights []float64, r float64) int {
	total, last := 0.0, -1
	for i, w := range weights {
		if total += w; w > 0 {
			last = i
		}
	}
	at := r * total
	for i, w := range weights {
		if at < w {
			return i
		}
		at -= w
	}
	return last // what rounding left over
}

// A tally is how many of a target's requests failed of late.
type tally struct{ requests, faults float64 }

// fade is what is left of a tally after a second: half of it after about five.
const fade = 0.87

func (t tally) after(requests, faults int64) tally {
	return tally{t.requests*fade + float64(requests), t.faults*fade + float64(faults)}
}

func (t tally) rate() float64 {
	if t.requests == 0 {
		return 0
	}
	return t.faults / t.requests
}

// The bounds of what counts as an anomaly. AWS does not publish its own.
const (
	fewestPeers   = 3    // healthy targets, below which there is nothing to compare with
	fewestSamples = 10   // requests that a target must have had
	faultFloor    = 0.05 // a rate of faults that is nothing to worry about
	faultFactor   = 3    // how many times the peers' rate is too much
)

// anomalies says which targets fail far more often than their peers. If most of
// them do, the fault is not theirs.
func anomalies(of []tally) []bool {
	odd, count := make([]bool, len(of)), 0
	if len(of) < fewestPeers {
		return odd
	}
	for i, t := range of {
		if t.requests < fewestSamples || t.rate() < faultFloor {
			continue
		}
		if t.rate() > faultFactor*medianRate(of, i) {
			odd[i] = true
			count++
		}
	}
	if 2*count > len(of) {
		clear(odd)
	}
	return odd
}

// medianRate is the lower median of the other targets' rates.
func medianRate(of []tally, without int) float64 {
	var rates []float64
	for i, t := range of {
		if i != without {
			rates = append(rates, t.rate())
		}
	}
	slices.Sort(rates)
	return rates[(len(rates)-1)/2]
}

const (
	leastWeight = 0.05 // an anomalous target keeps so much, lest nothing more is known of it
	recovery    = 0.05 // what a second brings back
)

// mitigated is a target's weight a second later: it falls by half while the
// target is anomalous and comes back slowly.
func mitigated(weight float64, anomalous bool) float64 {
	if anomalous {
		return max(weight/2, leastWeight)
	}
	return min(weight+recovery, 1)
}
